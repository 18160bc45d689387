"""The networks, bonds and cards with virtual functions that a host was given: canonical values, one for each name.

*Running* is what is set up now, *safe* what a reboot brings back. Names and meanings are those of vdsm's ``netconf`` files
(`netconfpersistence.py`); `forms.py` reads and writes them.
"""

import typing

from linkhold.foundation.record import UNSET, Record

Switch = typing.Literal["legacy", "ovs"]
"""By a Linux bridge for each bridged network, or by Open vSwitch."""

USUAL_MTU: typing.Final = 1500


class Canonical(Record):
    """A record that does not say what is at its default anyway, so that what means the same is equal."""

    def __init__(self, **said: typing.Any) -> None:
        defaults = type(self)
        super().__init__(**{name: value for name, value in said.items() if value != getattr(defaults, name, UNSET)})


class Curve(Canonical):
    """A service curve of HFSC: `m1` for the first `d` microseconds, then `m2`. Bit/s; for link sharing a bare weight."""

    m1: int = 0
    d: int = 0
    m2: int = 0


class HostQos(Canonical):
    """How much of its underlying interface a network may send: share, upper limit, guaranteed (vdsm's ``hostQos.out``)."""

    ls: Curve | None = None
    ul: Curve | None = None
    rt: Curve | None = None


class Network(Canonical):
    """One logical network as it is attached to this host.

    `interface` (vdsm's ``nic``) or `bonding` is what it rides on ('' for both: a bridge of its own, nothing below).
    `ipaddr` is an IPv4 address with `prefix`, `ipv6addr` is ``address/prefix``. `nameservers` is None where nothing was
    said about them.
    """

    interface: str = ""
    bonding: str = ""
    vlan: int | None = None
    bridged: bool = True
    stp: bool = False
    mtu: int = USUAL_MTU
    switch: Switch = "legacy"
    bootproto: typing.Literal["none", "dhcp"] = "none"
    ipaddr: str = ""
    prefix: int = 0
    gateway: str = ""
    ipv6addr: str = ""
    ipv6gateway: str = ""
    dhcpv6: bool = False
    ipv6autoconf: bool = False
    default_route: bool = False
    nameservers: tuple[str, ...] | None = None
    host_qos: HostQos | None = None
    custom: dict[str, str] = {}  # noqa: RUF012 - records are immutable

    @property
    def base(self) -> str:
        """The card or bond below all of it, '' if there is none."""
        return self.bonding or self.interface

    @property
    def southbound(self) -> str:
        """The interface of the kernel that it rides on: the base, or the VLAN on it (of the Linux bridge switch)."""
        return self.base if self.vlan is None or not self.base else f"{self.base}.{self.vlan}"

    def next_hop(self, name: str) -> str:
        """The interface that holds its addresses, where the network is called `name`."""
        return name if self.bridged or self.switch == "ovs" else self.southbound


class Bonding(Canonical):
    """One bond that this host was given.

    `ports` (vdsm's ``nics``) are sorted; `options` are by name with their values as text, `mode` among them: words where
    the kernel has words (``802.3ad``, not 4), else numbers.
    """

    ports: tuple[str, ...] = ()
    options: dict[str, str] = {}  # noqa: RUF012 - records are immutable
    hwaddr: str = ""
    switch: Switch = "legacy"


class Configuration(Canonical):
    """All of them. `devices` maps a card to the number of its virtual functions."""

    networks: dict[str, Network] = {}  # noqa: RUF012 - records are immutable
    bondings: dict[str, Bonding] = {}  # noqa: RUF012 - records are immutable
    devices: dict[str, int] = {}  # noqa: RUF012 - records are immutable
