"""Whether request, capabilities, kernel (or Open vSwitch) and what is stored say the same of networks and bonds."""

import ipaddress
import json
import subprocess
import typing
import zlib

from tests.agent.engine_view import Spec, in_sync
from tests.agent.functional.shared import CARDS, SharedHost

Plain = dict[str, typing.Any]

MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
MAIN = "main"
YES = (True, "true", "yes", "on")


class Network(typing.NamedTuple):
    """A network as it was asked for, its attributes given their defaults."""

    name: str
    attributes: Plain

    def get(self, key: str, default: typing.Any = None) -> typing.Any:
        value = self.attributes.get(key)
        return default if value in (None, "") else value

    @property
    def bridged(self) -> bool:
        return bool(self.get("bridged", True) in YES)

    @property
    def ovs(self) -> bool:
        return bool(self.get("switch", "legacy") == "ovs")

    @property
    def base(self) -> str:
        return str(self.get("bonding") or self.get("nic", ""))

    @property
    def vlan(self) -> int | None:
        return None if self.get("vlan") is None else int(self.get("vlan"))

    @property
    def southbound(self) -> str:
        return self.base if self.vlan is None or not self.base else f"{self.base}.{self.vlan}"

    @property
    def holder(self) -> str:
        """The interface with its addresses."""
        return self.name if self.bridged or self.ovs else self.southbound

    @property
    def mtu(self) -> int:
        return int(self.get("mtu", 1500))

    @property
    def ipv4(self) -> str:
        """ADDRESS/PREFIX, or ''."""
        if not self.get("ipaddr"):
            return ""
        return str(ipaddress.IPv4Interface(f"{self.get('ipaddr')}/{self.get('netmask') or self.get('prefix')}"))

    @property
    def ipv6(self) -> str:
        return str(ipaddress.IPv6Interface(self.get("ipv6addr"))) if self.get("ipv6addr") else ""

    @property
    def ipv6_gateway(self) -> str:
        said = str(self.get("ipv6gateway", ""))
        return "" if said == "::" else said

    @property
    def default_route(self) -> bool:
        return self.get("defaultRoute", False) in YES

    @property
    def automatic(self) -> bool:
        return self.get("bootproto", "none") == "dhcp" or bool(self.get("dhcpv6")) or bool(self.get("ipv6autoconf"))

    def spec(self) -> Spec:
        """As an engine compares it."""
        words = {(True, False): "dhcp", (False, True): "autoconf", (True, True): "both"}
        automatic = words.get((bool(self.get("dhcpv6")), bool(self.get("ipv6autoconf"))), "none")
        return Spec(
            name=self.name,
            bridged=self.bridged,
            vlan=self.vlan,
            mtu=self.mtu,
            switch=self.get("switch", "legacy"),
            ipv4="dhcp" if self.get("bootproto", "none") == "dhcp" else self.ipv4 or "none",
            gateway=self.get("gateway", ""),
            ipv6=self.ipv6 or automatic,
            ipv6_gateway=self.ipv6_gateway if self.default_route or self.ipv6 else "",
            default_route=self.default_route and bool(self.get("gateway")),
            name_servers=tuple(self.get("nameservers", ())),
            host_qos=self.get("hostQos"),
        )


class Kernel:
    """Links, addresses, routes and rules, by ip(8)."""

    def __init__(self, host: SharedHost) -> None:
        four, six = (_routing(host, family) for family in ("-4", "-6"))
        self.links: dict[str, Plain] = {one["ifname"]: one for one in host.netns.ip_json("addr") if "ifname" in one}
        self.routes: list[Plain] = [*four[0], *six[0]]
        self.rules: list[Plain] = [*four[1], *six[1]]

    def kind(self, name: str) -> str:
        return str(self.links.get(name, {}).get("linkinfo", {}).get("info_kind", ""))

    def data(self, name: str) -> Plain:
        return typing.cast(Plain, self.links[name].get("linkinfo", {}).get("info_data", {}))

    def addresses(self, name: str, family: str) -> list[str]:
        found = [one for one in self.links[name]["addr_info"] if one["family"] == family and one["scope"] == "global"]
        return [f"{one['local']}/{one['prefixlen']}" for one in found if not one.get("dynamic")]

    def ports(self, name: str) -> list[str]:
        return sorted(one for one, link in self.links.items() if link.get("master") == name)

    def table(self, number: int) -> set[tuple[str, str]]:
        """Destinations and gateways of the unicast routes of a routing table."""
        mine = [one for one in self.routes if str(one.get("table", MAIN)) == str(number) and one["type"] == "unicast"]
        return {(one["dst"], one.get("gateway", "")) for one in mine}


