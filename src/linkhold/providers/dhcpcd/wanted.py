"""What is to be laid on an interface, out of what servers and routers said and of what the document lets them say."""

import socket
import typing

from linkhold.foundation.record import Record

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.facts import Facts
    from linkhold.providers.dhcpcd.settings import Settings

Protocol = typing.Literal["dhcp", "ra", "kernel"]
"""Who is said to have given a route (RTPROT_DHCP, RTPROT_RA, RTPROT_KERNEL)."""

MAIN: typing.Final = 254
_ANYWHERE: typing.Final = ("0.0.0.0/0", "::/0")
_SIXTY_FOUR: typing.Final = 64


class LeasedAddress(Record):
    """An address and its lifetimes in seconds from now, None for one that does not end.

    The network around it becomes a route: of the kernel's own making with `metric` (0: the usual), or none (`bare`).
    """

    ip: str
    length: int
    broadcast: str = ""
    valid: int | None = None
    preferred: int | None = None
    metric: int = 0
    bare: bool = False

    @property
    def key(self) -> str:
        """What it is known by."""
        return f"{self.ip}/{self.length}"


class LeasedRoute(Record):
    """A route; without `gateway` on-link. `preference` is that of RFC 4191 (0 medium, 1 high, 3 low)."""

    destination: str
    gateway: str = ""
    table: int = MAIN
    metric: int
    source: str = ""
    protocol: Protocol
    valid: int | None = None
    preference: int = 0
    near: bool = False
    """The gateway is on the link, whatever the addresses say (clouds lease an address with length 32)."""

    @property
    def key(self) -> str:
        """What it is known by."""
        return " ".join((self.destination, self.gateway, str(self.table), str(self.metric), self.source, self.protocol))


class Wanted(Record):
    """All of it. `mtu` (of IPv6 alone) and `hop_limit` are what routers ask for, 0 where they say nothing."""

    addresses: tuple[LeasedAddress, ...] = ()
    routes: tuple[LeasedRoute, ...] = ()
    servers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    mtu: int = 0
    hop_limit: int = 0


def wanted(settings: "Settings", facts: "Facts", *, mac: str, interface: str, metric: int, moment: float) -> Wanted:
    """What is to be there at `moment` (the facts' clock); `metric` is for routes where the settings say none."""
    laying = _Laying(settings, mac, interface, metric, moment)
    if "dhcp" in facts:
        laying.lease4(facts["dhcp"])
    if "ra" in facts and settings.autoconf:
        laying.routers(facts["ra"]["routers"])
    if "dhcp6" in facts and settings.dhcp:
        laying.lease6(facts["dhcp6"])
    return laying.result()


