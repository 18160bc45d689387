"""Random documents about a host with four NICs that an operator might well have written.

Most of them can be carried out: names keep their kinds, ports have one controller and no addresses, gateways are in a
network of the interface that leads to them. What still contradicts itself, or the host, has to be refused before anything
is touched.
"""

import typing

from hypothesis import strategies as st

Plain = dict[str, typing.Any]

CARDS = ("eth1", "eth2", "eth3", "eth4")
KINDS: dict[str, tuple[str, ...]] = {
    "bridge": ("br0", "br1"),
    "vxlan": ("vx0", "vx1"),
    "macvlan": ("mv0", "mv1"),
    "veth": ("va0", "vb0"),
    "bond": ("bond0",),
    "vlan": ("eth1.7", "eth2.8", "bond0.9"),
    "vlan-802.1ad": ("svlan0",),
    "vrf": ("red", "blue"),
    "dummy": ("d0", "d1"),
    "ipvlan": ("iv0",),
    "hsr": ("hsr0",),
    "macsec": ("ms0",),
    "bridge-vlan-filtering": (),
    "macvtap": ("mt0",),
}
"""What a kernel must offer (tests/lab/features.py), and the names that interfaces of that kind have here."""

HERE = ("bridge", "vxlan", "macvlan", "veth", "macvtap")
"""Kinds that any kernel we test on has."""

_TYPES = {
    "bridge": "linux-bridge",
    "macvlan": "mac-vlan",
    "macvtap": "mac-vtap",
    "vlan-802.1ad": "vlan",
}
_PORTS = (*CARDS, "vx0", "va0", "vb0", "bond0", "d0", "d1", "eth1.7", "mt0")
_BONDED = (*CARDS, "d0", "d1")
_PARENTS = (*CARDS, "br0", "bond0", "va0")
_NUMBER = {name: number for number, name in enumerate((*CARDS, *(one for names in KINDS.values() for one in names)), 1)}


def _maybe(**fields: typing.Any) -> st.SearchStrategy[Plain]:
    return st.fixed_dictionaries({}, optional={key.replace("_", "-"): value for key, value in fields.items()})


def _of(*values: typing.Any) -> st.SearchStrategy[typing.Any]:
    return st.sampled_from(values)


def _addresses(name: str) -> tuple[st.SearchStrategy[typing.Any], st.SearchStrategy[typing.Any]]:
    number = _NUMBER[name]
    four = [(f"10.{number}.0.{last}", 24) for last in (1, 2, 3)] + [("10.99.0.1", 16), (f"10.{number}.1.1", 32)]
    six = [(f"2001:db8:{number}::{last}", 64) for last in (1, 2, 3)] + [("2001:db8:99::1", 128), ("fd00::1", 48)]
    return tuple(
        st.lists(_of(*some), unique=True, max_size=3).map(
            lambda chosen: [{"ip": text, "prefix-length": length} for text, length in chosen]
        )
        for some in (four, six)
    )  # type: ignore[return-value]


def _common(name: str) -> dict[str, st.SearchStrategy[typing.Any]]:
    four, six = _addresses(name)
    return {
        "state": _of("up", "up", "up", "up", "down", "absent"),
        "mtu": _of(1280, 1400, 1500, 2000),
        "description": _of("", "to the left", "ünïcode / odd"),
        "ipv4": st.fixed_dictionaries({"enabled": st.just(True), "address": four}) | st.just({"enabled": False}),
        "ipv6": st.fixed_dictionaries(
            {"enabled": st.just(True), "address": six},
            optional={"addr-gen-mode": _of("eui64", "none"), "autoconf": st.just(False)},
        )
        | st.just({"enabled": False}),
        "mac-address": _of(f"02:00:00:00:aa:{_NUMBER[name]:02X}", f"02:00:00:00:BB:{_NUMBER[name]:02X}"),
        "alt-names": st.lists(
            _of(
                {"name": f"{name}-alternative"},
                {"name": "a" * 40 + name},
                {"name": f"{name}-alternative", "state": "absent"},
            ),
            max_size=2,
            unique_by=lambda one: one["name"],
        ),
        "accept-all-mac-addresses": st.booleans(),
    }


