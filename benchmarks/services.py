"""The rows with daemons: NetworkManager and Open vSwitch, against their own tools used one object at a time."""

import collections.abc
import contextlib
import pathlib
import typing

from benchmarks import population
from benchmarks.pieces import Piece, Sides, checking, linkhold
from tests.services.rigs.networkmanager import NetworkManager
from tests.services.rigs.openvswitch import OpenVSwitch

Around = collections.abc.Callable[[], contextlib.AbstractContextManager[object]]
Commands = collections.abc.Callable[[int], list[str]]
Saying = collections.abc.Callable[[int], population.Document]


def with_networkmanager(commands: Commands, document: Saying, before: collections.abc.Sequence[str] = ()) -> typing.Any:
    """Sides that make what a document says against making it by `nmcli`, each where NetworkManager has just started.

    `before` are objects that are there already, in the words of ``ip -batch``.
    """

    @contextlib.contextmanager
    def around() -> collections.abc.Iterator[None]:
        if before:
            population.make(population.write_batch(pathlib.Path("/run/before"), before))
        manager = NetworkManager(level="WARN").start()
        yield
        manager.kill()

    return _sides(commands, document, around)


def with_openvswitch(commands: Commands, document: Saying) -> typing.Any:
    """The same for Open vSwitch and `ovs-vsctl`."""

    @contextlib.contextmanager
    def around() -> collections.abc.Iterator[None]:
        switch = OpenVSwitch().start()
        yield
        switch.stop()

    return _sides(commands, document, around)


def _sides(commands: Commands, document: Saying, around: Around) -> typing.Any:
    @contextlib.contextmanager
    def sides(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
        said = population.write_document(folder / "document.json", document(size))
        script = folder / "script"
        script.write_text("\n".join(["set -e", *commands(size), ""]))
        check = checking({one["name"] for one in document(size)["interfaces"]})
        # Seen from a fresh host, the folder of a journal that was on a disk still is.
        command = linkhold("apply", str(said), "--state-dir", str(folder / "state"))
        yield (
            Piece(command, around=_anew(folder / "state", around), check=check),
            Piece(["sh", str(script)], around=around, check=check),
        )

    return sides


def _anew(state: pathlib.Path, around: Around) -> Around:
    @contextlib.contextmanager
    def anew() -> collections.abc.Iterator[None]:
        import shutil

        shutil.rmtree(state, ignore_errors=True)
        with around():
            yield

    return anew


# What is made


def _address(number: int) -> str:
    high, low = divmod(number, 256)
    return f"10.{high}.{low}.1"


def _addressed(name: str, kind: str, number: int) -> population.Document:
    ipv4 = {"enabled": True, "dhcp": False, "address": [{"ip": _address(number), "prefix-length": 24}]}
    return {"name": name, "type": kind, "state": "up", "ipv4": ipv4, "ipv6": {"enabled": False}}


def _nmcli(kind: str, name: str, *settings: str) -> list[str]:
    """`up` does the work: activated by `add` as well, it would be done twice."""
    words = f"type {kind} con-name {name} ifname {name} autoconnect no {' '.join(settings)}"
    return [f"nmcli connection add {words} >/dev/null", f"nmcli connection up {name} >/dev/null"]


NO_IPV6: typing.Final = "ipv6.method disabled"
DUMMIES: typing.Final = ("link add d0 type dummy", "link add d1 type dummy")


def vlan_commands(count: int) -> list[str]:
    """VLANs with an address each, over a bond of two NICs, by nmcli."""
    lines = _nmcli("bond", "bond0", "ipv4.method disabled", NO_IPV6, "bond.options mode=active-backup,miimon=100")
    for name in ("d0", "d1"):
        lines += _nmcli("dummy", name, "master bond0 slave-type bond")
    for number in range(1, count + 1):
        lines += _nmcli("vlan", f"bond0.{number}", NO_IPV6, f"dev bond0 id {number} ip4 {_address(number)}/24")
    return lines


def vlan_document(count: int) -> population.Document:
    """What `vlan_commands` makes."""
    off = {"enabled": False}
    ports = [{"name": name, "type": "dummy", "state": "up", "ipv4": off, "ipv6": off} for name in ("d0", "d1")]
    bond = {
        "name": "bond0",
        "type": "bond",
        "state": "up",
        "ipv4": off,
        "ipv6": off,
        "link-aggregation": {"mode": "active-backup", "options": {"miimon": 100}, "port": ["d0", "d1"]},
    }
    vlans = [
        {**_addressed(f"bond0.{number}", "vlan", number), "vlan": {"base-iface": "bond0", "id": number}}
        for number in range(1, count + 1)
    ]
    return {"interfaces": [*ports, bond, *vlans]}


def vxlan_commands(count: int) -> list[str]:
    """Tunnels with an address each, by nmcli."""
    return [
        line
        for number in range(1, count + 1)
        for line in _nmcli(
            "vxlan",
            f"x{number}",
            NO_IPV6,
            f"id {number} remote 198.51.100.1 destination-port 4789 ip4 {_address(number)}/24",
        )
    ]


def vxlan_document(count: int) -> population.Document:
    """What `vxlan_commands` makes."""
    section = {"remote": "198.51.100.1", "destination-port": 4789}
    tunnels = [
        {**_addressed(f"x{number}", "vxlan", number), "vxlan": {"id": number, **section}}
        for number in range(1, count + 1)
    ]
    return {"interfaces": tunnels}


def port_commands(count: int) -> list[str]:
    """A bridge of Open vSwitch with internal ports, each in a VLAN, by ovs-vsctl."""
    ports = [
        f"ovs-vsctl add-port ovs0 i{number} tag={number} -- set interface i{number} type=internal"
        for number in range(1, count + 1)
    ]
    return ["ovs-vsctl add-br ovs0 -- set bridge ovs0 datapath_type=netdev", *ports]


def port_document(count: int) -> population.Document:
    """What `port_commands` makes."""
    off = {"enabled": False}
    tags = [{"name": f"i{number}", "vlan": {"mode": "access", "tag": number}} for number in range(1, count + 1)]
    bridge = {
        "name": "ovs0",
        "type": "ovs-bridge",
        "state": "up",
        "bridge": {"options": {"datapath": "netdev"}, "port": [{"name": "ovs0"}, *tags]},
    }
    inner = [
        {"name": name, "type": "ovs-interface", "state": "up", "ipv4": off, "ipv6": off}
        for name in ("ovs0", *(f"i{number}" for number in range(1, count + 1)))
    ]
    return {"interfaces": [bridge, *inner]}
