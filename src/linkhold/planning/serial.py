"""A plan as plain data and back, exactly: what the journal holds.

Values carry their class (an interface its ``type``, which names it) and keep fields that documents do not print, secrets
included; whoever stores this protects it.
"""

import typing

from linkhold.foundation.record import Record
from linkhold.planning.change import Change, Difference, Level, Plan, Risk
from linkhold.planning.traits import traits_of
from linkhold.state.dns import DnsResolver
from linkhold.state.fields import HIDDEN
from linkhold.state.hostname import Hostname
from linkhold.state.interfaces import kind_class
from linkhold.state.interfaces.common import Interface
from linkhold.state.ovs import GlobalOvsDatabase, Ovn
from linkhold.state.routes import Route
from linkhold.state.rules import RouteRule

Plain = typing.Any

_CLASSES: typing.Final[dict[str, type[Record]]] = {
    "route": Route,
    "rule": RouteRule,
    "dns": DnsResolver,
    "hostname": Hostname,
    "ovs-db": GlobalOvsDatabase,
    "ovn": Ovn,
}
_ALREADY_PLAIN: typing.Final = frozenset({str, int, bool})


def to_plain(plan: Plan, *, secrets: bool = True) -> dict[str, Plain]:
    """Plain JSON data of a plan. Without `secrets` it is for reading only: they are replaced by `HIDDEN`."""
    said = plan.said()
    plain: dict[str, Plain] = {}
    if "changes" in said:
        plain["changes"] = [_change(one, secrets) for one in plan.changes]
    if "levels" in said:
        plain["levels"] = [[level.stage, list(level.changes)] for level in plan.levels]
    return plain


def from_plain(plain: dict[str, Plain]) -> Plan:
    """The plan that `to_plain` wrote.

    Raises:
        KeyError, TypeError: this is no such data.
    """
    said: dict[str, Plain] = {}
    if "changes" in plain:
        said["changes"] = tuple(_read_change(one) for one in plain["changes"])
    if "levels" in plain:
        said["levels"] = tuple(Level(stage=stage, changes=tuple(changes)) for stage, changes in plain["levels"])
    return Plan(**said)


def _change(change: Change, secrets: bool) -> dict[str, Plain]:
    plain = change.said()
    for side in ("before", "after"):
        if side in plain:
            plain[side] = value_to_plain(plain[side], secrets=secrets)
    if "differences" in plain:
        plain["differences"] = [_difference(one, secrets) for one in change.differences]
    if "reasons" in plain:
        plain["reasons"] = list(change.reasons)
    if "risks" in plain:
        plain["risks"] = [[one.kind, one.message] for one in change.risks]
    return plain


def _difference(one: Difference, secrets: bool) -> dict[str, Plain]:
    hidden = one.secret and not secrets
    return {name: HIDDEN if hidden and name in ("before", "after") else value for name, value in one.said().items()}


def _read_change(plain: dict[str, Plain]) -> Change:
    said = dict(plain)
    for side in ("before", "after"):
        if side in said:
            said[side] = _read_value(plain["subject"], said[side])
    if "differences" in said:
        said["differences"] = tuple(Difference(**one) for one in said["differences"])
    if "reasons" in said:
        said["reasons"] = tuple(said["reasons"])
    if "risks" in said:
        said["risks"] = tuple(Risk(kind=kind, message=message) for kind, message in said["risks"])
    return Change(**said)


def value_to_plain(value: Record, *, secrets: bool = True) -> dict[str, Plain]:
    """Plain data of one value, under the names that its class gives its fields (not those of documents)."""
    said = _record(value, secrets)
    return {"kind": value.kind, **said} if isinstance(value, Interface) else said


def _record(value: Record, secrets: bool) -> dict[str, Plain]:
    if secrets:
        return {name: _plain(inner, secrets) for name, inner in value.__dict__.items()}
    traits = traits_of(type(value))
    return {
        name: HIDDEN if traits[name].secret and not secrets else _plain(inner, secrets)
        for name, inner in value.said().items()
    }


def _plain(value: Plain, secrets: bool) -> Plain:
    if value.__class__ in _ALREADY_PLAIN:
        return value
    if isinstance(value, Record):
        return _record(value, secrets)
    if isinstance(value, tuple | list):
        return [_plain(one, secrets) for one in value]
    return value


def _read_value(subject: str, plain: dict[str, Plain]) -> typing.Any:
    if subject == "interface":
        said = dict(plain)
        return _read(kind_class(said.pop("kind")), said)
    return _read(_CLASSES[subject], plain)


def _read(cls: type[Record], plain: dict[str, Plain]) -> typing.Any:
    traits = traits_of(cls)
    said: dict[str, Plain] = {}
    for name, inner in plain.items():
        trait = traits[name]
        if trait.section:
            said[name] = _read(trait.section, inner)
        elif trait.element:
            said[name] = tuple(_read(trait.element, one) for one in inner)
        else:
            said[name] = _frozen(inner)
    return cls(**said)


def _frozen(value: Plain) -> Plain:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
