"""From the parameters of a call, by name or by position, to values by name."""

import typing

from linkhold.agent.schema import check
from linkhold.agent.table import Verb
from linkhold.foundation.diagnostics import Diagnostics, did_you_mean, spell, to_plain
from linkhold.wire.call import RpcError
from linkhold.wire.jsonrpc import INVALID_PARAMS


def arguments(verb: Verb, params: object) -> dict[str, typing.Any]:
    """The verb's parameters, checked against its schemas, defaults filled in.

    Raises:
        RpcError: −32602, with every mistake as a diagnostic.
    """
    found = Diagnostics()
    said = _by_name(verb, params, found)
    known = {one.name: one for one in verb.params}
    for name in said:
        if name not in known and not verb.lax:
            found.error("params", (name,), "is no parameter of this verb", hint=did_you_mean(name, known))
    values: dict[str, typing.Any] = {}
    for name, param in known.items():
        value = said.get(name)
        if value is not None:
            check(value, param.schema, (name,), found)
        elif param.needed:
            found.error("params", (name,), "is missing")
        else:
            value = param.default
        values[name] = value
    if found:
        raise _invalid(found)
    return values


def _by_name(verb: Verb, params: object, found: Diagnostics) -> dict[str, typing.Any]:
    if params is None:
        return {}
    if isinstance(params, dict):
        return params
    if not isinstance(params, list):
        found.error("params", (), "are neither a map nor a list")
        return {}
    if len(params) > len(verb.params) and not verb.lax:
        found.error("params", (), f"are {len(params)}, and the verb takes at most {len(verb.params)}")
    return {param.name: value for param, value in zip(verb.params, params, strict=False)}


def _invalid(found: Diagnostics) -> RpcError:
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    where = spell(first.path)
    expected = f"; expected {first.expected}" if first.expected else ""
    message = f"Invalid params: {where} {first.message}{expected}{more}"
    return RpcError(INVALID_PARAMS, message, {"diagnostics": to_plain(found)})