_BRIDGE_OPTIONS = _maybe(
    group_forward_mask=_of(0, 8),
    mac_ageing_time=_of(100, 300),
    multicast_snooping=st.booleans(),
    stp=_maybe(enabled=st.booleans(), priority=_of(4096, 32768), hello_time=_of(2, 3), forward_delay=_of(15, 4)),
)
_BRIDGE_PORT = _maybe(stp_hairpin_mode=st.booleans(), stp_path_cost=_of(5, 100), stp_priority=_of(16, 32))
_PORT_VLAN = _of(
    {},
    {"mode": "access", "tag": 5},
    {"mode": "trunk", "trunk-tags": [{"id": 6}, {"id-range": {"min": 10, "max": 12}}]},
    {"mode": "trunk", "trunk-tags": [{"id": 6}], "enable-native": True, "tag": 9},
)
_BOND_OPTIONS = {
    "active-backup": _maybe(
        miimon=_of(0, 100, 150),
        updelay=_of(0, 300),
        downdelay=_of(0, 300),
        fail_over_mac=_of("none", "active"),
        num_grat_arp=_of(1, 2),
        resend_igmp=_of(1, 3),
        primary_reselect=_of("always", "better"),
    ),
    "balance-rr": _maybe(miimon=_of(0, 100), packets_per_slave=_of(1, 8)),
    "balance-xor": _maybe(miimon=_of(0, 100), xmit_hash_policy=_of("layer2", "layer3+4")),
    "802.3ad": _maybe(
        miimon=_of(100, 200),
        lacp_rate=_of("slow", "fast"),
        ad_select=_of("stable", "bandwidth"),
        ad_actor_sys_prio=_of(65535, 1000),
        ad_user_port_key=_of(0, 5),
        min_links=_of(0, 1),
        xmit_hash_policy=_of("layer2", "layer2+3"),
    ),
    "balance-tlb": _maybe(miimon=_of(100, 200), tlb_dynamic_lb=st.booleans()),
    "balance-alb": _maybe(miimon=_of(100, 200), lp_interval=_of(1, 3)),
}


@st.composite
def _bridge(draw: st.DrawFn, name: str, ports: list[str], kinds: frozenset[str]) -> Plain:
    section: Plain = {}
    if draw(st.booleans()):
        section["options"] = draw(_BRIDGE_OPTIONS)
    if ports or draw(st.booleans()):
        listed = []
        for port in ports:
            said = {"name": port, **draw(_BRIDGE_PORT)}
            if "bridge-vlan-filtering" in kinds and draw(st.booleans()):
                said["vlan"] = draw(_PORT_VLAN)
            listed.append(said)
        section["port"] = listed
    return {"bridge": section} if section else {}


@st.composite
def _bond(draw: st.DrawFn, name: str, ports: list[str], kinds: frozenset[str]) -> Plain:
    mode = draw(_of(*_BOND_OPTIONS))
    section: Plain = {"mode": mode, "options": draw(_BOND_OPTIONS[mode])}
    delays = section["options"]
    if not delays.get("miimon"):
        section["options"] = {key: value for key, value in delays.items() if key not in ("updelay", "downdelay")}
    if ports or draw(st.booleans()):
        section["port"] = ports
    return {"link-aggregation": section}


@st.composite
def _vrf(draw: st.DrawFn, name: str, ports: list[str], kinds: frozenset[str]) -> Plain:
    section: Plain = {"route-table-id": draw(_of(101, 102)) if name == "red" else 103}
    if ports or draw(st.booleans()):
        section["port"] = ports
    return {"vrf": section}


@st.composite
def _vxlan(draw: st.DrawFn, name: str, ports: list[str], kinds: frozenset[str]) -> Plain:
    parent = {"base-iface": draw(_of(*CARDS))} if draw(st.booleans()) else {}
    remote = draw(_of("192.0.2.9", "192.0.2.10", "2001:db8::9"))
    more = draw(_maybe(learning=st.booleans()))
    number = {"vx0": 40, "vx1": 50}[name] + draw(st.integers(0, 1))
    return {"vxlan": {"id": number, "remote": remote, "destination-port": 4789, **parent, **more}}


