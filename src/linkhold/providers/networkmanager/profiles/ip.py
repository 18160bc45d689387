"""The settings ``ipv4`` and ``ipv6``: methods, addresses, routes, rules, DHCP, router advertisements, name servers."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.placing import Placing
from linkhold.providers.networkmanager.profiles import addresses, resolving, routes, rules
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, Version, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip, IpAddress, Ipv4, Ipv6

FOREVER: typing.Final = 2**31 - 1
"""``dhcp-timeout`` and ``ra-timeout``: no server, no failure; the interface waits for one."""

IP_LESS: typing.Final = frozenset({"bond", "linux-bridge", "ovs-bridge"})
"""Ports of these have no IP settings at all."""

_KEPT_METHODS: typing.Final = frozenset({"shared", "ignore", "link-local"})
"""Methods that a document has no word for; they stay as long as the document says nothing of the family."""


def _not(value: bool) -> bool:
    return not value


_CLIENT_IDS: typing.Final = {"ll": "mac", "iaid+duid": "duid"}
_CLIENT_WORDS: typing.Final = {word: name for name, word in _CLIENT_IDS.items()}
_ADDRESS_MODES: typing.Final = {"eui64": 0, "stable-privacy": 1, "default-or-eui64": 2, "default": 3}
_MODE_WORDS: typing.Final = {number: word for word, number in _ADDRESS_MODES.items()}

_COMMON: typing.Final = (
    Column("auto_dns", "ignore-auto-dns", _not, _not),
    Column("auto_gateway", "never-default", _not, _not),
    Column("auto_routes", "ignore-auto-routes", _not, _not),
    Column("auto_route_table_id", "route-table"),
    Column("auto_route_metric", "route-metric", back=lambda metric: UNSET if metric < 0 else metric),
    Column("dhcp_send_hostname", "dhcp-send-hostname"),
)
_IPV4: typing.Final = (
    *_COMMON,
    Column("dhcp_client_id", "dhcp-client-id", lambda said: _CLIENT_IDS.get(said, said),
           lambda said: _CLIENT_WORDS.get(said, said)),
)  # fmt: skip
_IPV6: typing.Final = (
    *_COMMON,
    Column("dhcp_duid", "dhcp-duid"),
    Column("dhcp_custom_hostname", "dhcp-hostname", lambda said: said or None),
    Column("addr_gen_mode", "addr-gen-mode", back=lambda number: _MODE_WORDS.get(number, UNSET)),
    Column("token", "token", lambda said: None if said in ("", "::") else said),
)


class Family(typing.NamedTuple):
    """One family of an interface: as it will be and as it was, with what the host's routes, rules and DNS put there."""

    ipv6: bool
    interface: Interface
    was: Interface | None
    place: Placing
    before: Placing | None
    section: typing.Mapping[str, typing.Any]
    version: Version
    dns: bool

    @property
    def name(self) -> str:
        return self.interface.name

    @property
    def after_ip(self) -> Ip | None:
        """Its settings as they will be, where they are said."""
        return _ip(self.interface, self.ipv6)

    @property
    def before_ip(self) -> Ip | None:
        """Its settings as they were."""
        return _ip(self.was, self.ipv6)


def _ip(interface: Interface | None, ipv6: bool) -> Ip | None:
    section = interface.get("ipv6" if ipv6 else "ipv4") if interface is not None else UNSET
    return section if isinstance(section, Ip) else None


def encode(family: Family, draft: Draft) -> None:
    """Say what a profile has to say of one family."""
    setting = "ipv6" if family.ipv6 else "ipv4"
    fresh = not family.section
    said = fresh or family.after_ip != family.before_ip or _handed_over(family)
    method = method_of(family) if said else family.section.get("method", "auto")
    draft.put(setting, "method", method)
    if method == "disabled":
        _silence(setting, family, draft)
        return
    if said and family.after_ip is not None:
        _say(setting, family, family.after_ip, draft, fresh=fresh)
    _routing(setting, family, draft, said=said)
    if family.dns:
        resolving.encode(setting, family.place.servers.get((family.name, family.ipv6)), family.section, draft)


def _handed_over(family: Family) -> bool:
    """Whether somebody else kept these settings before: then no profile has them yet, whatever it says."""
    return family.was is None or family.was.owner != family.interface.owner


def method_of(family: Family) -> str:
    """NetworkManager's word for how the addresses of a family come."""
    ip = family.after_ip
    held = bool(ip and ip.static)
    routed = bool(family.place.routes_of(family.name, family.ipv6))
    if family.interface.kind == "loopback":
        return "manual" if held else "auto"  # which adds nothing there; NetworkManager refuses all others
    if ip is None or ip.enabled is False:
        return "disabled"
    if isinstance(ip, Ipv6):
        if ip.autoconf is True:
            return "auto"
        return "dhcp" if ip.dhcp is True else "manual" if held else "link-local"
    return "auto" if ip.dhcp is True else "manual" if held or routed else "disabled"


def _silence(setting: str, family: Family, draft: Draft) -> None:
    """A disabled family says nothing else that NetworkManager would refuse."""
    for key in ("address-data", "gateway", "route-data", "dns", "dns-data", "dns-search", "dns-options", "token"):
        if key in family.section:
            draft.put(setting, key, None)
    kept = [one for one in family.section.get("routing-rules", ()) if rules.foreign(one)]
    if "routing-rules" in family.section:
        draft.put(setting, "routing-rules", kept or None)
    _drop_old_words(setting, family, draft)


