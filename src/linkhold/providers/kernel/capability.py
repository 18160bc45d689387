"""What this kernel, and this process, can do: probed, not guessed from versions.

A kind is probed by asking for an interface of that kind with no transmit queue. The kernel looks for the kind's driver
first (and loads its module) and says EOPNOTSUPP when there is none; only then it finds the number of queues invalid
(`rtnl_create_link` of `net/core/rtnetlink.c`). So nothing is ever made.

A kind whose driver is a module that could be loaded is taken to be there without loading it: the modules of bonds and
dummies bring an interface with them.
"""

from __future__ import annotations

import errno
import os
import struct

from linkhold.providers.contract import Capabilities, Inability
from linkhold.providers.kernel.links import leaf
from linkhold.providers.kernel.netlink import hfsc, link
from linkhold.providers.kernel.netlink.bridge_vlan import AF_BRIDGE
from linkhold.providers.kernel.netlink.message import NLM_F_CREATE, NLM_F_EXCL, u32
from linkhold.providers.kernel.netlink.socket import Refusal
from linkhold.providers.kernel.sharing import COMPLETES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from linkhold.providers.kernel.netlink.message import Request
    from linkhold.providers.kernel.netlink.socket import Netlink, Outcome

SUBJECTS = frozenset({"interface", "route", "rule", "dns", "hostname"})

PROBED = frozenset(
    {
        "bond",
        "dummy",
        "hsr",
        "ipvlan",
        "linux-bridge",
        "mac-vlan",
        "mac-vtap",
        "macsec",
        "veth",
        "vlan",
        "vrf",
        "vxlan",
        "wireguard",
    }
)
FOUND = frozenset({"ethernet", "infiniband", "ip-tunnel", "loopback", "tun", "unknown"})
"""Kinds that are there or not; and tunnels, whose modules put an interface into every namespace when loaded."""
_HARMLESS = frozenset({"linux-bridge"})
"""Asked of the kernel even if that loads a module: it brings nothing with it, and is needed to ask for its features."""
_NOWHERE = 2**31 - 1
_LOOPBACK = 1
_NO_SWITCH = "Open vSwitch does not run here (ovsdb-server does not answer)"
SHOWN_ONLY = {
    "ovs-bridge": _NO_SWITCH,
    "ovs-interface": _NO_SWITCH,
    "xfrm": "interfaces of this kind are shown, not made or changed",
}

RTM_GETVLAN = 114
_NO_SCHEDULERS = "this kernel has no HFSC scheduler, or no filters by VLAN tag (sch_hfsc, cls_basic, cls_u32, em_meta)"
MPTCP_SWITCH = "/proc/sys/net/mptcp/enabled"

_NO_DHCP = "no DHCP client is part of this provider: install dhcpcd, give an address, or leave it to another manager"
_NO_ROUTERS = "autoconfiguration is left to what the kernel does by itself: give an address"
_NOBODY_WAITS = "static addresses are there at once, nothing has to be waited for"
_INABILITIES = (
    Inability(path="ipv4.dhcp", reason=_NO_DHCP),
    Inability(path="ipv6.dhcp", reason=_NO_DHCP),
    Inability(path="ipv6.autoconf", reason=_NO_ROUTERS),
    Inability(path="lldp.enabled", reason="this provider does not listen to LLDP"),
    Inability(path="802.1x", reason="802.1X needs a supplicant, which is not part of this provider"),
    Inability(path="dispatch", reason="this provider runs no dispatch scripts"),
    Inability(path="wait-ip", reason=_NOBODY_WAITS, severity="warning"),
    Inability(path="ovs-db", reason=_NO_SWITCH),
    Inability(path="profile-name", reason="the kernel keeps no profiles", severity="warning"),
    Inability(
        kind="macsec", path="macsec.mka-cak", reason="key agreement (MKA) needs a daemon, not part of this provider"
    ),
    Inability(
        kind="macsec", path="macsec.mka-ckn", reason="key agreement (MKA) needs a daemon, not part of this provider"
    ),
    Inability(
        kind="bond",
        path="link-aggregation.options.balance_slb",
        reason="source load balancing is NetworkManager's, by nftables; the kernel's bonds have no such option",
    ),
    Inability(
        kind="ip-tunnel", path="ip-tunnel", reason="the ends of IP tunnels are shown, not set up by this provider"
    ),
    Inability(kind="wireguard", path="wireguard", reason="keys and peers of WireGuard are not written yet"),
)
_NO_VLAN_FILTER = "this kernel's bridges can't tell VLANs apart (CONFIG_BRIDGE_VLAN_FILTERING)"
_NO_VIRTUAL_FUNCTIONS = "no card of this host has virtual functions (SR-IOV)"
_NO_MPTCP = f"Multipath TCP is not enabled on this host ({MPTCP_SWITCH})"


