"""Open vSwitch: its database's free maps, and OVN's mappings of networks to bridges."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import KeyedBy, Names, Resets, Whole
from linkhold.state.forms import MapOf, Text

OVN_KEY: typing.Final = "ovn-bridge-mappings"

_MAP = MapOf(Text(numbers=True), nulls=True)


class OvsDatabase(Record):
    """Maps of the OVSDB; numbers and booleans become texts, and null takes a key away.

    On an interface, bridge or port (this class) the given map replaces the stored one.
    """

    underscored: typing.ClassVar[bool] = True

    external_ids: typing.Annotated[dict[str, str | None] | Unset, _MAP, Whole()] = UNSET
    other_config: typing.Annotated[dict[str, str | None] | Unset, _MAP, Whole()] = UNSET


class GlobalOvsDatabase(OvsDatabase):
    """The maps of the database's root: merged key by key, and ``{}`` takes all keys of one away.

    OVN's mappings have a section of their own.
    """

    external_ids: typing.Annotated[dict[str, str | None] | Unset, _MAP, Resets()] = UNSET
    other_config: typing.Annotated[dict[str, str | None] | Unset, _MAP, Resets()] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """`OVN_KEY` is reserved."""
        if isinstance(self.external_ids, dict) and OVN_KEY in self.external_ids:
            where = (*at, "external_ids", OVN_KEY)
            found.error("reserved-key", where, f"'{OVN_KEY}' is reserved", hint="use ovn.bridge-mappings")


class BridgeMapping(Record):
    """Which OVS bridge carries a logical network (a `localnet`) of OVN."""

    localnet: str
    bridge: typing.Annotated[str | Unset, Names("source")] = UNSET
    state: typing.Literal["present", "absent"] | Unset = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """A mapping that is to be there leads somewhere."""
        if self.state != "absent" and self.bridge is UNSET:
            found.error("missing-key", at, "'bridge' is required", expected="the name of an OVS bridge")


class Ovn(Record):
    """What OVN is told through the database."""

    bridge_mappings: typing.Annotated[tuple[BridgeMapping, ...] | Unset, KeyedBy("localnet", grows=True)] = UNSET