class _Laying:
    def __init__(self, settings: "Settings", mac: str, interface: str, metric: int, moment: float) -> None:
        self.settings, self.mac, self.interface, self.moment = settings, mac, interface, moment
        self.metric = metric if settings.metric is None else settings.metric
        self.table = settings.table or MAIN
        self.addresses: dict[str, LeasedAddress] = {}
        self.found: dict[str, LeasedRoute] = {}
        self.servers: list[str] = []
        self.search: list[str] = []
        self.mtus: list[int] = []
        self.hop_limits: list[int] = []

    def result(self) -> Wanted:
        """Everything that was added, of which the document may not want the names."""
        routes = [one for one in self.found.values() if self._lets(one)]
        return Wanted(
            addresses=tuple(self.addresses.values()),
            routes=tuple(sorted(routes, key=lambda one: one.gateway != "")),
            servers=tuple(dict.fromkeys(self.servers)) if self.settings.dns else (),
            search=tuple(dict.fromkeys(self.search)) if self.settings.dns else (),
            mtu=min(self.mtus, default=0),
            hop_limit=min(self.hop_limits, default=0),
        )

    def lease4(self, told: dict[str, typing.Any]) -> None:
        valid = self._left(told["until"])
        if valid == 0:
            return
        ip, length = told["address"], told["length"]
        self._address(ip, length, broadcast=told["broadcast"], valid=valid, preferred=valid)
        for destination, gateway in told["routes"]:
            through = "" if gateway == "0.0.0.0" else gateway
            near = bool(through) and not _within(through, ip, length)
            self._route(destination, through, source=ip, protocol="dhcp", near=near)
        self._names(told["servers"], told["search"])

    def lease6(self, told: dict[str, typing.Any]) -> None:
        for one in told["addresses"]:
            valid = self._left(one["until"])
            if valid != 0:
                self._address(one["address"], 128, valid=valid, preferred=self._left(one["preferred"]))
        self._names(told["servers"], told["search"])

    def routers(self, routers: list[dict[str, typing.Any]]) -> None:
        for router in routers:
            sent_by = router["from"]
            self.mtus += [router["mtu"]] if router["mtu"] else []
            self.hop_limits += [router["hop-limit"]] if router["hop-limit"] else []
            self._learned("::/0", sent_by, router["until"], router["preference"])
            for one in router["prefixes"]:
                if one["on-link"]:
                    self._learned(f"{one['prefix']}/{one['length']}", "", one["until"], 0)
                if one["autonomous"] and one["length"] == _SIXTY_FOUR:
                    self._generated(one)
            for one in router["routes"]:
                self._learned(f"{one['prefix']}/{one['length']}", sent_by, one["until"], one["preference"])
            servers = [name for one in router["servers"] if self._left(one["until"]) != 0 for name in one["names"]]
            search = [name for one in router["search"] if self._left(one["until"]) != 0 for name in one["names"]]
            self._names([self._zoned(one) for one in servers], search)

    def _generated(self, prefix: dict[str, typing.Any]) -> None:
        from linkhold.providers.dhcpcd.generation import address_in

        valid = self._left(prefix["until"])
        ip = address_in(prefix["prefix"], self.settings, self.mac, self.interface)
        if ip and valid != 0:
            # bare: whether the network is on the link is said by another flag of the same prefix
            self._address(ip, _SIXTY_FOUR, valid=valid, preferred=self._left(prefix["preferred"]), bare=True)

    def _learned(self, destination: str, gateway: str, until: float | None, preference: int) -> None:
        valid = self._left(until)
        if valid != 0:
            self._route(destination, gateway, protocol="ra", valid=valid, preference=preference)

    def _address(self, ip: str, length: int, *, bare: bool = False, **more: typing.Any) -> None:
        elsewhere = self.table != MAIN
        metric = self.settings.metric or 0
        one = LeasedAddress(ip=ip, length=length, metric=metric, bare=bare or elsewhere, **more)
        self.addresses[one.key] = one
        full = 128 if ":" in ip else 32
        if elsewhere and not bare and length < full:
            source = "" if ":" in ip else ip
            self._route(_network(ip, length), "", source=source, protocol="kernel", valid=None)

    def _route(self, destination: str, gateway: str, *, protocol: Protocol, **more: typing.Any) -> None:
        one = LeasedRoute(
            destination=destination, gateway=gateway, table=self.table, metric=self.metric, protocol=protocol, **more
        )
        self.found.setdefault(one.key, one)

    def _lets(self, route: LeasedRoute) -> bool:
        """The network of an address is part of it. Without `auto-routes` there is no default route either."""
        if route.protocol == "kernel" or (route.protocol == "ra" and not route.gateway):
            return True
        return self.settings.routes and (self.settings.gateway or route.destination not in _ANYWHERE)

    def _names(self, servers: list[str], search: list[str]) -> None:
        self.servers += servers
        self.search += search

    def _zoned(self, server: str) -> str:
        return f"{server}%{self.interface}" if server.lower().startswith("fe80:") else server

    def _left(self, until: float | None) -> int | None:
        return None if until is None else max(0, round(until - self.moment))


def _network(ip: str, length: int) -> str:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    data = socket.inet_pton(family, ip)
    bits = len(data) * 8
    number = int.from_bytes(data, "big") >> (bits - length) << (bits - length)
    return f"{socket.inet_ntop(family, number.to_bytes(len(data), 'big'))}/{length}"


def _within(gateway: str, ip: str, length: int) -> bool:
    return _network(gateway, length) == _network(ip, length)
