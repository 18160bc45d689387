"""The description of the agent's verbs for programs: an OpenRPC document (spec.open-rpc.org, 1.3.2), made from the table."""

import typing

from linkhold.agent.dispatch import FORBIDDEN
from linkhold.agent.table import Param, Verb
from linkhold.networks import codes
from linkhold.wire.jsonrpc import INTERNAL_ERROR, INVALID_PARAMS, UNKNOWN_METHOD

VERSION: typing.Final = "1.3.2"

MEANINGS: typing.Final[dict[int, str]] = {
    codes.LOST_CONNECTION: "The centre was not heard over the new network in time; everything was taken back",
    codes.BAD_PARAMS: "The request does not make sense",
    codes.BAD_ADDR: "An address, netmask or gateway is wrong or incomplete",
    codes.BAD_INTERFACE: "A card that is named does not exist",
    codes.USED_INTERFACE: "A card would be used twice",
    codes.BAD_BONDING: "A bond's name, ports or options are wrong",
    codes.BAD_VLAN: "A VLAN is out of range, or has nothing to ride on",
    codes.BAD_BRIDGE: "A network's name is wrong, or it does not exist",
    codes.FAILED_IFUP: "The host could not be made so; it is as it was before",
    codes.USED_BOND: "A bond that is to go is used by a network",
    codes.OVS_CONNECTION: "Open vSwitch is not to be reached",
    codes.UNAVAILABLE: "Another request is being carried out",
    codes.HOOK: "A script refused, or failed",
    codes.RECOVERY: "The executor is not there (yet)",
    codes.EXHAUSTED: "Too many requests wait already",
    INVALID_PARAMS: "The parameters do not follow the verb's schema",
    UNKNOWN_METHOD: "There is no such verb",
    INTERNAL_ERROR: "A fault of the agent's own",
    FORBIDDEN: "Whose certificate this is may not call",
}
"""Code → what it means; those of vdsm's keep its numbers."""


def document(verbs: typing.Iterable[Verb]) -> dict[str, typing.Any]:
    """The whole description."""
    return {
        "openrpc": VERSION,
        "info": {
            "title": "Linkhold's agent",
            "description": "JSON-RPC 2.0 over STOMP 1.2 over mutual TLS. Errors carry diagnostics in their data.",
            "version": "1",
            "license": {"name": "Apache-2.0"},
        },
        "methods": [_method(one) for one in verbs],
        "components": {"errors": {str(code): {"code": code, "message": text} for code, text in MEANINGS.items()}},
    }


def _method(verb: Verb) -> dict[str, typing.Any]:
    errors = (*verb.errors, *((INVALID_PARAMS,) if verb.params else ()))
    return {
        "name": verb.name,
        "summary": verb.summary,
        "paramStructure": "either",
        "params": [_param(one) for one in verb.params],
        "result": {"name": verb.result_name, "schema": verb.result},
        "errors": [{"$ref": f"#/components/errors/{code}"} for code in dict.fromkeys(errors)],
    }


def _param(param: Param) -> dict[str, typing.Any]:
    schema = param.schema if param.default is None else {**param.schema, "default": param.default}
    return {"name": param.name, "summary": param.summary, "required": param.needed, "schema": schema}
