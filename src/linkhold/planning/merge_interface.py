"""One interface: what was said of it over what it is, with the few rules that markers can't say."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.overlay import fresh, holds, over
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip, IpAddress, Ipv4, Ipv6
from linkhold.state.interfaces.qos import Qos
from linkhold.state.spellings import is_link_local

OFF: typing.Final[dict[str, typing.Any]] = {"ipv4": Ipv4(enabled=False), "ipv6": Ipv6(enabled=False)}
_LOOPBACK: typing.Final = {
    "ipv4": IpAddress(ip="127.0.0.1", prefix_length=8),
    "ipv6": IpAddress(ip="::1", prefix_length=128),
}
_LOOPBACK_MTU: typing.Final = 65536


def over_interface(now: Interface, said: Interface) -> Interface:
    """An interface that is there, changed as said; it *is* `now` when nothing changes."""
    if holds(now, said) and "state" in said.__dict__:
        return now
    if said.identifier is not UNSET or said.state is UNSET:
        said = said.replace(identifier=UNSET, state="up" if said.state is UNSET else said.state)
    now_fitting = _for_mode(now, said)
    merged = _monitored(over(now_fitting, said), said)
    changes: dict[str, typing.Any] = {}
    for family in ("ipv4", "ipv6"):
        if family in said.__dict__:
            section = over_ip(now.get(family), said.get(family), merged.get(family), loopback=now.kind == "loopback")
            if section is not merged.get(family):
                changes[family] = section
    if not changes:
        return now if merged is now_fitting and now_fitting is now else merged
    merged = merged.replace(**changes)
    return now if merged == now else merged


def new_interface(said: Interface, *, whole: bool) -> Interface:
    """An interface that is not there yet: up, and without IP unless the document says otherwise."""
    interface = _monitored(fresh(said), said) if whole else fresh(said)
    changes: dict[str, typing.Any] = {}
    if said.state is UNSET:
        changes["state"] = "up"
    if said.identifier is not UNSET:
        changes["identifier"] = UNSET
    for family, off in OFF.items():
        section = interface.get(family)
        if section is not UNSET:
            changes[family] = over_ip(UNSET, section, section, loopback=said.kind == "loopback")
        elif whole and said.kind != "loopback":
            changes[family] = off
    return interface.replace(**changes)


def over_ip(now: typing.Any, said: Ip, merged: Ip, *, loopback: bool) -> Ip:
    """The IP settings after a generic merge, with addresses as they will be.

    A disabled family says nothing else, and IPv4 that has neither addresses nor DHCP (nor anything else to say) is as
    good as disabled: the kernel has no switch for it (nmstate, 1.6).
    """
    merged = _with_addresses(now, said, merged, loopback=loopback)
    if not merged.automatic and merged is not now:
        merged = merged.by_hand  # nmstate, 1.6: where addresses are given by hand, nobody is asked
    if merged.enabled is not False and not _mute(said, merged):
        return merged
    off: Ip = OFF["ipv6" if merged.ipv6 else "ipv4"]
    return typing.cast("Ip", now) if now == off else off


def _mute(said: Ip, merged: Ip) -> bool:
    if merged.ipv6 or merged.enabled is not True or merged.dhcp is True or merged.address not in (UNSET, ()):
        return False
    return not said.__dict__.keys() - {"enabled", "dhcp", "address", "allow_extra_address"}


def _with_addresses(now: typing.Any, said: Ip, merged: Ip, *, loopback: bool) -> Ip:
    """The kernel's own link-local addresses stay; leased and autoconfigured ones
    stay while that goes on; when DHCP for IPv4 ends and no address is said, the leased ones become static.
    """
    if merged.enabled is False:
        return merged
    before: tuple[IpAddress, ...] = now.address if now is not UNSET and isinstance(now.address, tuple) else ()
    if isinstance(said.address, tuple):
        assert isinstance(merged.address, tuple)
        own = (_LOOPBACK["ipv6" if said.ipv6 else "ipv4"],) if loopback else ()
        addresses = _addresses(
            (*own, *merged.address), before, automatic=merged.dhcp is True or merged.get("autoconf") is True
        )
    elif said.dhcp is False and now is not UNSET and now.dhcp is True:
        addresses = tuple(_lasting(one) for one in before if not (one.dynamic and said.ipv6))
    else:
        return merged
    if addresses == before:
        addresses = before
    if merged.get("address") is addresses or (not addresses and merged.get("address") is UNSET):
        return merged
    merged = merged.replace(address=addresses)
    return typing.cast("Ip", now) if merged == now else merged


def _addresses(said: tuple[IpAddress, ...], before: tuple[IpAddress, ...], *, automatic: bool) -> tuple[IpAddress, ...]:
    wanted = {(one.ip, one.prefix_length): one for one in said}
    there = {(one.ip, one.prefix_length): one for one in before}
    for key, one in there.items():
        if key in wanted:
            wanted[key] = one if automatic or not one.dynamic else _lasting(one)
        elif is_link_local(one.ip) or (one.dynamic and automatic):
            wanted[key] = one
    if wanted.keys() == there.keys() and (_is_ipv6(before) or list(_static(wanted.values())) == list(_static(before))):
        return tuple(wanted[key] for key in there)
    return tuple(wanted.values())


def _is_ipv6(addresses: tuple[IpAddress, ...]) -> bool:
    """The kernel sorts IPv6 addresses by itself: their order is not a difference."""
    return bool(addresses) and ":" in addresses[0].ip


def _static(addresses: typing.Iterable[IpAddress]) -> typing.Iterator[tuple[str, int]]:
    return ((one.ip, one.prefix_length) for one in addresses if not one.dynamic and not is_link_local(one.ip))


def _lasting(address: IpAddress) -> IpAddress:
    return address.replace(valid_life_time=UNSET, preferred_life_time=UNSET) if address.dynamic else address


def _for_mode(now: Interface, said: Interface) -> Interface:
    """A bond without the options that its new mode does not know."""
    section, new = now.get("bond"), said.get("bond")
    if (
        section is UNSET
        or new is UNSET
        or new.get("mode") in (UNSET, section.get("mode"))
        or section.get("options") is UNSET
    ):
        return now
    return now.replace(bond=section.replace(options=section.options.fitting(new.mode)))


def _monitored(merged: Interface, said: Interface) -> Interface:
    """A bond whose options are all put back: in some modes the kernel then watches carriers (`bond_option_mode_set`)."""
    section, new = merged.get("bond"), said.get("bond")
    if section is UNSET or new is UNSET or new.get("options") is UNSET or new.options.said():
        return merged
    from linkhold.state.interfaces.bond import CARRIER_INTERVAL, CARRIER_MODES

    if section.get("mode") not in CARRIER_MODES:
        return merged
    return merged.replace(bond=section.replace(options=section.options.replace(miimon=CARRIER_INTERVAL)))


def unconfigured(now: Interface) -> Interface:
    """Hardware without configuration: detached, down, no addresses; the loopback interface as the kernel makes it."""
    scheduled = isinstance(now.qos, Qos) and now.qos.classes not in (UNSET, ())
    qos: dict[str, typing.Any] = {"qos": Qos(classes=())} if scheduled else {}
    if now.kind == "loopback":
        own: dict[str, typing.Any] = {
            **qos,
            "ipv4": Ipv4(enabled=True, address=(_LOOPBACK["ipv4"],)),
            "ipv6": Ipv6(enabled=True, address=(_LOOPBACK["ipv6"],)),
        }
        return over_interface(now, type(now)(name=now.name, state="up", mtu=_LOOPBACK_MTU, **own))
    said: dict[str, typing.Any] = {"name": now.name, "state": "down", "controller": "", **qos, **OFF}
    if now.description is not UNSET:
        said["description"] = ""
    if isinstance(now.profile_name, str):
        said["profile_name"] = ""  # none
    if now.permanent_mac_address is not UNSET and now.mac_address is not UNSET:
        said["mac_address"] = now.permanent_mac_address
    return over_interface(now, type(now)(**said))


def without_ip(port: Interface, said: Interface | None, *, whole: bool) -> Interface:
    """A port of a bond or bridge: it has no IP, unless the document insists (which `check` then refuses).

    Where `port` is not all there is to know (not `whole`), only what was said of IP is taken back.
    """
    changes: dict[str, typing.Any] = {}
    for family, off in OFF.items():
        asked: typing.Any = said.get(family) if said is not None else UNSET
        if not whole and port.get(family) is UNSET:
            continue
        if (asked is UNSET or asked.enabled is not True) and port.get(family) != off:
            changes[family] = off
    return port.replace(**changes) if changes else port
