"""What the running kernel offers, found out by trying it in a scratch namespace.

The names are those a test gives to `@pytest.mark.needs(…)`. An unknown name is an error, never "not offered".
"""

import collections.abc
import functools
import os
import pathlib
import shutil
import subprocess

from tests.lab import guest, namespaces

# What each feature's probe runs, one `ip` (or other) command after the other: all must succeed. "p0" is a veth.
_VETH = "ip link add p0 type veth peer name p1"
_COMMANDS: dict[str, tuple[str, ...]] = {
    "bond": ("ip link add x0 type bond mode active-backup",),
    "bridge": ("ip link add x0 type bridge",),
    "bridge-vlan-filtering": ("ip link add x0 type bridge vlan_filtering 1",),
    "dummy": ("ip link add x0 type dummy",),
    "ethernet": (_VETH,),
    "geneve": ("ip link add x0 type geneve id 7 remote 192.0.2.1",),
    "gre": ("ip link add x0 type gre remote 192.0.2.1 local 192.0.2.2",),
    "gretap": ("ip link add x0 type gretap remote 192.0.2.1 local 192.0.2.2",),
    "hsr": (_VETH, "ip link add q0 type veth peer name q1", "ip link add x0 type hsr slave1 p0 slave2 q0"),
    "ifb": ("ip link add x0 type ifb",),
    "ingress": (_VETH, "tc qdisc add dev p0 ingress"),
    "ip6tnl": ("ip link add x0 type ip6tnl remote 2001:db8::1 local 2001:db8::2",),
    "ipip": ("ip link add x0 type ipip remote 192.0.2.1 local 192.0.2.2",),
    "ipv6": ("ip -6 address add 2001:db8::1/128 dev lo",),
    "ipvlan": (_VETH, "ip link add link p0 name x0 type ipvlan mode l2"),
    "ipvtap": (_VETH, "ip link add link p0 name x0 type ipvtap mode l2"),
    "macsec": (_VETH, "ip link add link p0 name x0 type macsec encrypt on"),
    "macvlan": (_VETH, "ip link add link p0 name x0 type macvlan mode bridge"),
    "macvtap": (_VETH, "ip link add link p0 name x0 type macvtap mode bridge"),
    "mptcp": ("ip mptcp endpoint add 192.0.2.1 subflow",),
    "namespace": (),
    "nlmon": ("ip link add x0 type nlmon",),
    "policy-routing": ("ip rule add from 192.0.2.1 table 100",),
    "qdisc-hfsc": (_VETH, "tc qdisc add dev p0 root hfsc"),
    "qos": (
        _VETH,
        "tc qdisc add dev p0 root handle 1: hfsc",
        "tc filter add dev p0 parent 1: protocol all pref 7 basic match meta(vlan eq 7) flowid 1:7",
    ),
    "qdisc-htb": (_VETH, "tc qdisc add dev p0 root htb"),
    "qdisc-tbf": (_VETH, "tc qdisc add dev p0 root tbf rate 1mbit burst 10kb latency 50ms"),
    "sit": ("ip link add x0 type sit remote 192.0.2.1 local 192.0.2.2",),
    "team": ("ip link add x0 type team",),
    "tun": ("ip tuntap add dev x0 mode tun",),
    "users": ("setpriv --reuid 12345 --regid 12345 --clear-groups true",),  # may we become somebody else
    "veth": (_VETH,),
    "vlan": (_VETH, "ip link add link p0 name x0 type vlan id 7"),
    "vlan-802.1ad": (_VETH, "ip link add link p0 name x0 type vlan protocol 802.1ad id 7"),
    "vlan-registration": (_VETH, "ip link add link p0 name x0 type vlan id 7 mvrp on"),
    "vrf": ("ip link add x0 type vrf table 100",),
    "vxlan": ("ip link add x0 type vxlan id 7 dstport 4789 remote 192.0.2.1",),
    "wireguard": ("ip link add x0 type wireguard",),
}

# The document's names of kinds, where the kernel says it otherwise.
_ALIASES = {
    "linux-bridge": "bridge",
    "mac-vlan": "macvlan",
    "mac-vtap": "macvtap",
}

_TESTS: dict[str, collections.abc.Callable[[], bool]] = {
    "alone": lambda: namespaces.refusal() is None,
    "dhcpcd": lambda: _installed("dhcpcd"),
    "dnsmasq": lambda: _installed("dnsmasq"),
    "hostname": lambda: os.geteuid() == 0 and guest.inside(),  # one that may be changed
    "lab": guest.inside,
    "lldpd": lambda: _installed("lldpd"),
    "netdevsim": lambda: pathlib.Path("/sys/bus/netdevsim/new_device").exists(),
    "networkmanager": lambda: _installed("NetworkManager", "nmcli", "dbus-daemon"),
    "openvswitch": lambda: _installed("ovsdb-server", "ovs-vswitchd"),
    "openvswitch-datapath": lambda: guest.inside() and pathlib.Path("/sys/module/openvswitch").exists(),
    "radvd": lambda: _installed("radvd"),
    "sriov": lambda: any(pathlib.Path("/sys/bus/pci/devices").glob("*/sriov_totalvfs")),
    "sysfs": lambda: _sysfs_can_be_mounted(),
    "systemd": lambda: pathlib.Path("/run/systemd/system").is_dir(),
    "uml": guest.available,
}

KNOWN = frozenset({*_COMMANDS, *_ALIASES, *_TESTS})


@functools.cache
def offers(feature: str) -> bool:
    """Does the running kernel (or machine) offer this? KeyError for a name that nobody knows."""
    feature = _ALIASES.get(feature, feature)
    if feature in _TESTS:
        return _TESTS[feature]()
    commands = _COMMANDS[feature]
    if namespaces.refusal() is not None:
        return False
    with namespaces.fresh(sysfs=False):
        return all(_succeeds(command) for command in commands)


def _succeeds(command: str) -> bool:
    words = command.split()
    if shutil.which(words[0]) is None:
        raise FileNotFoundError(f"{words[0]} is needed to find out what the kernel offers (package iproute2)")
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _installed(*programs: str) -> bool:
    """FileNotFoundError where one is missing: no other place would have it either, and nobody may take that for a pass."""
    for program in programs:
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            raise FileNotFoundError(f"{program} is not installed; `make setup` does that")
    return namespaces.refusal() is None


def _sysfs_can_be_mounted() -> bool:
    if namespaces.refusal() is not None:
        return False
    with namespaces.fresh(sysfs=False):
        if namespaces.mount_sysfs() is not None:
            return False
        namespaces.unmount_sysfs()
        return True
