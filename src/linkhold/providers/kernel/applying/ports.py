"""What controllers know of their ports: options of bond and bridge ports, VLANs of bridge ports."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.applying.batch import GONE, Batch
from linkhold.providers.kernel.applying.host import before_of
from linkhold.providers.kernel.links import leaf
from linkhold.providers.kernel.netlink import bridge_vlan, link
from linkhold.state.interfaces.bridge_vlan import PortVlan
from linkhold.state.interfaces.linux_bridge import LinuxBridge, LinuxBridgeConfig, LinuxBridgePort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host
    from linkhold.state.interfaces.common import Interface


def configure_ports(host: Host, batch: Batch, change: Change) -> None:
    """Ask for the options of the ports of one controller that differ. Ports that joined just now get all of theirs."""
    kind = leaf(change.after.kind)
    names = change.after.ports
    if not isinstance(names, tuple) or not hasattr(kind, "encode_port"):
        return
    before = before_of(change)
    had = UNSET if before is None else before.ports
    known = frozenset(had) if isinstance(had, tuple) else frozenset()
    controller = host.indexes[change.name]
    for name in names:
        present = host.links.get(name)
        if present is None or present.controller != controller:
            continue
        old = before if name in known and name not in host.joined else None
        payload = kind.encode_port(old, change.after, name)
        if payload:
            info = link.port_info(kind.KERNEL_KIND, payload)
            what = f"set port options of {name} in {change.name}"
            batch.ask(change, what, link.change(present.index, info), GONE)  # a port of others may go at any time


def configure_vlans(host: Host, changes: Sequence[Change]) -> None:
    """Give bridge ports the VLANs that they are to carry, compared with those that the kernel has now."""
    filtering = [change for change in changes if _speaks(change.after) or _speaks(before_of(change))]
    if not filtering:
        return
    from linkhold.providers.kernel.links import linux_bridge

    present = bridge_vlan.dump(host.netlink)
    batch = Batch(host.netlink)
    for change in filtering:
        pvid = linux_bridge.default_pvid(change.after)
        for port in _ports(change.after):
            found = host.links.get(port.name)
            if found is None or found.controller != host.indexes[change.name] or port.vlan is UNSET:
                continue
            wanted = linux_bridge.port_vlans(port, pvid)
            gone, new = linux_bridge.vlan_changes(present.get(found.index, []), wanted)
            if gone:
                batch.ask(change, f"take VLANs from port {port.name}", bridge_vlan.remove(found.index, gone), GONE)
            if new:
                batch.ask(change, f"give VLANs to port {port.name}", bridge_vlan.add(found.index, new), GONE)
    batch.run()


def _speaks(interface: Interface | None) -> bool:
    """Whether a bridge says anything of the VLANs of its ports."""
    return any(isinstance(port.vlan, PortVlan) and not port.vlan.empty for port in _ports(interface))


def _ports(interface: Interface | None) -> tuple[LinuxBridgePort, ...]:
    section = interface.bridge if isinstance(interface, LinuxBridge) else UNSET
    return section.port if isinstance(section, LinuxBridgeConfig) and isinstance(section.port, tuple) else ()
