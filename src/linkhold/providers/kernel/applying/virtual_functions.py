"""SR-IOV: how many virtual functions a card shows, and what it allows each of them.

Their number has no netlink message: `Documentation/PCI/pci-iov-howto.rst` (sriov_numvfs, sriov_drivers_autoprobe).
"""

from __future__ import annotations

import os

from linkhold.foundation.record import UNSET, Record
from linkhold.providers.kernel.applying.batch import Batch, refused_by_file
from linkhold.providers.kernel.netlink.virtual_function import ETH_P_8021AD, ETH_P_8021Q, change_function
from linkhold.state.interfaces.ethernet import SrIov, VirtualFunction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host
    from linkhold.providers.kernel.netlink.message import Request

DEVICES = "/sys/class/net"


def configure_functions(host: Host, change: Change, before: Record | None, after: SrIov) -> None:
    """Set what differs.

    Raises:
        Refused, NotPermitted: the driver said no.
    """
    folder = f"{DEVICES}/{change.name}/device"
    if after.drivers_autoprobe is not UNSET:
        _write(change, f"{folder}/sriov_drivers_autoprobe", int(bool(after.drivers_autoprobe)))
    known = UNSET if before is None else before.get("vfs")
    if isinstance(after.total_vfs, int) and _set_total(change, f"{folder}/sriov_numvfs", after.total_vfs):
        known = UNSET  # all are new
    old = {one.id: one for one in known} if isinstance(known, tuple) else {}
    batch = Batch(host.netlink)
    for one in after.vfs if isinstance(after.vfs, tuple) else ():
        request = _request(host.indexes[change.name], old.get(one.id), one)
        if request is not None:
            batch.ask(change, f"set virtual function {one.id} of {change.name}", request)
    batch.run()


def _set_total(change: Change, path: str, total: int) -> bool:
    """Whether it had to be changed. The kernel changes one number of functions into another only by way of none."""
    try:
        with open(path, encoding="ascii") as file:
            present = int(file.read())
    except FileNotFoundError as error:
        if not total:
            return False  # a card without any has none
        raise refused_by_file(change, f"show {total} virtual functions", error) from error
    if present == total:
        return False
    if present and total:
        _write(change, path, 0)
    _write(change, path, total)
    return True


def _write(change: Change, path: str, number: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(handle, str(number).encode())
        finally:
            os.close(handle)
    except OSError as error:
        error.filename = path
        raise refused_by_file(change, f"write {number} into {path}", error) from error


def _request(index: int, before: VirtualFunction | None, after: VirtualFunction) -> Request | None:
    """What differs of one virtual function, None for nothing."""
    said = {
        name: value
        for name, value in after.said().items()
        if name not in ("id", "iface_name") and (before is None or before.get(name) != value)
    }
    if not said:
        return None
    tagged = said.keys() & {"vlan_id", "qos", "vlan_proto"}
    rated = said.keys() & {"min_tx_rate", "max_tx_rate"}
    return change_function(
        index,
        after.id,
        address=said.get("mac_address"),
        vlan=_number(after.vlan_id) if tagged else None,
        qos=_number(after.qos),
        vlan_protocol=ETH_P_8021AD if after.vlan_proto == "802.1ad" else ETH_P_8021Q,
        rates=(_number(after.min_tx_rate), _number(after.max_tx_rate)) if rated else None,
        spoof_check=said.get("spoof_check"),
        trust=said.get("trust"),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
