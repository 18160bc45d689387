"""Many network objects, as text for `ip -batch` and as a document: the same objects in both."""

import json
import pathlib
import subprocess
import typing

Document = dict[str, typing.Any]

OFF = {"enabled": False}

# Batches are read by `ip -batch`; each function gives the lines that make some objects.


def vxlans(count: int) -> list[str]:
    """Tunnels that are up."""
    return [
        line
        for number in range(count)
        for line in (
            f"link add x{number} type vxlan id {number + 1} local 192.0.2.1 remote 198.51.100.1 dstport 4789",
            f"link set x{number} up",
        )
    ]


def cards(names: typing.Iterable[str]) -> list[str]:
    """Ends of pairs that are up, as cards for others to use; their other ends are, too."""
    return [
        line
        for number, name in enumerate(names)
        for line in (
            f"link add {name} type veth peer name far{number}",
            f"link set {name} up",
            f"link set far{number} up",
        )
    ]


def vxlan_document(count: int) -> Document:
    """What `vxlans` makes."""
    return _interfaces(
        {
            **_plain(f"x{number}", "vxlan"),
            "vxlan": {"id": number + 1, "local": "192.0.2.1", "remote": "198.51.100.1", "destination-port": 4789},
        }
        for number in range(count)
    )


def veths(pairs: int) -> list[str]:
    """A bridge with one end of each pair as a port; everything is up."""
    lines = ["link add br0 type bridge", "link set br0 up"]
    for number in range(pairs):
        lines += [
            f"link add v{number} type veth peer name p{number}",
            f"link set v{number} master br0 up",
            f"link set p{number} up",
        ]
    return lines


def veth_document(pairs: int) -> Document:
    """What `veths` makes."""
    bridge = {**_plain("br0", "linux-bridge"), "bridge": {"port": [{"name": f"v{number}"} for number in range(pairs)]}}
    ends = (
        {**_plain(here, "veth"), "veth": {"peer": there}}
        for number in range(pairs)
        for here, there in ((f"v{number}", f"p{number}"), (f"p{number}", f"v{number}"))
    )
    return _interfaces([bridge, *ends])


def both(count: int) -> list[str]:
    """So many tunnels, and half as many pairs."""
    return vxlans(count) + veths(count // 2)


def both_document(count: int) -> Document:
    """What `both` makes."""
    tunnels, pairs = vxlan_document(count), veth_document(count // 2)
    return {"interfaces": [*tunnels["interfaces"], *pairs["interfaces"]]}


def vlans(count: int) -> list[str]:
    """A bond over two dummies, VLANs on it, and a bridge on each VLAN; everything is up."""
    lines = [
        "link add d0 type dummy",
        "link add d1 type dummy",
        "link add bond0 type bond mode active-backup miimon 100",
        "link set d0 master bond0",
        "link set d1 master bond0",
        "link set d0 up",
        "link set d1 up",
        "link set bond0 up",
    ]
    for number in range(1, count + 1):
        lines += [
            f"link add bond0.{number} link bond0 type vlan id {number}",
            f"link add br{number} type bridge",
            f"link set bond0.{number} master br{number} up",
            f"link set br{number} up",
        ]
    return lines


def bridges(count: int) -> list[str]:
    """Bridges with an address and a port each; everything is up."""
    lines: list[str] = []
    for number in range(count):
        high, low = divmod(number, 256)
        lines += [
            f"link add br{number} type bridge",
            f"link add x{number} type vxlan id {number + 1} local 192.0.2.1 remote 198.51.100.1 dstport 4789",
            f"link set x{number} master br{number} up",
            f"link set br{number} up",
            f"addr add 10.{high}.{low}.1/24 dev br{number}",
        ]
    return lines


def vlan_document(count: int) -> Document:
    """What `vlans` makes."""
    bond = {
        **_plain("bond0", "bond"),
        "link-aggregation": {"mode": "active-backup", "options": {"miimon": 100}, "port": ["d0", "d1"]},
    }
    upper = (
        one
        for number in range(1, count + 1)
        for one in (
            {**_plain(f"bond0.{number}", "vlan"), "vlan": {"base-iface": "bond0", "id": number}},
            {**_plain(f"br{number}", "linux-bridge"), "bridge": {"port": [{"name": f"bond0.{number}"}]}},
        )
    )
    return _interfaces([_plain("d0", "dummy"), _plain("d1", "dummy"), bond, *upper])


def addressed(count: int) -> list[str]:
    """Tunnels with an address and a route each: a busy host to look at."""
    lines = vxlans(count)
    for number in range(count):
        high, low = divmod(number, 256)
        lines += [
            f"addr add 10.{high}.{low}.1/24 dev x{number}",
            f"route add 172.{16 + high}.{low}.0/24 via 10.{high}.{low}.2 proto static",
        ]
    return lines


def foreign_routes(count: int) -> list[str]:
    """Routes of a routing daemon."""
    lines = [
        "link add uplink type vxlan id 9999 dstport 4790",
        "addr add 192.0.2.1/24 dev uplink",
        "link set uplink up",
    ]
    for number in range(count):
        high, low = divmod(number, 256)
        lines.append(f"route add {20 + (high >> 8)}.{high & 255}.{low}.0/24 via 192.0.2.2 proto bgp")
    return lines


def absent(document: Document) -> Document:
    """A document that removes what this one makes."""
    gone = [{"name": one["name"], "type": one["type"], "state": "absent"} for one in document["interfaces"]]
    return {"interfaces": gone}


def renamed(document: Document) -> Document:
    """The same under other names, and with other network numbers: does not meet the first."""
    text = json.dumps(document)
    for one in document["interfaces"]:
        text = text.replace(f'"{one["name"]}"', f'"w-{one["name"]}"')
    renamed_: Document = json.loads(text)
    for one in renamed_["interfaces"]:
        if "vxlan" in one:
            one["vxlan"]["id"] += 1_000_000
    return renamed_


def write_batch(path: pathlib.Path, lines: typing.Sequence[str]) -> pathlib.Path:
    """A file for `ip -batch`."""
    path.write_text("\n".join(lines) + "\n")
    return path


def write_document(path: pathlib.Path, document: Document) -> pathlib.Path:
    """A JSON document."""
    path.write_text(json.dumps(document))
    return path


def make(batch: pathlib.Path) -> None:
    """Have `ip` make what a batch says, in the network namespace we are in."""
    subprocess.run(["ip", "-batch", str(batch)], check=True, stdout=subprocess.DEVNULL)


def quiet() -> None:
    """Switch IPv6 off for links to come, in the network namespace we are in."""
    switch = pathlib.Path("/proc/sys/net/ipv6/conf/default/disable_ipv6")
    if switch.exists():
        switch.write_text("1")


def _plain(name: str, kind: str) -> Document:
    return {"name": name, "type": kind, "state": "up", "ipv4": OFF, "ipv6": OFF}


def _interfaces(found: typing.Iterable[Document]) -> Document:
    return {"interfaces": list(found)}