def _on_top(section: str, **fields: typing.Any) -> typing.Callable[..., st.SearchStrategy[Plain]]:
    def make(name: str, ports: list[str], kinds: frozenset[str]) -> st.SearchStrategy[Plain]:
        said = {"base-iface": _of(*_PARENTS), **{key.replace("_", "-"): value for key, value in fields.items()}}
        return st.fixed_dictionaries(said).map(lambda inside: {section: inside})

    return make


def _vlan(name: str, ports: list[str], kinds: frozenset[str]) -> st.SearchStrategy[Plain]:
    if name == "svlan0":
        parent, number, protocol = _of("eth3", "bond0"), _of(100, 101), {"protocol": st.just("802.1ad")}
    else:
        parent, number, protocol = st.just(name.split(".")[0]), st.just(int(name.split(".")[1])), {}
    more = {"reorder-headers": st.booleans(), "loose-binding": st.booleans()}
    return st.fixed_dictionaries({"base-iface": parent, "id": number, **protocol}, optional=more).map(
        lambda inside: {"vlan": inside}
    )


def _nothing(name: str, ports: list[str], kinds: frozenset[str]) -> st.SearchStrategy[Plain]:
    return st.just({})


def _veth(name: str, ports: list[str], kinds: frozenset[str]) -> st.SearchStrategy[Plain]:
    return st.just({"veth": {"peer": {"va0": "vb0", "vb0": "va0"}[name]}})


def _hsr(name: str, ports: list[str], kinds: frozenset[str]) -> st.SearchStrategy[Plain]:
    return _of(
        {"hsr": {"port1": "eth3", "port2": "eth4", "multicast-spec": 40, "protocol": "hsr"}},
        {"hsr": {"port1": "eth3", "port2": "eth4", "multicast-spec": 41, "protocol": "prp"}},
    )


def _macsec(name: str, ports: list[str], kinds: frozenset[str]) -> st.SearchStrategy[Plain]:
    return st.fixed_dictionaries(
        {"base-iface": st.just("eth4"), "encrypt": st.booleans(), "port": _of(1, 2)},
        optional={"validation": _of("strict", "check"), "send-sci": st.just(True)},
    ).map(lambda inside: {"macsec": inside})


_SECTIONS: dict[str, typing.Callable[..., st.SearchStrategy[Plain]]] = {
    "bridge": _bridge,
    "bond": _bond,
    "vrf": _vrf,
    "vxlan": _vxlan,
    "macvlan": _on_top("mac-vlan", mode=_of("bridge", "private", "vepa", "passthru")),
    "macvtap": _on_top("mac-vtap", mode=_of("bridge", "private")),
    "ipvlan": _on_top("ipvlan", mode=_of("l2", "l3")),
    "veth": _veth,
    "dummy": _nothing,
    "vlan": _vlan,
    "vlan-802.1ad": _vlan,
    "hsr": _hsr,
    "macsec": _macsec,
}
_NO_MAC = frozenset({"vrf", "ipvlan", "hsr", "macsec"})


@st.composite
def documents(draw: st.DrawFn, kinds: typing.Iterable[str] = HERE) -> Plain:
    """A document as plain data, about NICs and interfaces of some kinds."""
    offered = frozenset(kinds)
    kind_of = {name: kind for kind in sorted(offered) for name in KINDS[kind]}
    names = draw(st.lists(_of(*CARDS, *sorted(kind_of)), unique=True, min_size=1, max_size=6))
    free = list(draw(st.permutations([name for name in _PORTS if name in CARDS or name in kind_of])))
    taken: dict[str, str] = {}
    ports_of: dict[str, list[str]] = {}
    for name in names:
        kind = kind_of.get(name, "")
        if kind in ("bridge", "bond", "vrf"):
            fits = [port for port in free if port != name and (port in _BONDED or kind != "bond")]
            ports_of[name] = sorted(fits[: draw(st.integers(0, 2))])
            for port in ports_of[name]:
                free.remove(port)
                taken[port] = kind
    plain: Plain = {
        "interfaces": [
            draw(_interface(name, kind_of.get(name, ""), ports_of.get(name, []), taken.get(name, ""), offered))
            for name in names
        ]
    }
    _make_ports(draw, plain, taken, kind_of, offered)
    routes = draw(st.lists(_routes(plain), max_size=3)) if draw(st.booleans()) else []
    if any(routes):
        plain["routes"] = {"config": [one for one in routes if one]}
    if draw(st.integers(0, 3)) == 0:
        plain["route-rules"] = {"config": draw(st.lists(_RULE, min_size=1, max_size=2, unique_by=str))}
    return plain


