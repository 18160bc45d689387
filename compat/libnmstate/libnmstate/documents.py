"""Documents as callers give them: whatever `json` can spell, untouched by us."""

import json
import typing


def plain(state: object) -> typing.Any:
    """A copy of a caller's state in plain data: tuples become lists, keys texts.

    Raises:
        TypeError: it holds what JSON can't spell.
    """
    return json.loads(json.dumps(state))
