"""The IP settings of an interface."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import ApplyOnly, Default, Described, KeyedBy, Range, ReadOnly, Spelled, Strict
from linkhold.state.forms import Parsed
from linkhold.state.spellings import IP_ADDRESS, ip_address, is_ipv6, is_link_local


class IpAddress(Record):
    """An address with the length of its network; finite lifetimes belong to dynamic addresses, which are shown only.

    Lifetimes are spelled ``"3599sec"`` or ``"forever"``; addresses with a finite one are ignored when applied.
    """

    ip: typing.Annotated[str, IP_ADDRESS]
    prefix_length: typing.Annotated[int, Range(0, 128)]
    mptcp_flags: typing.Annotated[tuple[str, ...] | Unset, ReadOnly()] = UNSET
    valid_life_time: typing.Annotated[
        str | Unset, Spelled("valid-life-time", "valid-left", "valid-lft"), ReadOnly()
    ] = UNSET
    preferred_life_time: typing.Annotated[
        str | Unset, Spelled("preferred-life-time", "preferred-left", "preferred-lft"), ReadOnly()
    ] = UNSET

    @property
    def dynamic(self) -> bool:
        """Whether it was leased or autoconfigured: it has an end."""
        return self.valid_life_time not in (UNSET, "forever")

    def check(self, at: Path, found: Diagnostics) -> None:
        """An IPv4 prefix has at most 32 bits."""
        if not is_ipv6(self.ip) and self.prefix_length > 32:
            found.error(
                "prefix", (*at, "prefix-length"), f"{self.prefix_length} is too long for IPv4", expected="0 to 32"
            )


AUTOMATIC: typing.Final = frozenset(
    {
        "auto_dns",
        "auto_gateway",
        "auto_routes",
        "auto_route_table_id",
        "auto_route_metric",
        "dhcp_client_id",
        "dhcp_duid",
        "dhcp_send_hostname",
        "dhcp_custom_hostname",
    }
)
"""Fields that say something about what servers and routers give, and nothing where none are asked."""


class Ip(Record):
    """What IPv4 and IPv6 have in common."""

    ipv6: typing.ClassVar[bool]

    enabled: typing.Annotated[
        bool | Unset, Described("Whether the family is used here; false takes all of it away.")
    ] = UNSET
    dhcp: typing.Annotated[bool | Unset, Default(False), Described("Whether a DHCP server gives the addresses.")] = (
        UNSET
    )
    address: typing.Annotated[
        tuple[IpAddress, ...] | Unset,
        KeyedBy("ip", "prefix_length"),
        Default(()),
        Described("All static addresses, the primary one first; [] takes them all away."),
    ] = UNSET
    auto_dns: typing.Annotated[bool | Unset, Default(True)] = UNSET
    auto_gateway: typing.Annotated[bool | Unset, Default(True)] = UNSET
    auto_routes: typing.Annotated[bool | Unset, Default(True)] = UNSET
    auto_route_table_id: typing.Annotated[int | Unset, Default(0)] = UNSET
    auto_route_metric: int | Unset = UNSET
    allow_extra_address: typing.Annotated[
        bool | Unset,
        Strict(),
        ApplyOnly(),
        Described("Whether addresses that others added are fine; true if not said."),
    ] = UNSET
    dhcp_send_hostname: typing.Annotated[bool | Unset, Strict(), Default(True)] = UNSET
    dhcp_custom_hostname: typing.Annotated[str | Unset, Default("")] = UNSET
    forwarding: bool | Unset = UNSET
    prefix_route_metric: typing.Annotated[
        int | Unset,
        Default(0),
        Described("The metric of the routes that come with the addresses (IFA_RT_PRIORITY); 0 is the usual."),
    ] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Addresses are of this family."""
        family, section = ("IPv4", "ipv4") if self.ipv6 else ("IPv6", "ipv6")
        for index, address in enumerate(self.address if isinstance(self.address, tuple) else ()):
            if is_ipv6(address.ip) is not self.ipv6:
                where = (*at, "address", index, "ip")
                found.error("family", where, f"{address.ip} is an {family} address", hint=f"put it under {section}")

    @property
    def automatic(self) -> bool:
        """Whether servers or routers give addresses."""
        return self.dhcp is True or self.get("autoconf") is True

    @property
    def by_hand(self) -> typing.Self:
        """Without what is said about servers and routers; it is this very value where nothing is."""
        silent = {name: UNSET for name in AUTOMATIC if name in self.__dict__}
        return self.replace(**silent) if silent else self

    @property
    def static(self) -> tuple[IpAddress, ...]:
        """The addresses that a document declares: no dynamic ones, no IPv6 link-local ones."""
        addresses = self.address if isinstance(self.address, tuple) else ()
        return tuple(one for one in addresses if not one.dynamic and not is_link_local(one.ip))


class Ipv4(Ip):
    """IPv4 of an interface."""

    ipv6: typing.ClassVar[bool] = False

    dhcp_client_id: typing.Annotated[str | Unset, Default("ll"), Described("'ll', 'iaid+duid' or an identifier.")] = (
        UNSET
    )


def _token(text: str) -> str:
    canonical = ip_address(text) if text else "::"
    if canonical != "::":
        if not is_ipv6(canonical):
            raise ValueError("an IPv6 address")
        import ipaddress

        if int(ipaddress.IPv6Address(canonical)) >> 64:
            raise ValueError("the first 64 bits are zero, as in ::1:2:3:4")
    return canonical


class Ipv6(Ip, first=("enabled", "dhcp", "autoconf", "addr_gen_mode", "address")):
    """IPv6 of an interface."""

    ipv6: typing.ClassVar[bool] = True

    autoconf: typing.Annotated[bool | Unset, Default(False)] = UNSET
    dhcp_duid: typing.Annotated[str | Unset, Default("ll")] = UNSET
    addr_gen_mode: typing.Annotated[
        typing.Literal["eui64", "stable-privacy", "none", "random", "default", "default-or-eui64"] | Unset,
        Described("How the kernel makes the link-local and autoconfigured addresses (IFLA_INET6_ADDR_GEN_MODE)."),
    ] = UNSET
    token: typing.Annotated[
        str | Unset,
        Parsed("an IPv6 address whose first 64 bits are zero, or '' for none", _token),
        Default("::"),
        Described("The last 64 bits of autoconfigured addresses (ip-token(8))."),
    ] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """As for both families; a token is for addresses that routers announce."""
        super().check(at, found)
        if self.token not in (UNSET, "::") and self.autoconf is False:
            message = "a token needs autoconf: true"
            found.error("token", (*at, "token"), message, expected="autoconf: true", hint="or leave the token out")
