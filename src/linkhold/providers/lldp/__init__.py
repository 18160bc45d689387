"""LLDP (IEEE 802.1AB) without a daemon of somebody else: a small listener, and what it heard as a part of the state."""

import typing

BASE: typing.Final = "/run/linkhold/lldp"
"""Where listener and commands meet (`folder`); not there where nothing was ever listened on."""
