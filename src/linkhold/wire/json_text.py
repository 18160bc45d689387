"""JSON read with bounds and written compactly (RFC 8259). Nothing that a peer sends raises anything but `Malformed`."""

import json
import math
import typing


class Malformed(Exception):
    """What was received is not what was agreed on. The message says what is wrong with it, never what it contains."""


MOST_DEPTH: typing.Final = 64
"""Arrays and objects within each other; the deepest request of the centre has about eight."""


def read(text: bytes, *, most_depth: int | None = MOST_DEPTH) -> typing.Any:
    """The value of a JSON text in UTF-8.

    Raises:
        Malformed: it is none, it holds a number that is none or out of range, or it nests deeper than `most_depth`
            (None: than Python's own limit, which is quicker to find out; for what comes from our own side).
    """
    try:
        value = json.loads(text.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
    except json.JSONDecodeError as wrong:
        raise Malformed(f"not JSON: {wrong.msg} at character {wrong.pos}") from None
    except ValueError:  # a number of more digits than Python converts
        raise Malformed("not JSON: a number out of range") from None
    if most_depth is not None and text.count(b"{") + text.count(b"[") > most_depth and _deeper_than(value, most_depth):
        raise Malformed("nested too deeply")
    return value


def write(value: object) -> bytes:
    """The shortest JSON text of a value, in ASCII.

    Raises:
        TypeError, ValueError: JSON can't say it. That is a mistake of the caller.
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise Malformed("not JSON: a number out of range")
    return number


def _refuse(name: str) -> typing.NoReturn:
    raise Malformed(f"not JSON: {name}")


def _deeper_than(value: object, levels: int) -> bool:
    """Whether containers nest deeper; goes through the levels one after the other, so that no depth can exhaust the stack."""
    level: list[typing.Any] = [value]
    for _ in range(levels):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not any(isinstance(one, dict | list) for one in level):
            return False
    return True
