"""Bonds: the ports and options of those that are named, in full (vdsm's `nmstate/bond.py`)."""

import typing

from linkhold.networks.configuration import Bonding
from linkhold.networks.translating.parts import Part, Plain
from linkhold.networks.translating.situation import Situation
from linkhold.state.fields import Default, Field, fields_of
from linkhold.state.forms import form_of
from linkhold.state.interfaces.bond import (
    CARRIER_INTERVAL,
    CARRIER_MODES,
    Bond,
    BondOptions,
    LinkAggregation,
    Mode,
)

USUAL_MODE: typing.Final = "balance-rr"
_MODES: typing.Final[tuple[str, ...]] = typing.get_args(Mode)


def parts(situation: Situation) -> list[Part]:
    """All bonds that are named, and those below named networks that somebody took away."""
    lost = {name: situation.after.bondings[name] for name in situation.bases if _is_lost(situation, name)}
    named = sorted({**lost, **situation.request.bondings}.items())
    return [part for name, bond in named for part in _bond(situation, name, bond)]


def _is_lost(situation: Situation, name: str) -> bool:
    return name in situation.after.bondings and situation.interface(name) is None


def mode_of(bond: Bonding) -> str:
    """The mode by its name (the kernel's numbers are the places in that list: `include/uapi/linux/if_bonding.h`)."""
    said = bond.options.get("mode", USUAL_MODE)
    return _MODES[int(said)] if said.isdigit() and int(said) < len(_MODES) else said


def _bond(situation: Situation, name: str, bond: Bonding | None) -> typing.Iterator[Part]:
    if bond is None:
        if situation.interface(name) is not None:
            yield Part(name, {"type": "bond", "state": "absent"})
        return
    asked = {key: value for key, value in bond.options.items() if key != "mode"}
    options = {**_put_back(situation, name, bond, asked), **asked}
    spread = {"mode": mode_of(bond), "port": sorted(bond.ports), **({"options": options} if options else {})}
    mac = {"mac-address": bond.hwaddr.upper()} if bond.hwaddr else {}
    yield Part(name, {"type": "bond", "state": "up", **mac, "link-aggregation": spread})


def _put_back(situation: Situation, name: str, bond: Bonding, asked: dict[str, str]) -> dict[str, Plain]:
    """What the bond has set and the request does not say, at its default: a request says all options that are not usual."""
    now = situation.interface(name)
    section = now.bond if isinstance(now, Bond) else None
    if not isinstance(section, LinkAggregation) or not isinstance(section.options, BondOptions):
        return {}
    mode = mode_of(bond)
    set_now = section.options.fitting(mode)
    fields = fields_of(BondOptions)
    usual = {key: _default(situation, mode, fields[key]) for key in set_now.said()}
    return {
        fields[key].key: value
        for key, value in sorted(usual.items())
        if value is not None and fields[key].key not in asked and _written(fields[key], set_now.get(key)) != value
    }


def _default(situation: Situation, mode: str, field: Field) -> Plain:
    """The default in this mode as a document says it; None where there is none to go back to."""
    if field.key == "miimon" and mode in CARRIER_MODES:
        return CARRIER_INTERVAL
    marker = field.marker(Default)
    return None if marker is None else _written(field, marker.value)


def _written(field: Field, value: Plain) -> Plain:
    return form_of(field).write(value, secrets=False)
