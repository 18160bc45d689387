# ruff: noqa: SIM905 - words are read better without quotes
"""A host as iproute2 sees it, with everything that a rollback has to restore and nothing that changes by itself."""

import json
import pathlib
import typing

_FLAGS = frozenset({"UP", "PROMISC", "ALLMULTI", "NOARP", "MULTICAST"})
_LINK_IGNORED = frozenset(
    {
        "ifindex",
        "operstate",
        "flags",
        "link_index",
        "qdisc",
        "linkmode",
        "link_netnsid",
        "vf",
        "xdp",
        "ifname",
        "altnames",
        "tso_max_size",
        "promiscuity",
        "tso_max_segs",
    }
)
_STATE_OF_BRIDGE = frozenset(
    "seq_nr hello_timer tcn_timer topology_change_timer topology_change topology_change_detected gc_timer root_id root_port "
    "root_path_cost bridge_id".split()
)
_STATE_OF_PORT = frozenset(
    "state id no designated_port designated_cost designated_bridge designated_root hold_timer message_age_timer "
    "forward_delay_timer topology_change_ack config_pending root_block multicast_router perm_hwaddr mii_status "
    "link_failure_count ad_aggregator_id ad_actor_oper_port_state ad_partner_oper_port_state "
    "ad_actor_oper_port_state_str ad_partner_oper_port_state_str".split()
)
_SETTINGS = pathlib.Path("/proc/sys/net/ipv6/conf")
_BY_THE_KERNEL = ("local", "broadcast", "anycast", "multicast")
_STATE_OF_BOND = frozenset({"active_slave", "ad_info"})


def links(netns: typing.Any) -> dict[str, typing.Any]:
    """Every link by its name."""
    return {one["ifname"]: _link(netns, one) for one in netns.ip_json("link", "show")}


def _link(netns: typing.Any, one: dict[str, typing.Any]) -> dict[str, typing.Any]:
    kept = {key: value for key, value in one.items() if key not in _LINK_IGNORED}
    if _without_ipv6(netns, one["ifname"]):
        kept.pop("inet6_addr_gen_mode", None)  # how addresses would be made means nothing while none are
    info = dict(kept.pop("linkinfo", {}))
    info["info_data"] = _without(info.get("info_data"), _STATE_OF_BRIDGE | _STATE_OF_BOND)
    info["info_slave_data"] = _without(info.get("info_slave_data"), _STATE_OF_PORT)
    if info.get("info_kind") == "vrf":
        kept.pop("address")  # by chance, and on no wire
    kept["info"] = info
    kept["flags"] = sorted(_FLAGS.intersection(one["flags"]))
    kept["altnames"] = sorted(one.get("altnames", ()))
    return kept


def _without_ipv6(netns: typing.Any, name: str) -> bool:
    with netns.entered():
        switch = _SETTINGS / name / "disable_ipv6"
        return not switch.exists() or switch.read_text() != "0\n"


def _without(data: dict[str, typing.Any] | None, names: frozenset[str]) -> dict[str, typing.Any]:
    return {key: value for key, value in (data or {}).items() if key not in names}


def addresses(netns: typing.Any) -> dict[str, list[str]]:
    """Those of each link, IPv4 in order; without IPv6 link-local ones, which the kernel makes."""
    found = {}
    for one in netns.ip_json("address", "show"):
        some = [each for each in one["addr_info"] if each["scope"] != "link"]
        four = [_shown(each, "local", "prefixlen", "metric", "broadcast") for each in some if each["family"] == "inet"]
        six = [_shown(each, "local", "prefixlen", "metric") for each in some if each["family"] != "inet"]
        found[one["ifname"]] = four + sorted(six)
    return found


def _shown(one: dict[str, typing.Any], *names: str) -> str:
    return " ".join(str(one[name]) for name in names if name in one)


def routes(netns: typing.Any) -> list[str]:
    """All routes of all tables but those that come with link-local addresses, and local ones of addresses."""
    found = []
    for family in ("-4", "-6"):
        for one in netns.ip_json(family, "route", "show", "table", "all"):
            if one["dst"].startswith(("fe80", "ff00", "multicast")) or one.get("type") in _BY_THE_KERNEL:
                continue
            kept = {key: value for key, value in one.items() if key not in ("flags", "pref", "expires")}
            hops = [
                {**hop, "flags": [flag for flag in hop["flags"] if flag == "onlink"]} for hop in one.get("nexthops", [])
            ]
            kept["nexthops"] = sorted(hops, key=str)  # their order says nothing
            kept["protocol"] = one["protocol"].replace("boot", "static")  # by hand, and by hand or us
            kept["onlink"] = "onlink" in one["flags"]
            found.append(json.dumps(kept, sort_keys=True))
    return sorted(found)


def rules(netns: typing.Any) -> list[str]:
    """All rules but the one for VRFs, which the kernel adds with the first one and keeps."""
    return [
        family + json.dumps(one, sort_keys=True)
        for family in ("-4", "-6")
        for one in netns.ip_json(family, "rule", "show")
        if "l3mdev" not in one
    ]


def vlans(netns: typing.Any) -> dict[str, typing.Any]:
    """VLANs of bridge ports."""
    import subprocess

    with netns.entered():
        done = subprocess.run(["bridge", "-j", "vlan", "show"], capture_output=True, text=True, check=True)
    return {one["ifname"]: one["vlans"] for one in json.loads(done.stdout or "[]")}


def picture(netns: typing.Any) -> dict[str, typing.Any]:
    """All of it."""
    parts = {"links": links, "addresses": addresses, "routes": routes, "rules": rules, "vlans": vlans}
    return {name: look(netns) for name, look in parts.items()}


def unlike(before: typing.Any, after: typing.Any, path: str = "") -> list[str]:
    """Where two pictures differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        found = []
        for key in [*before, *(one for one in after if one not in before)]:
            found += unlike(before.get(key), after.get(key), f"{path}.{key}")
        return found
    if isinstance(before, list) and isinstance(after, list) and before != after:
        gone = [one for one in before if one not in after]
        new = [one for one in after if one not in before]
        return [f"{path}: lost {gone}, new {new}" if gone or new else f"{path}: order {before} is now {after}"]
    return [] if before == after else [f"{path}: was {before!r}, is {after!r}"]
