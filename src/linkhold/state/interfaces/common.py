"""What every interface has, whatever its kind."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import (
    ApplyOnly,
    Default,
    Described,
    KernelDetail,
    KeyedBy,
    Names,
    Range,
    ReadOnly,
    Spelled,
    Unordered,
    Unverified,
)
from linkhold.state.interfaces.ethtool import Ethtool
from linkhold.state.interfaces.ieee8021x import Ieee8021X
from linkhold.state.interfaces.ip import Ipv4, Ipv6
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.interfaces.qos import Qos
from linkhold.state.ovs import OvsDatabase
from linkhold.state.spellings import MAC, PCI

State = typing.Literal["up", "down", "absent", "ignore", "unknown"]
IPV6_LEAST_MTU: typing.Final = 1280
"""RFC 8200, section 5; the kernel takes IPv6 off an interface with less."""

KERNEL: typing.Final = "kernel"
"""The provider that every host has; an interface it owns says nothing about that."""

MptcpFlag = typing.Literal["signal", "subflow", "backup", "fullmesh"]


_NEVER_NAMES: typing.Final = frozenset({".", "..", "all", "default"})
_NEVER_IN_NAMES: typing.Final = frozenset("/:%")
"""What the kernel refuses (`dev_valid_name`, `sysctl_dev_name_is_allowed`), or takes for a pattern (``eth%d``)."""


class AltName(Record):
    """Another name by which an interface can be addressed (IFLA_PROP_LIST, Linux 5.5)."""

    name: str
    state: typing.Literal["absent"] | Unset = UNSET


class Mptcp(Record):
    """How the addresses of this interface take part in Multipath TCP (RFC 8684); an empty list takes them out."""

    address_flags: typing.Annotated[tuple[MptcpFlag, ...] | Unset, Unordered(), Default(())] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """The kernel refuses signal together with fullmesh."""
        if isinstance(self.address_flags, tuple) and {"signal", "fullmesh"} <= set(self.address_flags):
            message = "'signal' and 'fullmesh' exclude each other"
            found.error("mptcp-flags", (*at, "address-flags"), message, hint="keep one of them")


class Dispatch(Record):
    """Scripts that NetworkManager's dispatcher runs for this interface; '' removes one."""

    post_activation: typing.Annotated[str | Unset, Default("")] = UNSET
    post_deactivation: typing.Annotated[str | Unset, Default("")] = UNSET


