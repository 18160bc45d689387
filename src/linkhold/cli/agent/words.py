"""What people write for a host and for parameters, read. Mistakes are collected, to be told all at once."""

import json
import re
import typing

from linkhold.foundation.diagnostics import Diagnostics

PORT: typing.Final = 54321

Params = dict[str, typing.Any] | list[typing.Any]

_PLACE: typing.Final = re.compile(
    r"(?P<host>[^:\[\]]+)(:(?P<port>[0-9]{1,5}))?"
    r"|(?P<bare6>[^:\[\]]*(:[^:\[\]]*){2,})"
    r"|\[(?P<host6>[^\[\]]+)\](:(?P<port6>[0-9]{1,5}))?"
)
_CODE: typing.Final = "bad-call"


def place(text: str, diagnostics: Diagnostics) -> tuple[str, int]:
    """Host and port of ``name``, ``name:port``, ``address``, ``[address]`` or ``[address]:port``."""
    found = _PLACE.fullmatch(text)
    port = found and (found["port"] or found["port6"])
    if not found or (port and not 0 < int(port) < 65536):
        hint = "such as host1, host1:54321 or [2001:db8::1]:54321"
        diagnostics.error(_CODE, ("HOST[:PORT]",), f"'{text}' is no host with a port", hint=hint)
        return text, PORT
    return found["host"] or found["bare6"] or found["host6"], int(port) if port else PORT


def params(words: typing.Sequence[str], standard_input: typing.TextIO, diagnostics: Diagnostics) -> Params:
    """Parameters: one JSON text, or ``key=value`` words whose values are JSON, or text where they are none."""
    if len(words) == 1 and (words[0] == "-" or words[0].lstrip()[:1] in ("{", "[")):
        return _whole(standard_input.read() if words[0] == "-" else words[0], diagnostics)
    found: dict[str, typing.Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            hint = "name=value, or one JSON text such as '{\"name\": 1}'"
            diagnostics.error(_CODE, ("PARAMS",), f"'{word}' is neither JSON nor KEY=VALUE", hint=hint)
        found[key] = _value(value)
    return found


def _whole(text: str, diagnostics: Diagnostics) -> Params:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        diagnostics.error(_CODE, ("PARAMS",), f"not JSON: {wrong}", hint="an object or an array")
        return {}
    if not isinstance(value, dict | list):
        diagnostics.error(_CODE, ("PARAMS",), "neither an object nor an array", hint="'{\"name\": 1}' or '[1, 2]'")
        return {}
    return value


def _value(text: str) -> typing.Any:
    try:
        return json.loads(text)
    except ValueError:
        return text  # a word: nobody should have to quote it twice