def _routing(host: SharedHost, family: str) -> list[list[Plain]]:
    """Routes and rules; one process for both, since starting one takes its time in a guest."""
    with host.netns.entered():
        done = subprocess.run(
            ["ip", "-j", "-d", family, "-batch", "-"],
            input="route show table all\nrule show\n",
            capture_output=True,
            text=True,
            check=True,
        )
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def differences(
    host: SharedHost, networks: dict[str, Plain], bonds: dict[str, Plain], caps: Plain, foreign: set[str]
) -> list[str]:
    """All of them, in words."""
    kernel, running = Kernel(host), host.stored("running")
    asked = [Network(name, attributes) for name, attributes in networks.items()]
    found = [f"{one.name} in capabilities: {text}" for one in asked for text in in_sync(caps, one.spec())]
    found += _unlike("networks in capabilities", set(networks), set(caps["networks"]))
    found += _unlike("networks that run", set(networks), set(running["networks"]))
    for one in asked:
        if one.name in caps["networks"]:
            found += _reported(one, caps)
        found += _stored(one, running["networks"].get(one.name, {}))
        found += _switched(one, host, kernel) if one.ovs else _bridged(one, kernel)
        if one.holder in kernel.links:
            found += _addressed(one, kernel)
            found += _routed(one, kernel)
    for name, attributes in bonds.items():
        found += _bond(name, attributes, kernel, caps, running["bonds"].get(name, {}))
    return found + _strays(asked, set(bonds) | foreign, kernel)


def _unlike(what: str, wanted: typing.Any, there: typing.Any) -> list[str]:
    return [] if wanted == there else [f"{what}: wanted {wanted!r}, is {there!r}"]


def _reported(one: Network, caps: Plain) -> list[str]:
    entry = caps["networks"][one.name]
    where = f"{one.name} in capabilities"
    found = _unlike(f"{where}: southbound", one.southbound or None, entry["southbound"])
    found += _unlike(f"{where}: iface", one.name if one.bridged else one.southbound, entry["iface"])
    if one.vlan is not None:
        found += _unlike(f"{where}: vlans", {"iface": one.base, "vlanid": one.vlan}, _of(caps["vlans"], one.southbound))
    if one.bridged:
        found += _unlike(f"{where}: stp", one.get("STP", one.get("stp", False)) in YES, entry["stp"] in YES)
        ports = caps["bridges"][one.name]["ports"]
        found += _unlike(f"{where}: ports", [True] if one.base else [], [one.southbound in ports][: bool(one.base)])
    else:
        found += _unlike(f"{where}: interface", one.southbound, entry["interface"])
    return found


def _of(vlans: Plain, name: str) -> Plain:
    return {key: vlans.get(name, {}).get(key) for key in ("iface", "vlanid")}


def _stored(one: Network, stored: Plain) -> list[str]:
    wanted = {
        "nic": one.base if not one.get("bonding") else "",
        "bonding": one.get("bonding", ""),
        "vlan": one.vlan,
        "bridged": one.bridged,
        "mtu": one.mtu,
        "switch": one.get("switch", "legacy"),
        "bootproto": one.get("bootproto", "none"),
        "ipaddr": one.get("ipaddr", ""),
        "gateway": one.get("gateway", ""),
        "ipv6addr": one.ipv6,
        "defaultRoute": one.default_route,
    }
    there = {key: stored.get(key, "" if key != "vlan" else None) for key in wanted}
    return _unlike(f"{one.name} as stored", wanted, there)