def capabilities(netlink: Netlink, kinds: Iterable[str] | None = None, *, root: str = "") -> Capabilities:
    """What can be done here; with `kinds`, only those are probed (loading modules of no others).

    Never raises for what is missing: that is the answer. `root` is put before the paths of files in /etc.
    """
    asked = PROBED | FOUND | SHOWN_ONLY.keys() if kinds is None else frozenset(kinds)
    found = probe(netlink, sorted(asked & PROBED)) | dict.fromkeys(sorted(asked & FOUND), "")
    found |= {kind: reason for kind, reason in SHOWN_ONLY.items() if kind in asked}
    features = frozenset(_features(netlink, found))
    return Capabilities(
        provider="kernel",
        kinds=dict(sorted(found.items())),
        subjects=SUBJECTS,
        inabilities=_INABILITIES + tuple(_lacking(features, found, root)),
        features=features,
        completes=COMPLETES if "hfsc" in features else COMPLETES - {"qos"},
    )


def probe(netlink: Netlink, kinds: Iterable[str]) -> dict[str, str]:
    """For each kind '' when the kernel can make it, else why not."""
    names = list(kinds)
    if not may_change(netlink):
        return dict.fromkeys(names, "only root (CAP_NET_ADMIN) may change the network")
    modules = loadable_modules()
    asked = [kind for kind in names if kind in _HARMLESS or _alias(kind) not in modules]
    outcomes = netlink.batch(_impossible(leaf(kind).KERNEL_KIND) for kind in asked)
    found = {kind: _reason(outcome, kind) for kind, outcome in zip(asked, outcomes, strict=True)}
    return {kind: found.get(kind, "") for kind in names}


def may_change(netlink: Netlink) -> bool:
    """Whether this process has CAP_NET_ADMIN here, found out by a change of a link that can't exist."""
    try:
        netlink.request(*link.change(_NOWHERE))
    except Refusal as refusal:
        return refusal.errno not in (errno.EPERM, errno.EACCES)
    return True


def loadable_modules() -> bytes:
    """The aliases of all modules of this kernel (modules.alias of depmod(8)); nothing for one without modules."""
    try:
        with open(f"/lib/modules/{os.uname().release}/modules.alias", "rb") as file:
            return file.read()
    except OSError:  # no modules for this kernel: a driver is in it, or it is not
        return b""


def _alias(kind: str) -> bytes:
    return f"\nalias rtnl-link-{leaf(kind).KERNEL_KIND} ".encode()


def _impossible(kernel_kind: str) -> Request:
    payload = link.header() + u32(link.IFLA_NUM_TX_QUEUES, 0) + link.kind_info(kernel_kind)
    return link.RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, payload


def _reason(outcome: Outcome, kind: str) -> str:
    number = outcome.errno if isinstance(outcome, Refusal) else 0
    if number == errno.EOPNOTSUPP:
        return f"this kernel has no {leaf(kind).KERNEL_KIND} driver (no such module)"
    return ""


