"""What the providers here can't do, of what the plan would really change."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key
from linkhold.foundation.record import UNSET, Record
from linkhold.planning.change import Difference
from linkhold.planning.diff import Found
from linkhold.planning.draft import Draft
from linkhold.planning.owning import Capabilities, Responsible
from linkhold.planning.paths import bare, below, steps
from linkhold.planning.traits import traits_of

_SECTIONS: typing.Final = {
    "route": "routes",
    "rule": "route-rules",
    "dns": "dns-resolver",
    "hostname": "hostname",
    "ovs-db": "ovs-db",
    "ovn": "ovn",
}


UNSUPPORTED: typing.Final = "unsupported"
"""The code of diagnostics that blame this host, not the document."""


class Inability(typing.Protocol):
    """See `providers.contract.Inability`."""

    kind: str
    path: str
    reason: str
    severity: typing.Literal["error", "warning"]
    unless: str


class Feasible(typing.NamedTuple):
    """The drafts without what is left out with a warning, and the paths of that. Where something is refused (an error
    says so) the drafts are good for showing only."""

    drafts: list[Draft]
    waived: tuple[str, ...]


_Relevant = dict[tuple[str, str], list[tuple[str, typing.Any]]]


def feasible(drafts: list[Draft], responsible: Responsible, found: Diagnostics) -> Feasible:
    """Judge each draft. What a provider can't do with no more than a warning is taken out of it."""
    kept: list[Draft] = []
    waived: list[str] = []
    relevant: _Relevant = {}
    for draft in drafts:
        provider = responsible.of(draft)
        if provider is None:
            _refuse(draft, responsible, found)
            kept.append(draft)
            continue
        before = len(draft.found)
        if draft.after is not UNSET:
            for inability in _met(draft, provider, responsible, relevant):
                waived += _weigh(draft, inability, found)
        if draft.found or not before or draft.action != "~":
            kept.append(draft)
    return Feasible(kept, tuple(waived))


def _refuse(draft: Draft, responsible: Responsible, found: Diagnostics) -> None:
    if draft.subject != "interface":
        message = f"no provider on this host carries out {_SECTIONS[draft.subject]}"
        found.error(UNSUPPORTED, (_SECTIONS[draft.subject],), message)
        return
    interface = draft.before if draft.after is UNSET else draft.after
    reasons = responsible.reasons(interface)
    message = f"no provider on this host can set up interfaces of kind {interface.kind}"
    at = ("interfaces", Key(interface.name), "type")
    found.error(UNSUPPORTED, at, f"{message}: {'; '.join(reasons)}" if reasons else message)


def _met(draft: Draft, provider: Capabilities, responsible: Responsible, relevant: _Relevant) -> list[typing.Any]:
    """The inabilities that may matter: those for its kind (`relevant` keeps them) that begin as something that differs, and
    that nobody else makes up for."""
    kind = draft.after.kind if draft.subject == "interface" else ""
    key = provider.provider, kind
    if key not in relevant:
        completed = responsible.completed(provider)
        relevant[key] = [
            (_first(one.path), one)
            for one in provider.inabilities
            if one.kind in ("", kind) and (one.unless or one.path not in completed)
        ]
    differing = {_first(bare(one.difference.path)) for one in draft.found}
    return [inability for first, inability in relevant[key] if first in differing]


def _first(path: str) -> str:
    return path.partition(".")[0]


def _weigh(draft: Draft, inability: Inability, found: Diagnostics) -> list[str]:
    if inability.unless and _is_so(draft.after, inability.unless):
        return []
    hit = [one for one in draft.found if below(bare(one.difference.path), inability.path)]
    if inability.severity == "error":
        hit += [one for one in draft.found if _within(one.difference, inability.path)]
    if not any(_asks(one) for one in hit):
        return []
    at = steps(hit[0].difference.path)
    if inability.severity == "error":
        found.error(UNSUPPORTED, at, inability.reason)
        return []
    found.warning(UNSUPPORTED, at, f"{inability.reason}; left out")
    draft.found = [one for one in draft.found if one not in hit]
    return [one.difference.path for one in hit]


def _is_so(value: typing.Any, condition: str) -> bool:
    path, _, word = condition.partition("=")
    for key in path.split("."):
        trait = next((name for name, one in traits_of(type(value)).items() if one.key == key), "")
        value = value.get(trait) if trait else UNSET
        if not isinstance(value, Record):
            return value is True or (value == word and bool(word)) or (word == "*" and value is not UNSET)
    return False


def _asks(one: Found) -> bool:
    """Whether a difference asks for anything: the absence of a field, or what absence means (no DHCP), does not."""
    after = one.difference.after
    return after is not UNSET and after != one.trait.plain(one.trait.default)


def _within(difference: Difference, path: str) -> bool:
    """Whether a difference that is told whole (a new element of a list) says something at a bare path inside it."""
    inside = path.removeprefix(f"{bare(difference.path)}.")
    return inside != path and _says(difference.after, inside.split("."))


def _says(plain: typing.Any, keys: list[str]) -> bool:
    if isinstance(plain, list):
        return any(_says(element, keys) for element in plain)
    if not isinstance(plain, dict) or keys[0] not in plain:
        return False
    return len(keys) == 1 or _says(plain[keys[0]], keys[1:])
