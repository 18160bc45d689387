"""One network as a request or a file gives it: its attributes, each read by itself, and the defaults of those not said."""

import typing

from linkhold.foundation.diagnostics import Path
from linkhold.networks.addresses import read_ipv4, read_ipv6, read_nameservers
from linkhold.networks.configuration import USUAL_MTU, Network, Switch
from linkhold.networks.curves import read_host_qos
from linkhold.networks.drafts import NetworkDraft
from linkhold.networks.mistakes import Mistakes, Stage
from linkhold.networks.said import Said, flag_of, is_writable
from linkhold.state.scalars import Plain, shown

KNOWN: typing.Final = frozenset(
    {
        "STP",
        "blockingdhcp",  # told a restore to wait; nobody waits any more
        "bonding",
        "bootproto",
        "bridged",
        "custom",
        "defaultRoute",
        "dhcpv6",
        "gateway",
        "hostQos",
        "ipaddr",
        "ipv6addr",
        "ipv6autoconf",
        "ipv6gateway",
        "mtu",
        "nameservers",
        "netmask",
        "nic",
        "prefix",
        "remove",
        "stp",
        "switch",
        "vlan",
    }
)
MOST_VLAN: typing.Final = 4094
LEAST_MTU: typing.Final = 68
"""RFC 791; the kernel's least for an interface with IPv4 (ETH_MIN_MTU)."""
MOST_MTU: typing.Final = 65535
"""The kernel's most for bridges and VLANs (ETH_MAX_MTU)."""


def read_network(raw: typing.Mapping[str, Plain], at: Path, found: Mistakes) -> NetworkDraft:
    """The network that a map describes; `at` is the place of the map. ``remove`` is not looked at."""
    said = Said(raw, at, found)
    said.warn_of_unknown(KNOWN)
    custom = _custom(said)
    bridged = said.flag("bridged", True)
    fields = {
        "interface": said.text("nic", code="bad-nic", expected="the name of an interface"),
        "bonding": said.text("bonding", code="bad-bonding", expected="the name of a bond"),
        "vlan": _vlan(said),
        "bridged": bridged,
        "stp": _stp(said, bridged),
        "mtu": _mtu(said),
        "switch": read_switch(said, custom),
        **read_ipv4(said),
        **read_ipv6(said),
        **_automatic(said),
        "default_route": _default_route(said, custom),
        "nameservers": read_nameservers(said),
        "host_qos": read_host_qos(said),
        # These two are said by attributes of their own from here on, and must not contradict them later.
        "custom": {name: text for name, text in custom.items() if name not in ("default_route", "ovs")},
    }
    return NetworkDraft(at, Network(**fields), said.names, frozenset(said.unread))


def _vlan(said: Said) -> int | None:
    expected = f"a whole number from 0 to {MOST_VLAN}"
    number = said.whole("vlan", code="bad-vlan", expected=expected)
    if number is not None and not 0 <= number <= MOST_VLAN:
        message = f"VLAN id out of range: {number}"
        said.wrong("vlan", message, code="bad-vlan", stage=Stage.NETWORK, expected=expected)
        return None
    return number


def _mtu(said: Said) -> int:
    expected = f"a whole number from {LEAST_MTU} to {MOST_MTU}"
    number = said.whole("mtu", code="bad-params", expected=expected)
    if number is not None and not LEAST_MTU <= number <= MOST_MTU:
        message = f"MTU out of range: {number}"
        said.wrong("mtu", message, code="bad-params", stage=Stage.CANONICAL, expected=expected)
        return USUAL_MTU
    return USUAL_MTU if number is None else number


def _stp(said: Said, bridged: bool) -> bool:
    """The centre says STP, files say stp; on a network without a bridge there is nothing to switch on."""
    name = "STP" if said.has("STP") else "stp"
    if not said.has(name):
        return False
    word = flag_of(said.raw[name])
    if word is None:
        message = f'"{_quoted(said.raw[name])}" is not a valid bridge STP value.'
        said.wrong(name, message, code="bad-params", stage=Stage.CANONICAL, expected="yes or no")
    elif word and not bridged and "bridged" not in said.unread:
        said.found.warning("ignored", (*said.at, name), "a network without a bridge has no spanning tree", hint="")
    return bool(word) and bridged


def _quoted(value: Plain) -> str:
    return value[:60] if isinstance(value, str) and is_writable(value) else shown(value)


def read_switch(said: Said, custom: typing.Mapping[str, str] = {}) -> Switch:
    """By what it is switched; ``custom.ovs`` is how it was said before there was an attribute for it."""
    if flag_of(custom.get("ovs", "")):
        return "ovs"
    text = said.text("switch", expected="legacy or ovs")
    if text in ("", "legacy"):
        return "legacy"
    if text != "ovs":
        message = f"'{_quoted(text)}' is not a kind of switch"
        said.wrong("switch", message, code="bad-params", stage=Stage.SWITCH, expected="legacy or ovs")
    return "ovs"


def _automatic(said: Said) -> dict[str, typing.Any]:
    """Who gives addresses. IPv6 ones given by hand leave no room for others (as vdsm translates it)."""
    protocol = said.text("bootproto", expected="none or dhcp").lower()
    if protocol not in ("", "none", "dhcp", "static"):
        message = f"'{_quoted(protocol)}' is no way to get addresses; as none"
        said.found.warning("ignored", (*said.at, "bootproto"), message, hint="known: none, dhcp")
    flags = {"dhcpv6": said.flag("dhcpv6"), "ipv6autoconf": said.flag("ipv6autoconf")}
    if said.has("ipv6addr") and any(flags.values()):
        name = "dhcpv6" if flags["dhcpv6"] else "ipv6autoconf"
        message = "an IPv6 address is given: no others are asked for"
        said.found.warning("ignored", (*said.at, name), message, hint="leave out ipv6addr, or this")
        flags = dict.fromkeys(flags, False)
    return {"bootproto": "dhcp" if protocol == "dhcp" else "none", **flags}


def _default_route(said: Said, custom: typing.Mapping[str, str]) -> bool:
    """``custom.default_route`` is how it was said before there was an attribute for it, and counts more."""
    earlier = flag_of(custom.get("default_route", ""))
    return said.flag("defaultRoute") if earlier is None else earlier


def _custom(said: Said) -> dict[str, str]:
    """Custom properties, those without a value left out; numbers and flags as text."""
    texts: dict[str, str] = {}
    for name, value in said.section("custom").items():
        if isinstance(value, bool | int | float):
            value = str(value).lower()
        if value is None:
            continue
        if not isinstance(value, str) or not is_writable(value + name):
            said.unread.add("custom")
            message = f"{shown(value)} is not a text"
            said.found.error(Stage.SHAPE, "bad-params", (*said.at, "custom", name), message, expected="a text")
            continue
        texts[name] = value
    return texts
