"""The IP settings of an interface."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import ApplyOnly, Default, KeyedBy, Length, Numbered, Range, ReadOnly, Spelled, Strict
from linkhold.state.forms import Text
from linkhold.state.spellings import IP_ADDRESS, is_ipv6, is_link_local

_LIFETIME_ALIASES = ("valid-left", "valid-lft")


class IpAddress(Record):
    """An address with the length of its network; finite lifetimes belong to dynamic addresses, which are shown only.

    Lifetimes are spelled ``"3599sec"`` or ``"forever"`` (nmstate, 1.6); addresses with a finite one are ignored when applied.
    """

    ip: typing.Annotated[str, IP_ADDRESS]
    prefix_length: typing.Annotated[int, Range(0, 128)]
    mptcp_flags: typing.Annotated[tuple[str, ...] | Unset, ReadOnly()] = UNSET
    valid_life_time: typing.Annotated[str | Unset, Spelled("valid-life-time", "valid-left", "valid-lft"), ReadOnly()] = UNSET
    preferred_life_time: typing.Annotated[str | Unset, Spelled("preferred-life-time", "preferred-left", "preferred-lft"), ReadOnly()] = UNSET

    @property
    def dynamic(self) -> bool:
        """Whether it was leased or autoconfigured: it has an end."""
        return self.valid_life_time not in (UNSET, "forever")

    def check(self, at: Path, found: Diagnostics) -> None:
        """An IPv4 prefix has at most 32 bits."""
        if not is_ipv6(self.ip) and self.prefix_length > 32:
            found.error("prefix", (*at, "prefix-length"), f"{self.prefix_length} is too long for IPv4", expected="0 to 32")


class Ip(Record):
    """What IPv4 and IPv6 have in common."""

    ipv6: typing.ClassVar[bool]

    enabled: bool | Unset = UNSET
    dhcp: typing.Annotated[bool | Unset, Default(False)] = UNSET
    address: typing.Annotated[tuple[IpAddress, ...] | Unset, KeyedBy("ip", "prefix_length"), Default(())] = UNSET
    auto_dns: bool | Unset = UNSET
    auto_gateway: bool | Unset = UNSET
    auto_routes: bool | Unset = UNSET
    auto_route_table_id: typing.Annotated[int | Unset, Range(0, 2**32 - 1)] = UNSET
    auto_route_metric: typing.Annotated[int | Unset, Range(0, 2**32 - 1)] = UNSET
    allow_extra_address: typing.Annotated[bool | Unset, Strict(), ApplyOnly()] = UNSET
    dhcp_send_hostname: typing.Annotated[bool | Unset, Strict()] = UNSET
    dhcp_custom_hostname: str | Unset = UNSET
    forwarding: bool | Unset = UNSET
    prefix_route_metric: typing.Annotated[int | Unset, Range(0, 2**32 - 1)] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Addresses are of this family."""
        for index, address in enumerate(self.address if isinstance(self.address, tuple) else ()):
            if is_ipv6(address.ip) is not self.ipv6:
                family, section = ("IPv6", "ipv6") if not self.ipv6 else ("IPv4", "ipv4")
                found.error("family", (*at, "address", index, "ip"), f"{address.ip} is an {family} address", hint=f"put it under {section}")

    @property
    def static(self) -> tuple[IpAddress, ...]:
        """The addresses that a document declares: no dynamic ones, no IPv6 link-local ones."""
        addresses = self.address if isinstance(self.address, tuple) else ()
        return tuple(one for one in addresses if not one.dynamic and not is_link_local(one.ip))


class Ipv4(Ip):
    """IPv4 of an interface."""

    ipv6: typing.ClassVar[bool] = False

    dhcp_client_id: str | Unset = UNSET


class Ipv6(Ip):
    """IPv6 of an interface."""

    ipv6: typing.ClassVar[bool] = True

    autoconf: typing.Annotated[bool | Unset, Default(False)] = UNSET
    dhcp_duid: str | Unset = UNSET
    addr_gen_mode: str | Unset = UNSET
    token: typing.Annotated[str | Unset, Default("::")] = UNSET
