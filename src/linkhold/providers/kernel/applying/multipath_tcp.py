"""Stage `address`, its end: which addresses of an interface take part in Multipath TCP (RFC 8684)."""

from __future__ import annotations

import errno

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.applying.batch import GONE, Batch
from linkhold.providers.kernel.applying.host import after_of
from linkhold.providers.kernel.netlink import mptcp
from linkhold.providers.kernel.netlink.generic import Unsupported
from linkhold.state.interfaces.common import Interface, Mptcp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host

FLAGS = {
    "signal": mptcp.MPTCP_PM_ADDR_FLAG_SIGNAL,
    "subflow": mptcp.MPTCP_PM_ADDR_FLAG_SUBFLOW,
    "backup": mptcp.MPTCP_PM_ADDR_FLAG_BACKUP,
    "fullmesh": mptcp.MPTCP_PM_ADDR_FLAG_FULLMESH,
}


def set_endpoints(host: Host, changes: Sequence[Change]) -> None:
    """Make every static address of these interfaces an endpoint with their flags, and no other one of theirs.

    Raises:
        Refused: the kernel said no, or has no Multipath TCP while flags are asked for.
    """
    asked = [change for change in changes if after_of(change) is not None and isinstance(change.after.mptcp, Mptcp)]
    manager = _manager(host, asked)
    if manager is None:
        return
    present = manager.endpoints()
    batch = Batch(host.generic.netlink)
    for change in asked:
        index = host.indexes.get(change.name, 0)
        wanted = _wanted(change.after, index)
        mine = [one for one in present if one.index == index or (one.address in wanted and not one.index)]
        same = {one.address for one in mine if one.address in wanted and _equal(one, wanted[one.address])}
        for one in mine:
            if one.address not in same:
                batch.ask(change, f"take the endpoint {one.address} away", manager.remove(one), (*GONE, errno.EINVAL))
        for address, one in wanted.items():
            if address not in same:
                batch.ask(change, f"make {address} an endpoint", manager.add(one), (errno.EEXIST,))
    batch.run()


def _manager(host: Host, asked: list[Change]) -> mptcp.Mptcp | None:
    """The kernel's path manager; None where it has none and nobody asks for any."""
    try:
        return mptcp.Mptcp(host.generic)
    except Unsupported as missing:
        for change in asked:
            if change.after.mptcp.address_flags:
                text = f"{change.name} can't take part in Multipath TCP: {missing}"
                raise Refused(text, change=change, answer=str(missing)) from None
        return None


def _wanted(interface: Interface, index: int) -> dict[str, mptcp.Endpoint]:
    words = interface.mptcp.address_flags if isinstance(interface.mptcp, Mptcp) else UNSET
    if not isinstance(words, tuple) or not words:
        return {}
    flags = 0
    for word in words:
        flags |= FLAGS[word]
    sections = [section for section in (interface.ipv4, interface.ipv6) if section is not UNSET]
    return {
        one.ip: mptcp.Endpoint(one.ip, flags=flags, index=index)
        for section in sections
        if section.enabled is not False  # type: ignore[union-attr]
        for one in section.static  # type: ignore[union-attr]
    }


def _equal(one: mptcp.Endpoint, other: mptcp.Endpoint) -> bool:
    known = sum(FLAGS.values())
    return one.flags & known == other.flags & known and one.index == other.index
