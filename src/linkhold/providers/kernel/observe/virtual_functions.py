"""SR-IOV: the virtual functions of a card.

How many there are, and their interfaces, is only in sysfs (`Documentation/PCI/pci-iov-howto.rst`); what the card allows
each of them comes by netlink.
"""

from __future__ import annotations

import os

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.netlink import link, virtual_function
from linkhold.providers.kernel.netlink.virtual_function import ETH_P_8021AD
from linkhold.state.interfaces.ethernet import SrIov, VirtualFunction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.foundation.record import Unset
    from linkhold.providers.kernel.netlink.socket import Netlink

DEVICES = "/sys/class/net"


def sr_iov(netlink: Netlink, name: str, devices: str = DEVICES) -> SrIov | None:
    """The section of a card; None for one without SR-IOV. Raises Refusal."""
    folder = f"{devices}/{name}/device"
    total = _number(f"{folder}/sriov_numvfs")
    if total is None:
        return None
    autoprobe = _number(f"{folder}/sriov_drivers_autoprobe")
    message = link.read(netlink, name, virtual_functions=True) if total else None
    found = [] if message is None else virtual_function.decode(message)
    return SrIov(
        drivers_autoprobe=UNSET if autoprobe is None else bool(autoprobe),
        total_vfs=total,
        vfs=tuple(decode(one, _interface_of(folder, one.number)) for one in found),
    )


def decode(one: virtual_function.VirtualFunction, name: str | Unset) -> VirtualFunction:
    """One virtual function, whose interface has this name."""
    return VirtualFunction(
        id=one.number,
        iface_name=name,
        mac_address=one.address.upper() or UNSET,
        spoof_check=UNSET if one.spoof_check is None else one.spoof_check,
        trust=UNSET if one.trust is None else one.trust,
        min_tx_rate=one.min_rate,
        max_tx_rate=one.max_rate,
        vlan_id=one.vlan,
        qos=one.qos,
        vlan_proto="802.1ad" if one.vlan_protocol == ETH_P_8021AD else "802.1q",
    )


def _interface_of(folder: str, number: int) -> str | Unset:
    try:
        return next(iter(sorted(os.listdir(f"{folder}/virtfn{number}/net"))), UNSET)
    except OSError:  # no driver holds it, or a virtual machine does
        return UNSET


def _number(path: str) -> int | None:
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):  # a card without SR-IOV has no such file
        return None
