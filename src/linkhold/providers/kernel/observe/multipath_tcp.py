"""Which addresses take part in Multipath TCP: the endpoints of the kernel's path manager."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.netlink import mptcp
from linkhold.state.interfaces.common import Mptcp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linkhold.providers.kernel.netlink.generic import Generic
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.interfaces.ip import Ip

FLAGS = {
    "backup": mptcp.MPTCP_PM_ADDR_FLAG_BACKUP,
    "fullmesh": mptcp.MPTCP_PM_ADDR_FLAG_FULLMESH,
    "signal": mptcp.MPTCP_PM_ADDR_FLAG_SIGNAL,
    "subflow": mptcp.MPTCP_PM_ADDR_FLAG_SUBFLOW,
}


class Endpoints:
    """All endpoints, read once. Raises Unsupported when the kernel has no Multipath TCP, Refusal."""

    def __init__(self, generic: Generic) -> None:
        self._all = mptcp.Mptcp(generic).endpoints()

    def added(self, interface: Interface, index: int) -> Interface:
        """The interface with the flags of its endpoints: those of each address, and all of them together."""
        flags = {one.address: one.flags for one in self._all if one.index in (0, index)}
        own = {one.address for one in self._all if one.index == index}
        changes: dict[str, Any] = {}
        for family in ("ipv4", "ipv6"):
            section = interface.get(family)
            if section is not UNSET and isinstance(section.address, tuple):
                own |= {one.ip for one in section.address if one.ip in flags}
                changes[family] = _with_flags(section, flags)
        union = 0
        for address in own:
            union |= flags[address]
        return interface.replace(**changes, mptcp=Mptcp(address_flags=_words(union)))


def _with_flags(section: Ip, flags: dict[str, int]) -> Ip:
    addresses = section.address if isinstance(section.address, tuple) else ()
    if not any(one.ip in flags for one in addresses):
        return section
    told = [one.replace(mptcp_flags=_words(flags[one.ip])) if one.ip in flags else one for one in addresses]
    return section.replace(address=tuple(told))


def _words(flags: int) -> tuple[Any, ...]:
    return tuple(word for word, bit in FLAGS.items() if flags & bit)
