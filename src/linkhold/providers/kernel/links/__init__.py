"""One leaf for each interface kind: how its section is spelled in netlink, in both directions.

A leaf is a module with

``KERNEL_KIND``
    IFLA_INFO_KIND, as the kernel's driver calls the kind ('' where the kernel has no word for it: hardware).
``SECTION``
    the field of the interface class that `decode` fills, '' for a kind without a section.
``decode(link, links) -> Record | Unset``
    the section of one link; `links` (`observe.table.Links`) knows its surroundings: names, ports, VLANs.
``encode(before, after, indexes) -> bytes``
    the payload of IFLA_INFO_DATA: all that is said when `before` is None (the interface is being made), else only what
    differs, b"" for nothing. `indexes` maps names of interfaces to their indexes.

and, where the kind has them,

``parent(interface) -> str | Unset``
    the name of what goes into IFLA_LINK when it is made.
``encode_late(before, after, indexes) -> bytes``
    what the kernel accepts only once the ports are attached (``configure`` stage).
``decode_port``, ``encode_port(before, after, name) -> bytes``
    the payload of IFLA_INFO_SLAVE_DATA of the port of this name; `before` and `after` are the *controller's* values.

The registry is this list; a leaf is imported when its kind is met.
"""

from __future__ import annotations

from linkhold.foundation.record import UNSET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from linkhold.foundation.record import Unset
    from linkhold.state.interfaces.common import Interface

LEAVES = {
    "bond": "bond",
    "dummy": "dummy",
    "ethernet": "ethernet",
    "hsr": "hsr",
    "infiniband": "infiniband",
    "ip-tunnel": "ip_tunnel",
    "ipvlan": "ipvlan",
    "linux-bridge": "linux_bridge",
    "loopback": "loopback",
    "mac-vlan": "mac_vlan",
    "mac-vtap": "mac_vtap",
    "macsec": "macsec",
    "tun": "tun",
    "unknown": "unknown",
    "veth": "veth",
    "vlan": "vlan",
    "vrf": "vrf",
    "vxlan": "vxlan",
    "wireguard": "wireguard",
    "xfrm": "xfrm",
}
"""Module in this package by kind, as documents call it."""

KINDS = {
    "bond": "bond",
    "bridge": "linux-bridge",
    "dummy": "dummy",
    "hsr": "hsr",
    "ipoib": "infiniband",
    "ipvlan": "ipvlan",
    "macsec": "macsec",
    "macvlan": "mac-vlan",
    "macvtap": "mac-vtap",
    "tun": "tun",
    "veth": "veth",
    "vlan": "vlan",
    "vrf": "vrf",
    "vxlan": "vxlan",
    "wireguard": "wireguard",
    "xfrm": "xfrm",
    # several kinds of the kernel, one of documents
    "gre": "ip-tunnel",
    "gretap": "ip-tunnel",
    "ip6gre": "ip-tunnel",
    "ip6gretap": "ip-tunnel",
    "ip6tnl": "ip-tunnel",
    "ipip": "ip-tunnel",
    "sit": "ip-tunnel",
    "vti": "ip-tunnel",
    "vti6": "ip-tunnel",
    # hardware, or what plays it, that says a kind all the same
    "dsa": "ethernet",
    "netdevsim": "ethernet",
    # ports of an Open vSwitch that the host itself uses
    "openvswitch": "ovs-interface",
}
"""Kind, as documents call it, by IFLA_INFO_KIND."""

_loaded: dict[str, ModuleType] = {}


def leaf(kind: str) -> ModuleType:
    """The leaf of a kind, that of `unknown` for kinds that netlink knows nothing of."""
    found = _loaded.get(kind)
    if found is None:
        import importlib

        name = LEAVES.get(kind, "unknown")
        found = _loaded[kind] = importlib.import_module(f"{__name__}.{name}")
    return found


def kernel_kind(interface: Interface) -> str:
    """IFLA_INFO_KIND to make this interface with, '' when netlink can't make it."""
    module = leaf(interface.kind)
    choose = getattr(module, "kernel_kind", None)
    return str(choose(interface) if choose is not None else module.KERNEL_KIND)


def parent(interface: Interface) -> str | Unset:
    """The name of what goes into IFLA_LINK when this interface is made."""
    choose = getattr(leaf(interface.kind), "parent", None)
    return choose(interface) if choose is not None else UNSET