class Interface(Record):
    """An interface of any kind; the class of each kind adds its own section after these.

    Class variables: `kind` is the document's ``type``; `virtual` kinds are made and deleted by us (others are
    hardware, or made by programs); `userspace` kinds do not exist in the kernel and may share a name with one that
    does; `is_controller` kinds have ports; `has_own_mac` is false where a MAC can't be set; `can_copy_mac` kinds take
    ``copy-mac-from``.
    """

    kind: typing.ClassVar[str] = "unknown"
    virtual: typing.ClassVar[bool] = True
    userspace: typing.ClassVar[bool] = False
    is_controller: typing.ClassVar[bool] = False
    has_own_mac: typing.ClassVar[bool] = True
    can_copy_mac: typing.ClassVar[bool] = False

    name: str
    profile_name: typing.Annotated[str | Unset, Unverified("kept by the provider that has profiles")] = UNSET
    driver: typing.Annotated[str | Unset, ReadOnly()] = UNSET
    provider: typing.Annotated[
        str | Unset,
        ReadOnly(),
        Described("Who carries out its changes; the kernel provider where nothing is shown."),
    ] = UNSET
    unstored: typing.Annotated[
        tuple[str, ...] | Unset,
        ReadOnly(),
        Described("What its stored profile says otherwise than what is in force: a reboot would bring that."),
    ] = UNSET
    state: typing.Annotated[
        State | Unset,
        Described(
            "up (if not said): make it, if need be, and bring it up; down: take it down; absent: delete it, or take all "
            "settings off hardware; ignore: leave it alone."
        ),
    ] = UNSET
    carrier: typing.Annotated[
        bool | Unset,
        ReadOnly(),
        KernelDetail("carrier"),
        Described("Whether an interface that is up is connected: to a cable, a peer, a port that is."),
    ] = UNSET
    identifier: typing.Annotated[
        typing.Literal["name", "mac-address", "pci-address"] | Unset,
        Default("name"),
        Described(
            "How the interface is found: by its name, or by its MAC or PCI address (then 'name' names the profile)."
        ),
    ] = UNSET
    description: typing.Annotated[str | Unset, Default(""), Described("A note of yours; '' removes it.")] = UNSET
    mac_address: typing.Annotated[str | Unset, MAC] = UNSET
    permanent_mac_address: typing.Annotated[str | Unset, MAC, ReadOnly()] = UNSET
    pci_address: typing.Annotated[
        str | Unset,
        PCI,
        ReadOnly(),
        Described("Where the card sits on the PCI bus."),
    ] = UNSET
    copy_mac_from: typing.Annotated[
        str | Unset,
        Names("source"),
        ApplyOnly(),
        Described("Take over the MAC of this interface, the permanent one first."),
    ] = UNSET
    mtu: typing.Annotated[int | Unset, Range(0, 2**31 - 1), Described("Largest packet, in bytes.")] = UNSET
    min_mtu: typing.Annotated[int | Unset, ReadOnly()] = UNSET
    max_mtu: typing.Annotated[int | Unset, ReadOnly()] = UNSET
    wait_ip: typing.Annotated[typing.Literal["any", "ipv4", "ipv6", "ipv4+ipv6"] | Unset, Default("any")] = UNSET
    ipv4: Ipv4 | Unset = UNSET
    ipv6: Ipv6 | Unset = UNSET
    mptcp: typing.Annotated[Mptcp | Unset, KernelDetail("mptcp")] = UNSET
    controller: typing.Annotated[
        str | Unset,
        Names("controller"),
        Default(""),
        Described("The bond, bridge or VRF it is a port of; '' takes it away from there."),
    ] = UNSET
    accept_all_mac_addresses: typing.Annotated[
        bool | Unset, Default(False), Described("Promiscuous mode: frames for other MACs are taken too.")
    ] = UNSET
    alt_names: typing.Annotated[
        tuple[AltName, ...] | Unset,
        KeyedBy("name", grows=True),
        Default(()),
        Described("Further names; one that is not listed stays, one with state: absent goes."),
    ] = UNSET
    lldp: Lldp | Unset = UNSET
    ieee8021x: typing.Annotated[Ieee8021X | Unset, Spelled("802.1x")] = UNSET
    ethtool: typing.Annotated[Ethtool | Unset, KernelDetail("ethtool")] = UNSET
    qos: typing.Annotated[Qos | Unset, KernelDetail("qos")] = UNSET
    ovs_db: OvsDatabase | Unset = UNSET
    dispatch: Dispatch | Unset = UNSET

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by in a document: its name, and its kind where that exists in user space only."""
        return (self.name, self.kind if self.userspace else "")

    @property
    def owner(self) -> str:
        """The name of the provider that carries out its changes."""
        return self.provider if isinstance(self.provider, str) else KERNEL

    @property
    def ports(self) -> tuple[str, ...] | Unset:
        """The names of its ports, sorted, where it says any list of them; `UNSET` for what is no controller."""
        return UNSET

    @property
    def allows_extra_ports(self) -> bool:
        """Whether ports that its list does not name stay."""
        return False

    @property
    def wanted(self) -> bool:
        """Whether it is to exist and be up (``up`` is what a document means when it says nothing)."""
        return self.state in (UNSET, "up")

    def canonical(self) -> typing.Self:
        """The same in the one spelling that hosts show, where a kind knows several (`normalise`)."""
        return self

    def settled(self, said: "Interface | None", now: "Interface | None") -> typing.Self:
        """The same, merged from what was `said` over what is there `now`, with the fields that follow from others and of
        which nothing was said."""
        return self

    def check(self, at: Path, found: Diagnostics) -> None:
        """What the common properties can't say alone; an entry that only takes away is always right."""
        _check_name(self, at, found)
        if self.identifier == "mac-address" and self.mac_address is UNSET:
            found.error("missing-key", at, "'mac-address' is required", expected="the MAC by which to find it")
        if self.identifier == "pci-address" and self.pci_address is UNSET:
            found.error("missing-key", at, "'pci-address' is required", expected="the PCI address by which to find it")
        _check_wait_ip(self, at, found)
        if (
            isinstance(self.mtu, int)
            and self.mtu < IPV6_LEAST_MTU
            and isinstance(self.ipv6, Ipv6)
            and self.ipv6.enabled is True
        ):
            expected = f"at least {IPV6_LEAST_MTU} with IPv6, or ipv6.enabled: false"
            found.error("mtu", (*at, "mtu"), f"{self.mtu} is too small for IPv6", expected=expected)
        if self.copy_mac_from is not UNSET and not self.can_copy_mac:
            message = f"is not for interfaces of kind {self.kind}"
            found.error("copy-mac-from", (*at, "copy-mac-from"), message, hint="give mac-address")
        if self.qos is not UNSET and self.userspace:
            message = f"interfaces of kind {self.kind} send nothing themselves"
            found.error("qos", (*at, "qos"), message, hint="give it to the card or bond that is a port of it")
        if self.dispatch is not UNSET and self.userspace:
            message = f"interfaces of kind {self.kind} have no scripts"
            found.error("dispatch", (*at, "dispatch"), message, hint="leave it out")


def virtual_function_of(name: str) -> tuple[str, int] | None:
    """The card and the number of the virtual function that ``sriov:CARD:NUMBER`` means; None for any other name."""
    if not name.startswith("sriov:"):
        return None
    card, _, number = name[len("sriov:") :].rpartition(":")
    if not card or not (number.isascii() and number.isdigit()):
        return None
    return card, int(number)


def _check_name(interface: Interface, at: Path, found: Diagnostics) -> None:
    function = virtual_function_of(interface.name)
    name = interface.name if function is None else function[0]
    # split() splits at white space; of '' nothing is left
    if name in _NEVER_NAMES or not _NEVER_IN_NAMES.isdisjoint(name) or name.split() != [name]:
        expected = "a name without spaces, '/', ':' and '%', and not '.', '..', 'all' or 'default'"
        found.error("name", (*at, "name"), f"'{name}' can't be the name of an interface", expected=expected)


def _check_wait_ip(interface: Interface, at: Path, found: Diagnostics) -> None:
    if interface.wait_ip in (UNSET, "any"):
        return
    for key, section in (("ipv4", interface.ipv4), ("ipv6", interface.ipv6)):
        waited = isinstance(interface.wait_ip, str) and key in interface.wait_ip
        if waited and not isinstance(section, Unset) and section.enabled is False:
            message = f"waits for {key}, which is disabled here"
            found.error("wait-ip", (*at, "wait-ip"), message, expected="a family that is enabled", hint=f"enable {key}")


class Untyped(Interface):
    """An interface of a document without ``type``: its kind is that of the interface of this name on the host.

    `raw` is its map as written; it is read again, with the class of that kind, once the host has been looked at.
    """

    can_copy_mac: typing.ClassVar[bool] = True

    raw: dict[str, typing.Any]
