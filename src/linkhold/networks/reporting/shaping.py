"""Host QoS as reports tell it: the classes that are at work on a card or bond (vdsm's ``hostQos``)."""

import typing

from linkhold.networks.reporting.addresses import Entry
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.qos import Curve, Qos, QosClass, Share, number

UNTAGGED: typing.Final = -1


def classes(one: Interface) -> dict[int, Entry]:
    """By VLAN tag (`UNTAGGED` for all other frames) what each class may send, ``{"out": {…}}``."""
    section = one.qos
    listed = section.classes if isinstance(section, Qos) else ()
    if not isinstance(listed, tuple):
        return {}
    return {each.vlan if isinstance(each.vlan, int) else UNTAGGED: {"out": _curves(each)} for each in listed}


def shaped(one: Interface) -> Entry:
    """The key ``qos`` of its entry, where it shapes anything."""
    found = [{"hostQos": said, "vlan": tag} for tag, said in sorted(classes(one).items())]
    return {"qos": found} if found else {}


def _curves(each: QosClass) -> Entry:
    """Those that are said: weights for sharing, bit/s for the others; of each all three numbers, zeros too."""
    found = {"ls": each.link_share, "ul": each.upper_limit, "rt": each.real_time}
    return {key: _curve(curve) for key, curve in found.items() if isinstance(curve, Share | Curve)}


def _curve(curve: Share | Curve) -> Entry:
    return {"m1": number(curve.m1), "d": number(curve.d), "m2": number(curve.m2)}