def _drop_old_words(setting: str, family: Family, draft: Draft) -> None:
    """What older programs understand says the same again, and would contradict."""
    for key in ("addresses", "routes"):
        if key in family.section:
            draft.put(setting, key, None)


def _say(setting: str, family: Family, ip: Ip, draft: Draft, *, fresh: bool) -> None:
    automatic = ip.dhcp is True or ip.get("autoconf") is True
    if fresh and automatic:
        draft.put(setting, "dhcp-timeout", FOREVER)
        if family.ipv6:
            draft.put(setting, "ra-timeout", FOREVER)
            draft.put(setting, "dhcp-duid", "ll")
            draft.put(setting, "dhcp-iaid", "mac")
        else:
            draft.put(setting, "dhcp-client-id", "mac")
    if fresh and family.ipv6:
        draft.put(setting, "addr-gen-mode", _ADDRESS_MODES["eui64"])
    changed = {
        name: value
        for name, value in ip.__dict__.items()
        if family.before_ip is None or family.before_ip.get(name) != value
    }
    _settings(setting, type(ip).of(changed), draft)
    before = family.before_ip.static if family.before_ip is not None and not fresh else None
    draft.put(setting, "address-data", addresses.written(ip.static, before, family.section))
    draft.put(setting, "gateway", None)  # told as a route
    _drop_old_words(setting, family, draft)


def _settings(setting: str, said: Ip, draft: Draft) -> None:
    columns = _IPV6 if said.ipv6 else _IPV4
    mode = said.get("addr_gen_mode")
    for column in columns:
        value = said.get(column.field)
        if value is UNSET:
            continue
        if column.field == "addr_gen_mode":  # the kernel's other modes are none of a profile
            draft.put(setting, column.key, _ADDRESS_MODES.get(mode, UNSET))
        else:
            draft.put(setting, column.key, column.to(value))
    name = said.get("dhcp_custom_hostname")
    if name is not UNSET and not said.ipv6:
        full = "." in name
        draft.put(setting, "dhcp-fqdn", name if full else None)
        draft.put(setting, "dhcp-hostname", name if name and not full else None)
    if said.forwarding is not UNSET and not said.ipv6:
        draft.put(setting, "forwarding", int(said.forwarding is True))


def _routing(setting: str, family: Family, draft: Draft, *, said: bool) -> None:
    key = (family.name, family.ipv6)
    after, before = family.place.routes_of(*key), family.before.routes_of(*key) if family.before else None
    if not family.section:
        before = None
    if said or after != before:
        draft.put(setting, "route-data", routes.written(after, before, family.section, family.name))
        draft.put(setting, "gateway", None)
        _drop_old_words(setting, family, draft)
        if not said and "address-data" not in draft.section(setting) and "address-data" not in family.section:
            draft.put(setting, "address-data", [])
    rules_after = family.place.rules_of(*key)
    rules_before = family.before.rules_of(*key) if family.before and family.section else None
    if rules_after != rules_before and (rules_after or family.section.get("routing-rules")):
        draft.put(setting, "routing-rules", rules.written(rules_after, rules_before, family.section))


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The fields ``ipv4`` and ``ipv6`` of an interface, as far as its profile says them."""
    said: dict[str, typing.Any] = {}
    own = {"method": "manual"} if settings.get("connection", {}).get("type") == "loopback" else {}
    if "ipv4" in settings:
        said["ipv4"] = _ipv4({**settings["ipv4"], **own})
    if "ipv6" in settings:
        said["ipv6"] = _ipv6({**settings["ipv6"], **own})
    return said


def _ipv4(section: dict[str, typing.Any]) -> Ipv4:
    method = section.get("method", "auto")
    if method == "disabled":
        return Ipv4(enabled=False)
    said = decoded(section, _IPV4)
    name = section.get("dhcp-fqdn") or section.get("dhcp-hostname")
    if name:
        said["dhcp_custom_hostname"] = name
    if section.get("forwarding") in (0, 1):
        said["forwarding"] = section["forwarding"] == 1
    return Ipv4(enabled=True, dhcp=method == "auto", address=_addresses(section), **_dynamic(said, method == "auto"))


def _ipv6(section: dict[str, typing.Any]) -> Ipv6:
    method = section.get("method", "auto")
    if method == "disabled":
        return Ipv6(enabled=False)
    said = decoded(section, _IPV6)
    dynamic = method in ("auto", "dhcp")
    return Ipv6(
        enabled=True,
        dhcp=dynamic,
        autoconf=method == "auto",
        address=_addresses(section),
        **_dynamic(said, dynamic),
    )


_WHEN_DYNAMIC: typing.Final = {
    "auto_dns": True, "auto_gateway": True, "auto_routes": True, "auto_route_table_id": 0,
}  # fmt: skip


def _dynamic(said: dict[str, typing.Any], dynamic: bool) -> dict[str, typing.Any]:
    """Settings of what comes by itself: shown where something does, with their defaults."""
    if dynamic:
        return {**_WHEN_DYNAMIC, **said}
    return {key: value for key, value in said.items() if key not in {*_WHEN_DYNAMIC, "auto_route_metric"}}


def _addresses(section: dict[str, typing.Any]) -> tuple[IpAddress, ...]:
    return addresses.read(section)
