"""VXLAN tunnels (RFC 7348; IFLA_VXLAN_* of `include/uapi/linux/if_link.h`)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Names, Range, Spelled, Strict
from linkhold.state.forms import Parsed
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import ip_address, is_ipv6

_ADDRESS = Parsed("an IP address", lambda text: ip_address(text) if text else "")


class VxlanConfig(Record):
    """Which network (`id`), from where to where. The kernel changes parent, `remote` and `local` in place."""

    parent: typing.Annotated[str | Unset, Spelled("base-iface"), Names("parent"), Default("")] = UNSET
    id: typing.Annotated[int | Unset, Range(0, 2**24 - 1), CreateOnly()] = UNSET
    learning: typing.Annotated[bool | Unset, Strict(), Default(True), CreateOnly()] = UNSET
    local: typing.Annotated[str | Unset, _ADDRESS, Default("")] = UNSET
    remote: typing.Annotated[str | Unset, _ADDRESS, Default("")] = UNSET
    destination_port: typing.Annotated[int | Unset, Range(0, 65535), CreateOnly()] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Both ends are of one family."""
        ends = [text for text in (self.local, self.remote) if isinstance(text, str) and text]
        if len(ends) == 2 and is_ipv6(ends[0]) is not is_ipv6(ends[1]):
            found.error("family", (*at, "remote"), f"{ends[1]} and local {ends[0]} are not of one family")


class Vxlan(Interface):
    """A tunnel that carries Ethernet frames in UDP."""

    kind: typing.ClassVar[str] = "vxlan"

    vxlan: VxlanConfig | Unset = UNSET
