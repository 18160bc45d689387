"""A host in memory, time that passes only when somebody waits, and a state directory of its own for each test."""

import pathlib
import typing

from linkhold.providers.memory.provider import Memory
from linkhold.state.document import parse
from linkhold.state.interfaces.ethernet import Ethernet
from linkhold.state.interfaces.ip import IpAddress, Ipv4, Ipv6
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes
from linkhold.transaction.folder import Folder
from linkhold.transaction.ground import Ground
from linkhold.transaction.progress import Progress


class FakeClock:
    """Waiting takes no time, and says so."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return 1.7e9 + self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        import asyncio

        self.time += seconds
        await asyncio.sleep(0)


def card(name: str, address: str) -> Ethernet:
    """A network card that is up and has an address."""
    ipv4 = Ipv4(enabled=True, address=(IpAddress(ip=address, prefix_length=24),))
    return Ethernet(name=name, state="up", mtu=1500, ipv4=ipv4, ipv6=Ipv6(enabled=False))


DEFAULT = Route(destination="0.0.0.0/0", next_hop_interface="eth0", next_hop_address="192.0.2.9", table_id=254)
HOST = NetworkState(
    interfaces=(card("eth0", "192.0.2.1"), card("eth1", "198.51.100.1")),
    routes=Routes(running=(DEFAULT,), config=(DEFAULT,)),
)

DOCUMENT = """
interfaces:
- name: eth0
  mtu: 1400
- name: eth0.7
  type: vlan
  vlan: {base-iface: eth0, id: 7}
- name: br0
  type: linux-bridge
  bridge: {port: [{name: eth0.7}, {name: eth1}]}
  ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}
- name: eth1
  ipv4: {enabled: false}
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-interface: br0, next-hop-address: 198.51.100.9}
"""


class Stage:
    """Everything a transaction needs, and what it told."""

    def __init__(self, path: pathlib.Path) -> None:
        self.clock = FakeClock()
        self.host = Memory(HOST, clock=self.clock)
        self.folder = Folder(str(path / "state"))
        self.told: list[Progress] = []
        self.guarded: list[str] = []
        self.ground = Ground(self.host, self.folder, self.clock, self._arm, self.told.append)

    def _arm(self) -> "Stage":
        return self

    def watch(self, journal: str) -> tuple[int, ...]:
        """As a guard."""
        self.guarded.append(journal)
        return (1, 2)

    def dismiss(self) -> None:
        """As a guard."""

    def state(self) -> NetworkState:
        """The host now, its interfaces in order of their names."""
        return ordered(self.host.host.state())


def ordered(state: NetworkState) -> NetworkState:
    """The same state with its lists in one order."""

    def sort(values: typing.Any) -> tuple[typing.Any, ...]:
        return tuple(sorted(values, key=repr))

    routes = Routes(running=sort(state.routes.running), config=sort(state.routes.config))
    return state.replace(interfaces=sort(state.interfaces), routes=routes)


def document(text: str = DOCUMENT) -> NetworkState:
    """A document."""
    return parse(text.encode())