def _bridged(one: Network, kernel: Kernel) -> list[str]:
    found = [f"{name} is not there" for name in {one.holder, one.southbound} - {""} if name not in kernel.links]
    if found:
        return found
    if one.vlan is not None:
        found += _unlike(f"kind of {one.southbound}", "vlan", kernel.kind(one.southbound))
        found += _unlike(f"VLAN of {one.southbound}", one.vlan, kernel.data(one.southbound).get("id"))
        found += _unlike(f"parent of {one.southbound}", one.base, kernel.links[one.southbound].get("link"))
    if one.bridged:
        found += _unlike(f"kind of {one.name}", "bridge", kernel.kind(one.name))
        stp = one.get("STP", one.get("stp", False)) in YES
        found += _unlike(f"spanning tree of {one.name}", stp, bool(kernel.data(one.name)["stp_state"]))
        if one.base:
            found += _unlike(f"controller of {one.southbound}", one.name, kernel.links[one.southbound].get("master"))
            for family in ("inet", "inet6"):
                found += _unlike(f"{family} of {one.southbound}", [], kernel.addresses(one.southbound, family))
    return found + _sized(one, kernel)


def _sized(one: Network, kernel: Kernel) -> list[str]:
    found = _unlike(f"MTU of {one.holder}", one.mtu, kernel.links[one.holder]["mtu"])
    found += [f"{one.holder} is down"] if "UP" not in kernel.links[one.holder]["flags"] else []
    if one.base and kernel.links[one.base]["mtu"] < one.mtu:
        found.append(f"MTU of {one.base}: {kernel.links[one.base]['mtu']} is less than {one.mtu} of {one.name}")
    return found


def _switched(one: Network, host: SharedHost, kernel: Kernel) -> list[str]:
    ports = {row["name"]: row for row in rows(host, "Port", "name", "tag")}
    if one.name not in ports or one.base not in ports:
        return [f"{one.name} or {one.base} is no port of Open vSwitch: {sorted(ports)}"]
    tag = ports[one.name]["tag"]
    bridge = host.run("ovs-vsctl", "port-to-br", one.name).strip()
    found = _unlike(f"bridge of {one.base}", bridge, host.run("ovs-vsctl", "port-to-br", one.base).strip())
    found += _unlike(f"tag of {one.name}", one.vlan, tag if isinstance(tag, int) else None)
    if one.name not in kernel.links:
        return [*found, f"{one.name} is not there"]
    return found + _sized(one, kernel)


def rows(host: SharedHost, table: str, *columns: str) -> list[Plain]:
    """Of a table of Open vSwitch."""
    found = json.loads(host.run("ovs-vsctl", "--format=json", f"--columns={','.join(columns)}", "list", table))
    return [dict(zip(found["headings"], row, strict=True)) for row in found["data"]]


def _addressed(one: Network, kernel: Kernel) -> list[str]:
    found = _unlike(f"IPv4 of {one.holder}", [one.ipv4] if one.ipv4 else [], kernel.addresses(one.holder, "inet")[:1])
    return found + _unlike(
        f"IPv6 of {one.holder}", [one.ipv6] if one.ipv6 else [], kernel.addresses(one.holder, "inet6")
    )


def _routed(one: Network, kernel: Kernel) -> list[str]:
    """The default route, and source routing, of addresses given by hand."""
    if one.automatic:
        return []
    found = []
    for family, gateway in (("IPv4", one.get("gateway", "")), ("IPv6", one.ipv6_gateway)):
        four = family == "IPv4"
        mine = [
            each["gateway"]
            for each in kernel.routes
            if each["dst"] == "default" and each.get("dev") == one.holder and each.get("table", MAIN) == MAIN
            if "gateway" in each and (":" in each["gateway"]) != four
        ]
        found += _unlike(
            f"{family} default routes by {one.holder}", [gateway] * (one.default_route and gateway != ""), mine
        )
    table = zlib.adler32(one.holder.encode())
    wanted = set()
    for address, gateway in ((one.ipv4, one.get("gateway", "")), (one.ipv6, one.ipv6_gateway)):
        if address and gateway:
            wanted |= {("default", gateway), (str(ipaddress.ip_interface(address).network), "")}
    rules = {
        (key, f"{each[key]}/{each[key + 'len']}")
        for each in kernel.rules
        for key in ("src", "dst")
        if str(each.get("table")) == str(table) and key + "len" in each and each["priority"] == 3200
    }
    subnets = {subnet for subnet, gateway in wanted if not gateway}
    found += _unlike(f"table {table} of {one.holder}", wanted, kernel.table(table))
    return found + _unlike(f"rules of {one.holder}", {(key, one) for key in ("src", "dst") for one in subnets}, rules)


