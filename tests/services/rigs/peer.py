"""The far end of a cable: a second network namespace with a DHCP server and a router, real ones.

peer.cable("eth1")                       # eth1 here, up; its far end `far-eth1` in there, up
peer.dhcp("eth1", "192.0.2.1/24", options=("option:ntp-server,192.0.2.9",))
peer.router("eth1", "2001:db8:1::/64", more="RDNSS 2001:db8:1::53 {};")
"""

import ipaddress
import pathlib
import socket
import typing

from tests.lab import namespaces
from tests.services.rigs.daemons import LOGS, Daemon

FOLDER = pathlib.Path("/run/rigs/peer")

ROUTER = """\
interface {far} {{
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 4;
    AdvManagedFlag {managed};
    AdvOtherConfigFlag {other};
    AdvDefaultLifetime {lifetime};
    prefix {prefix} {{ AdvOnLink on; AdvAutonomous {autonomous}; }};
    {more}
}};
"""


class Peer:
    """What is at the other end of cables, in a namespace of its own."""

    def __init__(self, here: namespaces.Namespace) -> None:
        self.here = here
        self.there = here.another()
        self.daemons: dict[str, Daemon] = {}
        FOLDER.mkdir(parents=True, exist_ok=True)
        LOGS.mkdir(parents=True, exist_ok=True)

    def far(self, nic: str) -> str:
        """The name of a cable's far end."""
        return f"far-{nic}"[:15]

    def cable(self, nic: str, *, up: bool = True) -> str:
        """A NIC here (`up`, or as it was made), whose far end is in there and up; the far end's name."""
        far = self.far(nic)
        self.here.ip("link", "add", nic, "type", "veth", "peer", far, "netns", self.there.path)
        self.there.ip("link", "set", far, "up")
        if up:
            self.here.ip("link", "set", nic, "up")
        return far

    def dhcp(
        self,
        nic: str,
        *addresses: str,
        options: typing.Sequence[str] = (),
        more: typing.Sequence[str] = (),
        lease: str = "1h",
    ) -> Daemon:
        """dnsmasq on the far end of a cable, which has `addresses` (``192.0.2.1/24``, ``2001:db8::1/64``) and gives out others
        of their networks: …100 to …150 (IPv6: ::100 to ::150).

        `options` are for ``--dhcp-option``, `more` further arguments, `lease` as dnsmasq says times.
        """
        far = self.far(nic)
        ranges = []
        for one in addresses:
            net = ipaddress.ip_interface(one).network
            extra = ["nodad"] if net.version == 6 else []
            self.there.ip("address", "replace", one, "dev", far, *extra)
            if net.version == 4:
                ranges.append(f"--dhcp-range={net[100]},{net[150]},{lease}")
            else:
                ranges.append(f"--dhcp-range={net[0x100]},{net[0x150]},{net.prefixlen},{lease}")
        command = [
            *(
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--log-facility=-",
                "--log-dhcp",
                "--user=root",
            ),
            *("--no-resolv", "--no-hosts", "--dhcp-authoritative", "--no-ping", "--port=0", "--leasefile-ro"),
            *(
                f"--interface={far}",
                "--bind-dynamic",
                "--except-interface=lo",
                f"--pid-file={FOLDER}/dnsmasq-{far}.pid",
            ),
            *ranges,
            *(f"--dhcp-option={one}" for one in options),
            *more,
        ]
        return self._start(f"dnsmasq-{far}", command, "started, version")

    def router(
        self,
        nic: str,
        prefix: str,
        *,
        managed: bool = False,
        other: bool = False,
        autonomous: bool = True,
        lifetime: int = 1800,
        more: str = "",
    ) -> Daemon:
        """radvd on the far end of a cable: a router that advertises itself and a prefix. `more` goes into its section."""
        far = self.far(nic)
        words = {"managed": managed, "other": other, "autonomous": autonomous}
        flags = {name: "on" if value else "off" for name, value in words.items()}
        config = FOLDER / f"radvd-{far}.conf"
        config.write_text(ROUTER.format(far=far, prefix=prefix, lifetime=lifetime, more=more, **flags))
        with self.there.entered():
            pathlib.Path("/proc/sys/net/ipv6/conf/all/forwarding").write_text("1")
        first = ipaddress.ip_network(prefix)[1]
        self.there.ip("address", "replace", f"{first}/{prefix.partition('/')[2]}", "dev", far, "nodad")
        command = [
            *("radvd", "--nodaemon", "--logmethod=stderr", "--debug=1", "--username=root", f"--config={config}"),
            f"--pidfile={FOLDER}/radvd-{far}.pid",
        ]
        return self._start(f"radvd-{far}", command, "")

    def _start(self, name: str, command: list[str], greeting: str) -> Daemon:
        """Start (or start anew) a daemon in there; it is ready when its greeting stands in its log."""
        if name in self.daemons and self.daemons[name].alive:
            self.daemons[name].stop()
        (LOGS / f"{name}.log").unlink(missing_ok=True)
        daemon = Daemon(name, ["nsenter", f"--net={self.there.path}", "--", *command], lambda: greeting in daemon.log())
        self.daemons[name] = daemon
        return daemon.start()

    def reaches(self, address: str) -> bool:
        """Does what is sent from there to an address of ours arrive?"""
        return _arrives(self.there, self.here, address)

    def is_reached(self, address: str) -> bool:
        """Does what is sent from here to an address in there arrive?"""
        return _arrives(self.here, self.there, address)


def _arrives(source: namespaces.Namespace, target: namespaces.Namespace, address: str) -> bool:
    """One datagram; it needs ARP or neighbour discovery as any other does."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with target.entered():
        receiver = socket.socket(family, socket.SOCK_DGRAM)
    with source.entered():
        sender = socket.socket(family, socket.SOCK_DGRAM)
    with receiver, sender:
        try:
            receiver.bind((address, 0))
            receiver.settimeout(2)
            sender.sendto(b"there", receiver.getsockname())
            return receiver.recv(16) == b"there"
        except OSError:  # no such address, no route, nobody who answers for it
            return False
