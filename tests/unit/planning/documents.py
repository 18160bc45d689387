"""Random documents about one small host, drawn so that most of them can be planned."""

from hypothesis import strategies as st

from linkhold.foundation.diagnostics import Invalid
from linkhold.planning import planner
from linkhold.state.document import read
from tests.cases.hosts import carry_out, host, look, observed

CARDS = ("eth1", "eth2", "eth3")
HARDWARE = {
    "interfaces": [
        {
            "name": name,
            "type": "ethernet",
            "mtu": 1500,
            "mac-address": f"02:00:00:00:00:0{index}",
            "ipv4": {"enabled": True, "address": [{"ip": f"192.0.2.{index}", "prefix-length": 24}]},
        }
        for index, name in enumerate(CARDS)
    ],
    "routes": {
        "config": [{"destination": "0.0.0.0/0", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.254"}]
    },
}
MADE = ("bond0", "br0", "br1", "blue", "v7", "v8", "d0", "x0", "mv0", "p0", "p1")
_PORTS = st.lists(st.sampled_from((*CARDS, "bond0", "v7", "v8", "d0", "x0", "p0", "p1")), unique=True, max_size=3)
_PARENTS = st.sampled_from((*CARDS, "bond0", "br0", "v8", "d0"))


def _maybe(**fields):
    """A map with any of some fields."""
    return st.fixed_dictionaries({}, optional=fields)


_ADDRESSES = {
    "ipv4": st.lists(
        st.builds(lambda n: {"ip": f"198.51.100.{n}", "prefix-length": 24}, st.integers(1, 6)),
        unique_by=lambda one: one["ip"],
        max_size=3,
    ),
    "ipv6": st.lists(
        st.builds(lambda n: {"ip": f"2001:db8::{n}", "prefix-length": 64}, st.integers(1, 6)),
        unique_by=lambda one: one["ip"],
        max_size=3,
    ),
}


def _ip(family):
    on = st.fixed_dictionaries({"enabled": st.just(True)}, optional={"address": _ADDRESSES[family]})
    return st.one_of(
        on, st.just({"enabled": False}), st.builds(lambda address: {"address": address}, _ADDRESSES[family])
    )


_COMMON = {
    "state": st.sampled_from(("up", "up", "up", "down", "absent")),
    "mtu": st.sampled_from((1400, 1500, 9000)),
    "description": st.sampled_from(("", "a", "b")),
    "ipv4": _ip("ipv4"),
    "ipv6": _ip("ipv6"),
    "alt-names": st.lists(
        st.builds(lambda name: {"name": name}, st.sampled_from(("one", "two"))), unique_by=str, max_size=2
    ),
}

_BOND = _maybe(
    port=_PORTS,
    options=st.one_of(
        st.just({}), _maybe(miimon=st.sampled_from((0, 100)), fail_over_mac=st.sampled_from(("none", "follow")))
    ),
)
_PORT = st.fixed_dictionaries(
    {},
    optional={
        "stp-path-cost": st.integers(1, 9),
        "vlan": st.sampled_from(({}, {"mode": "access", "tag": 5}, {"mode": "trunk", "trunk-tags": [{"id": 6}]})),
    },
)
_BRIDGE = _maybe(
    port=_PORTS.flatmap(
        lambda names: st.tuples(*(_PORT.map(lambda said, name=name: {"name": name, **said}) for name in names)).map(
            list
        )
    ),
    options=_maybe(
        **{"stp": _maybe(enabled=st.booleans(), priority=st.just(4096)), "mac-ageing-time": st.integers(100, 102)}
    ),
)
_SECTIONS = {
    "bond0": {
        "type": st.just("bond"),
        "link-aggregation": st.builds(
            lambda mode, said: {**said, **({"mode": mode} if mode else {})},
            st.sampled_from(("active-backup", "balance-xor", "802.3ad")),
            _BOND,
        ),
    },
    "br0": {"type": st.just("linux-bridge"), "bridge": _BRIDGE},
    "br1": {"type": st.just("linux-bridge"), "bridge": _BRIDGE},
    "blue": {
        "type": st.just("vrf"),
        "vrf": st.fixed_dictionaries({"route-table-id": st.sampled_from((10, 11))}, optional={"port": _PORTS}),
    },
    "v7": {
        "type": st.just("vlan"),
        "vlan": st.fixed_dictionaries({"base-iface": _PARENTS, "id": st.sampled_from((7, 77))}),
    },
    "v8": {
        "type": st.just("vlan"),
        "vlan": st.fixed_dictionaries({"base-iface": st.sampled_from((*CARDS, "bond0")), "id": st.just(8)}),
    },
    "d0": {"type": st.sampled_from(("dummy", "linux-bridge"))},
    "x0": {
        "type": st.just("vxlan"),
        "vxlan": st.fixed_dictionaries(
            {"id": st.integers(1, 2), "base-iface": _PARENTS, "remote": st.just("192.0.2.9")}
        ),
    },
    "mv0": {
        "type": st.just("mac-vlan"),
        "mac-vlan": st.fixed_dictionaries({"base-iface": _PARENTS, "mode": st.sampled_from(("bridge", "private"))}),
    },
    "p0": {"type": st.just("veth"), "veth": st.just({"peer": "p1"})},
    "p1": {"type": st.just("veth"), "veth": st.sampled_from(({"peer": "p0"}, {"peer": "p2"}))},
}


def _interface(name):
    said = {"name": st.just(name), **_SECTIONS.get(name, {"type": st.just("ethernet")})}
    return st.fixed_dictionaries(said, optional=_COMMON | {"controller": st.sampled_from(("", "br0", "blue", "bond0"))})


_ROUTES = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "destination": st.sampled_from(("203.0.113.0/24", "0.0.0.0/0")),
                "next-hop-interface": st.sampled_from((*CARDS, "br0")),
            },
            optional={
                "next-hop-address": st.sampled_from(("192.0.2.254", "192.0.2.253")),
                "metric": st.sampled_from((-1, 5, 6)),
                "table-id": st.sampled_from((0, 9)),
            },
        ),
        st.fixed_dictionaries(
            {"state": st.just("absent")},
            optional={"destination": st.just("203.0.113.0/24"), "next-hop-interface": st.sampled_from(CARDS)},
        ),
    ),
    max_size=3,
)
_RULES = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"ip-from": st.sampled_from(("192.0.2.0/24", "198.51.100.0/24"))},
            optional={"route-table": st.integers(9, 10), "priority": st.integers(98, 99)},
        ),
        st.just({"state": "absent", "route-table": 9}),
    ),
    max_size=2,
)


@st.composite
def documents(draw):
    """A document as plain data."""
    names = draw(st.lists(st.sampled_from((*CARDS, *MADE)), unique=True, max_size=6))
    plain = {"interfaces": [draw(_interface(name)) for name in names]}
    if draw(st.booleans()):
        plain["routes"] = {"config": draw(_ROUTES)}
    if draw(st.booleans()):
        plain["route-rules"] = {"config": draw(_RULES)}
    if draw(st.booleans()):
        plain["dns-resolver"] = draw(
            st.sampled_from(
                ({"config": {}}, {"config": {"server": ["192.0.2.53"]}}, {"config": {"search": ["a.example"]}})
            )
        )
    return plain


def host_after(plain):
    """A host to which a document was applied; the bare hardware where it can't be."""
    bare = observed(HARDWARE)
    try:
        outcome = planner.plan(read(plain), bare)
    except Invalid:
        return bare
    memory = host(bare)
    carry_out(memory, outcome.plan)
    return look(memory)