def _bond(name: str, asked: Plain, kernel: Kernel, caps: Plain, stored: Plain) -> list[str]:
    if name not in kernel.links or name not in caps["bondings"]:
        return [f"bond {name} is not there"]
    entry = caps["bondings"][name]
    found = _unlike(f"ports of {name}", sorted(asked["nics"]), kernel.ports(name))
    found += _unlike(f"ports of {name} in capabilities", sorted(asked["nics"]), sorted(entry["slaves"]))
    found += _unlike(f"ports of {name} as stored", sorted(asked["nics"]), sorted(stored.get("nics", [])))
    options = dict(one.split("=", 1) for one in asked.get("options", "").split())
    mode = options.get("mode", "0")
    mode = mode if mode.isdigit() else str(MODES.index(mode))
    found += _unlike(f"mode of {name}", MODES[int(mode)], kernel.data(name)["mode"])
    found += _unlike(f"mode of {name} in capabilities", mode, entry["opts"]["mode"])
    found += _unlike(f"switch of {name} in capabilities", asked.get("switch", "legacy"), entry["switch"])
    for key, value in options.items():
        if key != "mode" and value.isdigit() and entry["opts"].get(key, value) != value:
            found.append(f"{key} of {name} in capabilities: wanted {value}, is {entry['opts'][key]}")
    return found


def _strays(asked: list[Network], others: set[str], kernel: Kernel) -> list[str]:
    """Interfaces that nobody has asked for."""
    own = {name for one in asked for name in (one.holder, *(() if one.ovs else (one.southbound,)))}
    switch = {name for name in kernel.links if name.startswith("vdsmbr_") or name == "ovs-system"}
    strays = set(kernel.links) - own - others - set(CARDS) - {"lo"} - switch
    stale = {name for name in switch - {"ovs-system"} if not any(one.ovs for one in asked)}
    return [f"left over: {sorted(strays | stale)}"] if strays | stale else []


def picture(host: SharedHost) -> Plain:
    """What the kernel has, but for what changes by itself."""
    kernel = Kernel(host)
    links = {name: _link(kernel, name) for name in kernel.links if name != "ovs-system"}
    routes = [_lasting(one) for one in kernel.routes if not str(one["dst"]).startswith(("fe80", "ff00"))]
    return {**links, "rules": _texts(kernel.rules), "routes": _texts(routes)}


def _link(kernel: Kernel, name: str) -> Plain:
    link = kernel.links[name]
    return {
        "controller": link.get("master"),
        "mtu": link["mtu"],
        "mac": link["address"],
        "flags": sorted(set(link["flags"]) - {"LOWER_UP", "NO-CARRIER"}),
        "addresses": kernel.addresses(name, "inet") + kernel.addresses(name, "inet6"),
    }


def _lasting(route: Plain) -> Plain:
    """NetworkManager gives routes to connected networks another metric each time."""
    changing = {"expires", "cache", *(("metric",) if route.get("protocol") == "kernel" else ())}
    return {key: value for key, value in route.items() if key not in changing}


def _texts(entries: list[Plain]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in entries)


def unlike(before: Plain, after: Plain) -> list[str]:
    """Where two pictures differ."""
    names = sorted({*before, *after})
    return [f"{one}: was {before.get(one)}, is {after.get(one)}" for one in names if before.get(one) != after.get(one)]
