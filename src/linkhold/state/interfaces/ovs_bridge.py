"""Open vSwitch bridges."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import ApplyOnly, CreateOnly, Default, KeyedBy, Names, Resets, Spelled, Whole
from linkhold.state.forms import Plain, Section
from linkhold.state.interfaces.bridge_vlan import PortVlan
from linkhold.state.interfaces.common import Interface
from linkhold.state.ovs import OvsDatabase


class OvsStp(Record):
    """The spanning tree protocol of an OVS bridge; in a document also just ``true`` or ``false``."""

    enabled: typing.Annotated[bool | Unset, Default(False)] = UNSET


class OvsStpForm(Section):
    """Reads ``stp: true`` as ``stp: {enabled: true}``."""

    expected = "true, false or a map with 'enabled'"

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        """The section, from a map or from a boolean (also as a word)."""
        return super().read(raw if isinstance(raw, dict) else {"enabled": raw}, at, found)

    def schema(self) -> dict[str, Plain]:
        """A boolean or the section."""
        return {"anyOf": [{"type": "boolean"}, super().schema()]}


def _is_another_datapath(before: object, after: object) -> bool:
    """Not said is the one in the kernel, ``system`` (ovs-vswitchd.conf.db(5))."""
    return (before or "system") != (after or "system") if UNSET not in (before, after) else False


class OvsBridgeOptions(Record):
    """Options of an OVS bridge."""

    stp: typing.Annotated[OvsStp | Unset, OvsStpForm(OvsStp)] = UNSET
    rstp: typing.Annotated[bool | Unset, Default(False)] = UNSET
    mcast_snooping_enable: typing.Annotated[bool | Unset, Default(False)] = UNSET
    fail_mode: typing.Annotated[typing.Literal["", "secure", "standalone"] | Unset, Default("")] = UNSET
    datapath: typing.Annotated[
        typing.Literal["", "system", "netdev"] | Unset, Default(""), CreateOnly(_is_another_datapath)
    ] = UNSET


class OvsBondPort(Record):
    """An interface that is part of an OVS bond."""

    name: typing.Annotated[str, Names("port")]


class OvsBond(Record):
    """Several interfaces used as one port. Delays are in milliseconds."""

    mode: typing.Literal["active-backup", "balance-slb", "balance-tcp", "lacp"] | Unset = UNSET
    port: typing.Annotated[tuple[OvsBondPort, ...] | Unset, Spelled("port", "ports"), KeyedBy("name")] = UNSET
    bond_downdelay: typing.Annotated[int | Unset, Default(0)] = UNSET
    bond_updelay: typing.Annotated[int | Unset, Default(0)] = UNSET
    ovs_db: OvsDatabase | Unset = UNSET


class OvsBridgePort(Record):
    """A port of an OVS bridge: an interface, or a bond of several under a name of its own."""

    name: typing.Annotated[str, Names("port")]
    vlan: typing.Annotated[PortVlan | Unset, Resets(), Whole()] = UNSET
    bond: typing.Annotated[OvsBond | Unset, Spelled("link-aggregation")] = UNSET
    ovs_db: OvsDatabase | Unset = UNSET

    @property
    def interfaces(self) -> tuple[str, ...]:
        """The names of the interfaces in it."""
        if isinstance(self.bond, OvsBond) and isinstance(self.bond.port, tuple):
            return tuple(one.name for one in self.bond.port)
        return (self.name,)

    def canonical(self) -> "OvsBridgePort":
        """The same as a host shows it."""
        changes: dict[str, typing.Any] = {}
        if isinstance(self.vlan, PortVlan) and self.vlan.canonical() is not self.vlan:
            changes["vlan"] = self.vlan.canonical()
        if isinstance(self.bond, OvsBond) and self.ovs_db is not UNSET:
            kept = self.ovs_db if self.bond.ovs_db is UNSET else self.bond.ovs_db
            changes |= {"ovs_db": UNSET, "bond": self.bond.replace(ovs_db=kept)}
        return self.replace(**changes) if changes else self

    def keeping(self, names: typing.Collection[str]) -> "OvsBridgePort":
        """The port with those of its interfaces that are among these."""
        if not isinstance(self.bond, OvsBond) or not isinstance(self.bond.port, tuple):
            return self
        stay = tuple(one for one in self.bond.port if one.name in names)
        return self if len(stay) == len(self.bond.port) else self.replace(bond=self.bond.replace(port=stay))


class OvsBridgeConfig(Record):
    """Options and ports; the list of ports is whole (``[]`` takes all away)."""

    allow_extra_patch_ports: typing.Annotated[bool | Unset, ApplyOnly()] = UNSET
    options: OvsBridgeOptions | Unset = UNSET
    port: typing.Annotated[
        tuple[OvsBridgePort, ...] | Unset, Spelled("port", "ports"), KeyedBy("name"), Default(())
    ] = UNSET


class OvsBridge(Interface):
    """A switch of Open vSwitch. Its own address lives on an ovs-interface, which may have the same name."""

    kind: typing.ClassVar[str] = "ovs-bridge"
    has_own_mac: typing.ClassVar[bool] = False
    userspace: typing.ClassVar[bool] = True
    is_controller: typing.ClassVar[bool] = True

    bridge: OvsBridgeConfig | Unset = UNSET

    @property
    def ports(self) -> tuple[str, ...] | Unset:
        """The names of the interfaces in its ports, where it lists them."""
        if isinstance(self.bridge, OvsBridgeConfig) and isinstance(self.bridge.port, tuple):
            return tuple(sorted(name for one in self.bridge.port for name in one.interfaces))
        return UNSET

    def canonical(self) -> typing.Self:
        """Neither MTU nor addresses, which are dropped (nmstate, 1.11); what is said of a bond at its bond; tags in order."""
        dropped = {name: UNSET for name in ("mtu", "ipv4", "ipv6") if self.get(name) is not UNSET}
        one = self.replace(**dropped) if dropped else self
        if not isinstance(one.bridge, OvsBridgeConfig) or not isinstance(one.bridge.port, tuple):
            return one
        ports = tuple(port.canonical() for port in one.bridge.port)
        return one if ports == one.bridge.port else one.replace(bridge=one.bridge.replace(port=ports))

    def check(self, at: Path, found: Diagnostics) -> None:
        """It has no MAC of its own, and is there or not."""
        super().check(at, found)
        if self.state == "down":
            hint = "say state: absent, or take the ovs-interface of the same name down"
            found.error("ovs-bridge-down", (*at, "state"), "an OVS bridge can't be down", expected="up", hint=hint)
        if self.mac_address is not UNSET:
            hint = "set it on the ovs-interface of the same name"
            found.error("ovs-bridge-mac", (*at, "mac-address"), "an OVS bridge has no MAC address", hint=hint)
