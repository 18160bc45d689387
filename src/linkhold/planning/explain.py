"""Why: the paths of the document that ask for each change."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.change import Difference
from linkhold.planning.compare import config
from linkhold.planning.draft import Draft
from linkhold.planning.merge_routes import matches as route_matches
from linkhold.planning.merge_routes import route_identity
from linkhold.planning.merge_rules import matches as rule_matches
from linkhold.planning.merge_rules import rule_identity
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState

_SECTIONS: typing.Final = {"dns": "dns-resolver.config", "hostname": "hostname", "ovs-db": "ovs-db", "ovn": "ovn"}
Causes = typing.Mapping[typing.Any, tuple[str, ...]]


def explain(drafts: list[Draft], desired: NetworkState, causes: Causes) -> None:
    """Give every draft its reasons."""
    said = {one.key: one for one in desired.interfaces} if isinstance(desired.interfaces, tuple) else {}
    for draft in drafts:
        if draft.subject == "interface":
            draft.reasons[:0] = _interface(draft, said.get(draft.key), causes.get(("interface", draft.key), ()))
        elif draft.subject in _SECTIONS:
            draft.because(_SECTIONS[draft.subject])
    _entries(
        [one for one in drafts if one.subject == "route"],
        config(desired.routes),
        "routes",
        route_identity,
        route_matches,
        causes,
    )
    _entries(
        [one for one in drafts if one.subject == "rule"],
        config(desired.rules),
        "route-rules",
        rule_identity,
        rule_matches,
        causes,
    )


def _interface(draft: Draft, said: Interface | None, causes: tuple[str, ...]) -> list[str]:
    """For a change in place: the fields that were said and differ; else what asked for the interface as a whole."""
    generic = f"interfaces[{draft.key[0]}]"
    if draft.action != "~" or said is None:
        return list(causes)
    keys = said.__dict__.keys()
    own = [
        _place(one.difference)
        for one in draft.found
        if _field(one.difference.path).replace("-", "_") in keys | {"state"}
    ]
    own = list(dict.fromkeys(own))
    others = [one for one in causes if one != generic]
    return [*own, *(one for one in others if one not in own)] or list(causes)


def _place(difference: Difference) -> str:
    """Where the document says so: of a list element that goes it is the list that says it."""
    path = difference.path
    return path[: path.rindex("[")] if difference.after is UNSET and path.endswith("]") else path


def _field(path: str) -> str:
    first = path[path.index("]") + 2 :].partition(".")[0].partition("[")[0]
    return {"link-aggregation": "bond", "802.1x": "ieee8021x"}.get(first, first)


def _entries(
    drafts: list[Draft],
    said: tuple[typing.Any, ...],
    section: str,
    identity: typing.Callable[[typing.Any], typing.Any],
    matches: typing.Callable[[typing.Any, typing.Any], bool],
    causes: Causes,
) -> None:
    if not drafts:
        return
    wanted = {identity(one): index for index, one in enumerate(said) if one.state != "absent"}
    filters = [(index, one) for index, one in enumerate(said) if one.state == "absent"]
    for draft in drafts:
        if draft.after is not UNSET and (index := wanted.get(identity(draft.after))) is not None:
            draft.because(f"{section}.config[{index}]")
        if draft.before is not UNSET and draft.before != draft.after:
            for number, pattern in filters:
                if matches(pattern, draft.before):
                    draft.because(f"{section}.config[{number}]")
                    break
        if not draft.reasons and draft.after is UNSET:
            name = (
                draft.before.get("next_hop_interface") if "next_hop_interface" in draft.before.field_names() else UNSET
            )
            for cause in causes.get(("interface", (name, "")), ()):
                draft.because(cause)
