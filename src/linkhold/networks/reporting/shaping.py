"""Host QoS as reports tell it: the classes that are at work on a card or bond (vdsm's ``hostQos``)."""

import typing

from linkhold.networks.reporting.addresses import Entry
from linkhold.state.interfaces.common import Interface

UNTAGGED: typing.Final = -1
_CURVES: typing.Final = {"ls": "link_share", "ul": "upper_limit", "rt": "real_time"}
_PARTS: typing.Final = ("m1", "d", "m2")


def classes(one: Interface) -> dict[int, Entry]:
    """By VLAN tag (`UNTAGGED` for all other frames) what each class may send, ``{"out": {…}}``."""
    section = one.get("qos")
    listed = getattr(section, "classes", ())
    if not isinstance(listed, tuple):
        return {}
    return {_tag(each): {"out": _curves(each)} for each in listed}


def listed(one: Interface) -> Entry:
    """The key ``qos`` of its entry, where it shapes anything."""
    found = [{"hostQos": said, "vlan": tag} for tag, said in sorted(classes(one).items())]
    return {"qos": found} if found else {}


def _tag(each: typing.Any) -> int:
    return each.vlan if isinstance(each.vlan, int) else UNTAGGED


def _curves(each: typing.Any) -> Entry:
    """Those that are said; of each all three numbers, zeros too."""
    found = {key: each.get(field) for key, field in _CURVES.items()}
    return {key: _curve(curve) for key, curve in found.items() if hasattr(curve, "said")}


def _curve(curve: typing.Any) -> Entry:
    said = curve.said()
    return {part: said.get(part, 0) for part in _PARTS}
