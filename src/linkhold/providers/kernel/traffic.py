"""How the classes of a document's section ``qos`` lie in the kernel, in both directions.

Root ``hfsc`` with handle 1389: and default class 1389:1388; below it one class for each tag, whose minor number is the tag;
`basic` filters by tag with the tag as preference, one `u32` filter that matches all for the default class; a ``fq_codel`` in
each class. It is the shape that vdsm gives it (`lib/vdsm/network/tc`, `configurators/qos.py`), so either reads the other's.
Rates are bit/s in documents and bytes/s in the kernel; a weight is the kernel's number as it is.
"""

from __future__ import annotations

import errno

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.netlink import filter as filters
from linkhold.providers.kernel.netlink import hfsc, qdisc
from linkhold.providers.kernel.netlink.socket import Refusal
from linkhold.state.interfaces.qos import Curve, Qos, QosClass, Share, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from linkhold.providers.kernel.netlink.filter import FilterMessage
    from linkhold.providers.kernel.netlink.qdisc import QdiscMessage
    from linkhold.providers.kernel.netlink.socket import Netlink

ROOT = 0x1389 << 16
DEFAULT = 0x1388
DEFAULT_PREFERENCE = 5000
LEAF = "fq_codel"
_BITS = 8
_CURVES: tuple[tuple[str, int, type[Curve] | type[Share], int], ...] = (
    ("link_share", hfsc.TCA_HFSC_FSC, Share, 1),
    ("upper_limit", hfsc.TCA_HFSC_USC, Curve, _BITS),
    ("real_time", hfsc.TCA_HFSC_RSC, Curve, _BITS),
)
"""Field, attribute, class, and how many of the document's units make one of the kernel's."""


def disciplines(netlink: Netlink, index: int = 0) -> list[QdiscMessage]:
    """Those of all links, or of one; none on a kernel without any. Raises Refusal, Malformed."""
    try:
        return qdisc.dump(netlink, index=index)
    except Refusal as refusal:
        if refusal.errno == errno.EOPNOTSUPP:
            return []
        raise


def is_ours(root: QdiscMessage) -> bool:
    """Whether a root discipline is the one that is described here."""
    return root.is_root and root.kind == hfsc.KIND and root.handle == ROOT and hfsc.default_of(root) == DEFAULT


def is_foreign(root: QdiscMessage) -> bool:
    """Whether somebody else has set a root discipline up. What the kernel gives by itself has no handle
    (`attach_default_qdiscs`: noqueue, mq, fq_codel, …)."""
    return root.is_root and bool(root.handle) and not is_ours(root)


def minor(one: QosClass) -> int:
    """The minor number of a class."""
    return one.vlan if isinstance(one.vlan, int) else DEFAULT


def encode(one: QosClass) -> dict[int, hfsc.Numbers]:
    """The curves of a class."""
    found: dict[int, hfsc.Numbers] = {}
    for field, attribute, _, unit in _CURVES:
        curve = one.get(field)
        if curve is not UNSET:
            found[attribute] = number(curve.m1) // unit, number(curve.d), number(curve.m2) // unit
    return found


def decode(vlan: int, curves: dict[int, hfsc.Numbers]) -> QosClass:
    """A class by its minor number and its curves; numbers that are zero are not said."""
    said: dict[str, Any] = {} if vlan == DEFAULT else {"vlan": vlan}
    for field, attribute, cls, unit in _CURVES:
        if attribute in curves:
            first, time, second = curves[attribute]
            told = {"m1": first * unit, "d": time, "m2": second * unit}
            said[field] = cls(**{name: value for name, value in told.items() if value})
    return QosClass(**said)


class Present:
    """What there is on one link: the classes below our root, their filters, their leaves."""

    __slots__ = ("classes", "filters", "leaves")

    def __init__(
        self, classes: Iterable[QdiscMessage], filters_: Iterable[FilterMessage], leaves: Iterable[QdiscMessage]
    ) -> None:
        self.classes = {
            one.handle & 0xFFFF: hfsc.curves(one) for one in classes if one.parent == ROOT and one.handle != ROOT
        }
        self.filters = [one for one in filters_ if one.preference]
        self.leaves = {one.parent & 0xFFFF: one.kind for one in leaves if one.parent & 0xFFFF0000 == ROOT}

    @property
    def complete(self) -> set[int]:
        """The minor numbers of classes that lack nothing: frames are led into them, and the default one has its queue.

        What was made in part (by a process that died) is seen by this: queues are made before filters.
        """
        led_to = {one.vlan for one in self.filters if one.vlan and one.class_handle == ROOT | one.vlan}
        return self.classes.keys() & (led_to | (self.leaves.keys() & {DEFAULT}))

    @property
    def section(self) -> Qos:
        """As documents say it. A class that lacks something says no curves, which is what nobody can have asked for; so does
        a default class that is missing, without which frames are dropped."""
        there, complete = sorted(self.classes.keys() - {DEFAULT}), self.complete
        return Qos(
            classes=tuple(decode(one, self.classes[one] if one in complete else {}) for one in (DEFAULT, *there))
        )


def read(netlink: Netlink, index: int, disciplines: Iterable[QdiscMessage]) -> Present:
    """What is below our root on a link. Raises Refusal, Malformed."""
    mine = [one for one in disciplines if one.index == index]
    return Present(qdisc.classes(netlink, index), filters.dump(netlink, index, ROOT), mine)
