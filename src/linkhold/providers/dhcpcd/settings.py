"""What a document asks of the client for one family of one interface, and what is shown of it again."""

import typing

from linkhold.foundation.record import UNSET, Record

if typing.TYPE_CHECKING:
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.interfaces.ip import Ip

Family = typing.Literal["ipv4", "ipv6"]

FAMILIES: typing.Final[tuple[Family, ...]] = ("ipv4", "ipv6")

OWNERS: typing.Final = frozenset({"kernel", "ovsdb"})
"""The providers whose interfaces are served here; NetworkManager has a client of its own."""


class Settings(Record):
    """Of one family of one interface. `table` 0 is the main one; without `metric` routes get one that no other interface
    has. `hostname` '' is the host's own name."""

    family: Family
    dhcp: bool = False
    autoconf: bool = False
    dns: bool = True
    gateway: bool = True
    routes: bool = True
    table: int = 0
    metric: int | None = None
    client_id: str = "ll"
    duid: str = "ll"
    send_hostname: bool = True
    hostname: str = ""
    token: str = ""
    generation: str = "eui64"

    def shown(self) -> dict[str, typing.Any]:
        """The fields of the section `ipv4` or `ipv6` that show these settings."""
        fields: dict[str, typing.Any] = {
            "enabled": True,
            "dhcp": self.dhcp,
            "auto_dns": self.dns,
            "auto_gateway": self.gateway,
            "auto_routes": self.routes,
            "auto_route_table_id": self.table,
        }
        if self.metric is not None:
            fields["auto_route_metric"] = self.metric
        if self.dhcp:
            fields["dhcp_send_hostname"] = self.send_hostname
            fields["dhcp_custom_hostname"] = self.hostname or UNSET
        if self.family == "ipv6":
            fields["autoconf"] = self.autoconf
            fields["addr_gen_mode"] = self.generation
            fields["token"] = self.token or UNSET
            fields["dhcp_duid"] = self.duid if self.dhcp else UNSET
        elif self.dhcp:
            fields["dhcp_client_id"] = self.client_id
        return fields


def settings_of(interface: "Interface", family: Family) -> Settings | None:
    """What an interface of a state asks for; nothing where it wants no lease, or has another manager for that."""
    section: Ip | typing.Any = interface.get(family)
    if not interface.wanted or section is UNSET or section.enabled is False or interface.owner not in OWNERS:
        return None
    dhcp, autoconf = section.dhcp is True, section.get("autoconf") is True
    if not dhcp and not autoconf:
        return None
    metric = section.auto_route_metric
    return Settings(
        family=family,
        dhcp=dhcp,
        autoconf=autoconf,
        dns=section.auto_dns is not False,
        gateway=section.auto_gateway is not False,
        routes=section.auto_routes is not False,
        table=section.auto_route_table_id if isinstance(section.auto_route_table_id, int) else 0,
        metric=metric if isinstance(metric, int) and metric >= 0 else None,
        client_id=_text(section.get("dhcp_client_id"), "ll"),
        duid=_text(section.get("dhcp_duid"), "ll"),
        send_hostname=section.dhcp_send_hostname is not False,
        hostname=_text(section.dhcp_custom_hostname, ""),
        token="" if section.get("token") == "::" else _text(section.get("token"), ""),
        generation=_text(section.get("addr_gen_mode"), "eui64"),
    )


def _text(value: object, usual: str) -> str:
    return value if isinstance(value, str) and value else usual


def to_plain(settings: Settings) -> dict[str, typing.Any]:
    """For a file."""
    return settings.said()


def of_plain(plain: dict[str, typing.Any]) -> Settings:
    """From a file. Raises TypeError for what no version of ours wrote."""
    return Settings(**plain)
