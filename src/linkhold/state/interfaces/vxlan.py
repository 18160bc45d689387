"""VXLAN tunnels (RFC 7348; IFLA_VXLAN_* of `include/uapi/linux/if_link.h`)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Described, Names, Range, Spelled, Strict
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import OPTIONAL_ADDRESS, is_ipv6


def _other_family(before: object, after: object) -> bool:
    old, new = (isinstance(one, str) and is_ipv6(one) for one in (before, after))
    return old is not new


def _given_up(before: object, after: object) -> bool:
    return bool(before) and not after


_END = CreateOnly(_other_family)


class VxlanConfig(Record):
    """Which network (`id`), from where to where. The kernel changes parent, ends and learning in place
    (`drivers/net/vxlan`), but never from one address family to the other, and not from a parent to none.
    """

    parent: typing.Annotated[
        str | Unset, Spelled("base-iface"), Names("parent"), Default(""), CreateOnly(_given_up)
    ] = UNSET
    id: typing.Annotated[int | Unset, Range(0, 2**24 - 1), CreateOnly(), Described("The network identifier (VNI).")] = (
        UNSET
    )
    learning: typing.Annotated[bool | Unset, Strict(), Default(True)] = UNSET
    local: typing.Annotated[str | Unset, OPTIONAL_ADDRESS, Default(""), _END] = UNSET
    remote: typing.Annotated[str | Unset, OPTIONAL_ADDRESS, Default(""), _END] = UNSET
    destination_port: typing.Annotated[
        int | Unset,
        Range(0, 65535),
        CreateOnly(),
        Described("UDP port; the kernel uses 8472 if not said, RFC 7348 4789."),
    ] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Both ends are of one family."""
        ends = [text for text in (self.local, self.remote) if isinstance(text, str) and text]
        if len(ends) == 2 and is_ipv6(ends[0]) is not is_ipv6(ends[1]):
            found.error("family", (*at, "remote"), f"{ends[1]} and local {ends[0]} are not of one family")


class Vxlan(Interface):
    """A tunnel that carries Ethernet frames in UDP."""

    kind: typing.ClassVar[str] = "vxlan"

    vxlan: VxlanConfig | Unset = UNSET