def _features(netlink: Netlink, kinds: dict[str, str]) -> Iterable[str]:
    if "linux-bridge" in kinds and not kinds["linux-bridge"] and has_bridge_vlans(netlink):
        yield "bridge-vlan-filtering"
    if has_mptcp():
        yield "mptcp"
    if has_virtual_functions():
        yield "sr-iov"
    if has_schedulers(netlink):
        yield "hfsc"


def has_bridge_vlans(netlink: Netlink) -> bool:
    """Whether bridges filter VLANs: only then the kernel answers for them (`br_vlan_rtnl_init`, Linux 5.6)."""
    try:
        netlink.dump(RTM_GETVLAN, struct.pack("=BBHI", AF_BRIDGE, 0, 0, 0))
    except Refusal as refusal:
        return refusal.errno != errno.EOPNOTSUPP
    return True


def has_schedulers(netlink: Netlink) -> bool:
    """Whether classes of what is sent can be had here: HFSC, and filters by VLAN tag. Nothing is made, no module loaded.

    A kernel tells of its filters only where there is something to filter, so for those its list of modules must do; one
    without such a list is believed to have them beside HFSC.
    """
    modules = known_modules()
    if modules and not all(f"/{name}.ko".encode() in modules for name in ("cls_basic", "cls_u32", "em_meta")):
        return False
    if b"/sch_hfsc.ko" in modules:
        return True
    try:
        netlink.request(*hfsc.impossible(_LOOPBACK))
    except Refusal as refusal:
        return refusal.errno == errno.EINVAL
    return True


def known_modules() -> bytes:
    """What this kernel has as modules (modules.dep of depmod(8)) or built in; nothing where it has no such lists."""
    folder, found = f"/lib/modules/{os.uname().release}", b""
    for name in ("modules.dep", "modules.builtin"):
        try:
            with open(f"{folder}/{name}", "rb") as file:
                found += b"/" + file.read()
        except OSError:  # no modules for this kernel
            continue
    return found


def has_virtual_functions() -> bool:
    """Whether any card in this network namespace can have them (the file is there then, whatever it says).

    Of thousands of interfaces few are cards: the others stand in a folder of their own, too.
    """
    cards = set(_names_in("/sys/class/net")).difference(_names_in("/sys/devices/virtual/net"))
    return any(os.path.exists(f"/sys/class/net/{name}/device/sriov_totalvfs") for name in cards)


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:  # no such folder where there are none
        return []


def has_mptcp() -> bool:
    """Whether Multipath TCP is switched on in this network namespace."""
    try:
        with open(MPTCP_SWITCH, encoding="ascii") as file:
            return file.read().strip() == "1"
    except OSError:  # no such switch: a kernel without
        return False


def _lacking(features: frozenset[str], kinds: dict[str, str], root: str) -> Iterable[Inability]:
    if "bridge-vlan-filtering" not in features and "linux-bridge" in kinds:
        for path in ("bridge.port.vlan", "bridge.options.vlan-protocol", "bridge.options.vlan-default-pvid"):
            yield Inability(kind="linux-bridge", path=path, reason=_NO_VLAN_FILTER, everybodys=True)
    if "mptcp" not in features:
        yield Inability(path="mptcp", reason=_NO_MPTCP, everybodys=True)
    if "hfsc" not in features:
        yield Inability(path="qos", reason=_NO_SCHEDULERS, everybodys=True)
    if "sr-iov" not in features:
        for path in ("ethernet.sr-iov.total-vfs", "ethernet.sr-iov.vfs"):
            yield Inability(path=path, reason=_NO_VIRTUAL_FUNCTIONS, everybodys=True)
    from linkhold.providers.kernel.resolver import uses_resolved

    if uses_resolved(root):
        yield Inability(path="dns-resolver.config.options", reason="systemd-resolved takes no options of resolv.conf")