def _make_ports(
    draw: st.DrawFn, plain: Plain, taken: dict[str, str], kind_of: dict[str, str], offered: frozenset[str]
) -> None:
    """Ports that may not be there yet are usually made by the same document."""
    named = {one["name"] for one in plain["interfaces"]}
    for port, controller in taken.items():
        if port not in named and port not in CARDS and draw(st.integers(0, 3)):
            plain["interfaces"].append(draw(_interface(port, kind_of[port], [], controller, offered)))
            named.add(port)


@st.composite
def _interface(
    draw: st.DrawFn, name: str, kind: str, ports: list[str], controller: str, kinds: frozenset[str]
) -> Plain:
    said: Plain = {"name": name}
    common = draw(st.fixed_dictionaries({}, optional=_common(name)))
    if ports or controller:
        common.pop("state", None)
    if common.get("state") == "absent":
        return said | ({"type": _TYPES.get(kind, kind)} if kind else {}) | {"state": "absent"}
    if controller in ("bond", "bridge"):
        common.pop("ipv4", None)
        common.pop("ipv6", None)
    if controller == "bond" or kind in _NO_MAC:
        common.pop("mac-address", None)
    if kind:
        said["type"] = _TYPES.get(kind, kind)
        said |= draw(_SECTIONS[kind](name, ports, kinds))
    return said | common


@st.composite
def _routes(draw: st.DrawFn, plain: Plain) -> Plain:
    """A route over one of the interfaces, to which the document gives an address as well; or one that goes."""
    ways = [
        (one["name"], address["ip"])
        for one in plain["interfaces"]
        if one.get("state", "up") == "up"
        for family in ("ipv4", "ipv6")
        for address in one.get(family, {}).get("address", [])
        if address["prefix-length"] in (24, 64)
    ]
    if not ways or draw(st.integers(0, 4)) == 0:
        return draw(
            _of(
                {"state": "absent", "next-hop-interface": "eth1"},
                {"state": "absent", "destination": "203.0.113.0/24"},
                {"destination": "198.51.100.0/24", "route-type": "blackhole"},
                {"destination": "2001:db8:dead::/48", "route-type": "unreachable", "metric": 7},
            )
        )
    name, address = draw(_of(*ways))
    six = ":" in address
    gateway = address.rpartition("::" if six else ".")[0] + ("::fe" if six else ".254")
    said: Plain = {"next-hop-interface": name}
    said["destination"] = draw(_of("2001:db8:f::/48", "::/0") if six else _of("203.0.113.0/24", "0.0.0.0/0"))
    if draw(st.booleans()):
        said["next-hop-address"] = gateway
    more = {"metric": _of(5, 6), "table-id": _of(254, 900), "source": st.just(address), "cwnd": _of(10, 20)}
    return said | draw(st.fixed_dictionaries({}, optional=more))


_RULE = _of(
    {"ip-from": "10.1.0.0/24", "route-table": 900, "priority": 500},
    {"ip-from": "10.1.0.0/24", "route-table": 901, "priority": 500},
    {"ip-to": "2001:db8:1::/64", "route-table": 900},
    {"state": "absent", "priority": 500},
    {"state": "absent", "route-table": 900},
    {"family": "ipv4", "fwmark": "0x10", "fwmask": "0xf0", "route-table": 900, "priority": 501},
    {"family": "ipv6", "iif": "eth1", "action": "blackhole", "priority": 502},
)
