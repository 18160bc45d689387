"""The settings ``bond`` and ``bond-port``."""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Draft, Settings
from linkhold.state.fields import Default, fields_of
from linkhold.state.forms import read_record
from linkhold.state.interfaces.bond import Bond, BondOptions, BondPortConfig, LinkAggregation
from linkhold.state.interfaces.common import Interface

SETTING: typing.Final = "bond"

_NAMES: typing.Final = {"balance_slb": "balance-slb"}
_FIELDS: typing.Final = {"num_unsol_na": "num_grat_arp", "balance-slb": "balance_slb"}
_NUMBERS: typing.Final = {"all_slaves_active": ("dropped", "delivered")}
"""Options that NetworkManager takes as the kernel's numbers only."""

_NEEDS: typing.Final = {"arp_ip_target", "arp_validate", "arp_all_targets"}
"""Refused by NetworkManager without an `arp_interval`."""


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Mode and options; with another mode the options of the old one go."""
    section, known = said.get("bond"), whole.get("bond")
    if section is UNSET or known is UNSET:
        return
    options: dict[str, str | None] = {}
    if section.mode is not UNSET:
        options["mode"] = section.mode
        held = current.get(SETTING, {}).get("options", {})
        if held.get("mode") != section.mode:
            fitting = known.options.fitting(section.mode) if known.options is not UNSET else BondOptions()
            options |= {key: None for key in held if key != "mode" and fitting.get(_FIELDS.get(key, key)) is UNSET}
    if section.options is not UNSET:
        options |= _options(section.options, known)
        options |= _monitor(known)
    if options:
        mode: dict[str, str | None] = {} if known.mode is UNSET else {"mode": known.mode}
        draft.put(SETTING, "options", {**mode, **options})


def _options(said: BondOptions, known: LinkAggregation) -> dict[str, str | None]:
    """As texts. What is at its default and without a meaning (in this mode, without a monitor) is not said."""
    fitting = said.fitting(known.mode) if isinstance(known.mode, str) else said
    monitored = isinstance(known.options, BondOptions) and known.options.arp_interval not in (UNSET, 0)
    texts: dict[str, str | None] = {}
    for name, value in fitting.said().items():
        default = fields_of(BondOptions)[name].marker(Default)
        idle = (name in _NEEDS and not monitored) or value == ""
        plain = default is not None and default.value == value
        empty = idle or (plain and name in ("arp_interval", "ad_actor_system"))
        texts[_NAMES.get(name, name)] = None if empty else _text(name, value)
    return texts


def _monitor(known: LinkAggregation) -> dict[str, str | None]:
    """The interval of carriers, where that is the only monitor: NetworkManager (`NM_SETTING_BOND_OPTION_MIIMON`) looks every
    100 ms where a profile says neither."""
    options = known.options if isinstance(known.options, BondOptions) else BondOptions()
    if options.miimon is UNSET or options.arp_interval not in (UNSET, 0):
        return {}
    return {"miimon": _text("miimon", options.miimon)}


def _text(name: str, value: typing.Any) -> str:
    if name in _NUMBERS:
        return str(_NUMBERS[name].index(value))
    return str(int(value)) if isinstance(value, bool) else str(value)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``bond``."""
    held = dict(settings.get(SETTING, {}).get("options", {}))
    raw = {_FIELDS.get(key, key): value for key, value in held.items() if key != "mode"}
    options = read_record(BondOptions, raw, (), Diagnostics())
    mode = held.get("mode", "balance-rr")
    known = read_record(LinkAggregation, {"mode": mode}, (), Diagnostics())
    said = {"mode": known.mode if known is not UNSET else UNSET}
    if options is not UNSET and options.said():
        said["options"] = options
    return {"bond": LinkAggregation(**said)}


def encode_port(name: str, controller: Interface, was: Interface | None, draft: Draft) -> None:
    """What a bond says of one of its ports."""
    config = _port(name, controller)
    if config is None or config == _port(name, was):
        return
    draft.put("bond-port", "queue-id", config.queue_id)
    draft.put("bond-port", "prio", config.priority)


def _port(name: str, controller: Interface | None) -> BondPortConfig | None:
    section = controller.bond if isinstance(controller, Bond) else UNSET
    listed = section.ports_config if isinstance(section, LinkAggregation) else UNSET
    return next((one for one in listed if one.name == name), None) if isinstance(listed, tuple) else None


def decode_port(settings: Settings, name: str) -> BondPortConfig | None:
    """What a port's profile says for its bond."""
    section = settings.get("bond-port")
    if section is None:
        return None
    return BondPortConfig(name=name, queue_id=section.get("queue-id", 0), priority=section.get("prio", 0))
