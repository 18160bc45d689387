"""Scripts that belong to an interface, run by us when it goes up and after it went down."""

import typing

BASE: typing.Final = "/run/linkhold/dispatch"
"""Where they are kept (`folder`); not there where nobody has any."""
