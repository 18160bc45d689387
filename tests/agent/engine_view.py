"""How an oVirt engine reads capabilities, and when it calls a network out of sync: a small model for tests.

After `VdsBrokerObjectsBuilder` (what it insists on, what it takes from where), `ReportedConfigurationsFinder` and
`NetworkInSyncWithVdsNetworkInterface` (what it compares). ``in_sync(caps, Spec(name="red", …)) == []`` is what a network
that was set up as asked must give: an engine refuses to edit one that is not in sync.
"""

import ipaddress
import typing

Plain = typing.Mapping[str, typing.Any]

MEGABIT: typing.Final = 1_000_000


class Unreadable(Exception):
    """Capabilities that would make an engine's reading fail: it shows such a host as unusable."""


class Spec(typing.NamedTuple):
    """A network as the engine wants it on this host. `host_qos` as sent (``{"out": {"ls": {"m2": 50}, …}}``)."""

    name: str
    bridged: bool = True
    vlan: int | None = None
    mtu: int = 1500
    switch: str = "legacy"
    ipv4: str = "none"
    """none, dhcp or ``ADDRESS/PREFIX``."""
    gateway: str = ""
    ipv6: str = "none"
    """none, dhcp, autoconf, both or ``ADDRESS/PREFIX``."""
    ipv6_gateway: str = ""
    default_route: bool = False
    name_servers: tuple[str, ...] = ()
    host_qos: Plain | None = None


class Reported(typing.NamedTuple):
    """One network as the engine has read it."""

    interface: str
    bridged: bool
    vlan: int | None
    mtu: int
    switch: str
    ipv4: str
    gateway: str
    ipv6: str
    ipv6_gateway: str
    default_route: bool
    host_qos: Plain | None


def in_sync(caps: Plain, wanted: Spec) -> list[str]:
    """What differs, in words; nothing for a network that is in sync. Raises Unreadable."""
    told = read(caps).get(wanted.name)
    if told is None:
        return [f"{wanted.name}: not attached"]
    pairs = [
        ("mtu", wanted.mtu, told.mtu),
        ("bridged", wanted.bridged, told.bridged),
        ("vlan", wanted.vlan, told.vlan),
        ("switch", wanted.switch, told.switch),
        ("ipv4", _spelled(wanted.ipv4), told.ipv4),
        ("ipv6", _spelled(wanted.ipv6), told.ipv6),
        ("host_qos", _rates(wanted.host_qos), _rates(told.host_qos)),
        ("default_route", wanted.default_route, told.default_route),
    ]
    if "/" in wanted.ipv4:
        pairs.append(("gateway", wanted.gateway, told.gateway))
    if "/" in wanted.ipv6:
        pairs.append(("ipv6_gateway", wanted.ipv6_gateway, told.ipv6_gateway))
    found = [f"{key}: wanted {here!r}, reported {there!r}" for key, here, there in pairs if here != there]
    lacking = sorted(set(wanted.name_servers) - set(caps["nameservers"]))
    return found + ([f"name_servers: {lacking} not in use"] if lacking and wanted.default_route else [])


def read(caps: Plain) -> dict[str, Reported]:
    """All networks by name. Raises Unreadable."""
    for name, entry in caps["nics"].items():
        _insist(entry, f"nics[{name}]", speed=int, hwaddr=str)
    for name, entry in caps["bondings"].items():
        _insist(entry, f"bondings[{name}]", slaves=list, opts=dict, hwaddr=str)
        if not all(isinstance(value, str) for value in entry["opts"].values()):
            raise Unreadable(f"bondings[{name}].opts: text to text")
    for name, entry in caps["vlans"].items():
        _insist(entry, f"vlans[{name}]", iface=str, vlanid=int)
    devices = {**caps["nics"], **caps["bondings"], **caps["vlans"]}
    for name, entry in devices.items():
        if "ad_aggregator_id" in entry and not isinstance(entry["ad_aggregator_id"], str):
            raise Unreadable(f"{name}.ad_aggregator_id: text")
    return {name: _network(name, entry, caps, devices) for name, entry in caps["networks"].items()}


def _network(name: str, entry: Plain, caps: Plain, devices: Plain) -> Reported:
    _insist(entry, f"networks[{name}]", switch=str, bridged=bool, iface=str, mtu=str)
    holder = (caps["bridges"] if entry["bridged"] else devices).get(entry["iface"])
    if holder is None:
        raise Unreadable(f"networks[{name}].iface: {entry['iface']} is nowhere")
    flags = {"dhcpv4": bool, "dhcpv6": bool, "ipv6autoconf": bool, "ipv4defaultroute": bool}
    _insist(holder, entry["iface"], **flags, addr=str, netmask=str, ipv6addrs=list)
    interface = _interface(entry, devices)
    on = devices.get(interface, {})
    if "vlanid" in entry and not isinstance(entry["vlanid"], int):
        raise Unreadable(f"networks[{name}].vlanid: a number")
    return Reported(
        interface=interface,
        bridged=entry["bridged"],
        vlan=on.get("vlanid", entry.get("vlanid")),
        mtu=int(entry["mtu"]),
        switch=entry["switch"],
        ipv4=_ipv4(holder),
        gateway=holder["gateway"],
        ipv6=_ipv6(holder),
        ipv6_gateway="" if holder["ipv6gateway"] == "::" else holder["ipv6gateway"],
        default_route=entry["ipv4defaultroute"],
        host_qos=entry.get("hostQos"),
    )


def _insist(entry: Plain, where: str, **kinds: type) -> None:
    for key, kind in kinds.items():
        if key not in entry:
            raise Unreadable(f"{where}.{key} is missing")
        if not isinstance(entry[key], kind) or (kind is int and isinstance(entry[key], bool)):
            raise Unreadable(f"{where}.{key}: {entry[key]!r} is no {kind.__name__}")


def _interface(entry: Plain, devices: Plain) -> str:
    """What the network is attached to: the one port that is a device, or what a bridgeless one is on; '' for none."""
    if not entry["bridged"]:
        return str(entry["iface"])
    return next((port for port in entry["ports"] if port in devices), "")


def _ipv4(entry: Plain) -> str:
    if entry["dhcpv4"]:
        return "dhcp"
    return str(ipaddress.IPv4Interface(f"{entry['addr']}/{entry['netmask']}")) if entry["addr"] else "none"


def _ipv6(entry: Plain) -> str:
    if entry["dhcpv6"] or entry["ipv6autoconf"]:
        return "both" if entry["dhcpv6"] and entry["ipv6autoconf"] else "dhcp" if entry["dhcpv6"] else "autoconf"
    return str(ipaddress.IPv6Interface(entry["ipv6addrs"][0])) if entry["ipv6addrs"] else "none"


def _spelled(said: str) -> str:
    return str(ipaddress.ip_interface(said)) if "/" in said else said


def _rates(said: Plain | None) -> dict[str, float]:
    """What it compares: the share, and limit and guarantee in Mbit/s."""
    out = {} if said is None else said["out"]
    return {key: curve.get("m2", 0) / (1 if key == "ls" else MEGABIT) for key, curve in out.items()}
