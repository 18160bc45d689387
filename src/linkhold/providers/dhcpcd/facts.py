"""What servers and routers said, out of the environment in which dhcpcd runs its script (dhcpcd-run-hooks(8)).

Facts are plain data, as they are kept in a file: one entry for each protocol that was heard, and all times as points of
the boot clock in seconds (CLOCK_BOOTTIME), None for what never ends.
"""

import time
import typing

Facts = dict[str, dict[str, typing.Any]]
"""By protocol: ``dhcp``, ``dhcp6``, ``ra``."""

FOREVER: typing.Final = 0xFFFFFFFF
_DEFAULT: typing.Final = "0.0.0.0/0"
_TWO_HOURS: typing.Final = 7200.0

_GIVEN: typing.Final = frozenset(
    {"BOUND", "RENEW", "REBIND", "REBOOT", "TIMEOUT", "BOUND6", "RENEW6", "REBIND6", "REBOOT6", "INFORM6"}
)
_LOST: typing.Final = frozenset({"EXPIRE", "NAK", "EXPIRE6"})

_Environment = typing.Mapping[str, str]


def now() -> float:
    """This moment on the clock of the facts."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def heard(known: Facts, environment: _Environment, moment: float) -> Facts | None:
    """The facts after one event; nothing where it says nothing new.

    A client that ends, or an interface that loses its carrier, takes nothing away: what was leased is ours until it ends.
    """
    reason, protocol = environment.get("reason", ""), environment.get("protocol", "")
    if reason in _GIVEN:
        told = _lease4(environment, moment) if protocol == "dhcp" else _lease6(environment, moment)
        return {**known, protocol: told}
    if reason in _LOST and environment.get("ifcarrier") != "down":
        return {name: told for name, told in known.items() if name != protocol}
    if reason == "ROUTERADVERT" and "nd1_from" in environment:
        return {**known, "ra": _not_cut_short(known.get("ra", {}), _routers(environment, moment), moment)}
    return None


def _lease4(environment: _Environment, moment: float) -> dict[str, typing.Any]:
    def said(name: str) -> list[str]:
        return environment.get(f"new_{name}", "").split()

    classless = said("classless_static_routes") or said("ms_classless_static_routes")
    return {
        "address": environment["new_ip_address"],
        "length": int(environment.get("new_subnet_cidr", "32")),
        "broadcast": environment.get("new_broadcast_address", ""),
        "until": _until(environment.get("new_dhcp_lease_time", ""), moment),
        "routes": _routes4(_pairs(classless), _classful(said("static_routes")), said("routers")),
        "servers": said("domain_name_servers"),
        "search": said("domain_search") or said("domain_name"),
    }


def _routes4(classless: list[list[str]], classful: list[list[str]], routers: list[str]) -> list[list[str]]:
    """RFC 3442: with classless routes, all others are not to be looked at. Servers that forget the default route among
    them are common, so the router counts where none is said (as NetworkManager does it)."""
    found = classless or classful
    if any(destination == _DEFAULT for destination, _ in found):
        return found
    return [*found, *([_DEFAULT, router] for router in routers[:1])]


def _pairs(words: list[str]) -> list[list[str]]:
    return [[destination, gateway] for destination, gateway in zip(words[::2], words[1::2], strict=False)]


def _classful(words: list[str]) -> list[list[str]]:
    """RFC 2132, section 5.8: destinations whose length follows from their class, where none is said."""
    found = []
    for destination, gateway in _pairs(words):
        if "/" not in destination:
            first = int(destination.partition(".")[0])
            destination += (
                f"/{32 if not destination.endswith('.0') else 8 if first < 128 else 16 if first < 192 else 24}"
            )
        found.append([destination, gateway])
    return found


def _lease6(environment: _Environment, moment: float) -> dict[str, typing.Any]:
    addresses = [
        {
            "address": environment[f"{one}"],
            "until": _until(environment.get(f"{one}_vltime", ""), moment),
            "preferred": _until(environment.get(f"{one}_pltime", ""), moment),
        }
        for one in _numbered(environment, "new_dhcp6_ia_na{}_ia_addr")
    ]
    return {
        "addresses": addresses,
        "servers": environment.get("new_dhcp6_name_servers", "").split(),
        "search": environment.get("new_dhcp6_domain_search", "").split(),
    }


def _numbered(environment: _Environment, pattern: str) -> list[str]:
    """The names of addresses in all identity associations, which dhcpcd numbers from 1."""
    found = []
    for association in range(1, 100):
        stem = pattern.format(association)
        if f"{stem}1" not in environment:
            break
        for number in range(1, 100):
            if f"{stem}{number}" not in environment:
                break
            found.append(f"{stem}{number}")
    return found


def _routers(environment: _Environment, moment: float) -> dict[str, typing.Any]:
    routers = []
    for number in range(1, 100):
        stem = f"nd{number}"
        if f"{stem}_from" not in environment:
            break
        heard_at = moment - (int(environment.get(f"{stem}_now", "0")) - int(environment.get(f"{stem}_acquired", "0")))
        routers.append(_router(environment, stem, heard_at))
    return {"routers": routers}


def _not_cut_short(known: dict[str, typing.Any], told: dict[str, typing.Any], moment: float) -> dict[str, typing.Any]:
    """RFC 4862, section 5.5.3 e: nobody takes an address away in less than two hours by an advertisement, which anyone on
    the link can send."""
    before = {one["prefix"]: one["until"] for router in known.get("routers", ()) for one in router["prefixes"]}
    for router in told["routers"]:
        for one in router["prefixes"]:
            was = before.get(one["prefix"], moment)
            least = moment + _TWO_HOURS if was is None else min(was, moment + _TWO_HOURS)
            if one["until"] is not None:
                one["until"] = max(one["until"], least)
    return told


def _router(environment: _Environment, stem: str, moment: float) -> dict[str, typing.Any]:
    flags = environment.get(f"{stem}_flags", "")
    return {
        "from": environment[f"{stem}_from"],
        # a lifetime of 0 says: not a default router (RFC 4861, section 4.2)
        "until": _until(environment.get(f"{stem}_lifetime", "0"), moment),
        "mtu": int(environment.get(f"{stem}_mtu", "0")),
        "hop-limit": int(environment.get(f"{stem}_hoplimit", "0")),
        "preference": 1 if "h" in flags else 3 if "l" in flags else 0,
        "prefixes": [
            _prefix(environment, one, moment) for one in _each(environment, f"{stem}_prefix_information", "_prefix")
        ],
        "routes": [
            _route(environment, one, moment) for one in _each(environment, f"{stem}_route_information", "_length")
        ],
        "servers": [
            {"names": environment[f"{one}_servers"].split(), "until": _until(environment[f"{one}_lifetime"], moment)}
            for one in _each(environment, f"{stem}_rdnss", "_servers")
        ],
        "search": [
            {"names": environment[f"{one}_search"].split(), "until": _until(environment[f"{one}_lifetime"], moment)}
            for one in _each(environment, f"{stem}_dnssl", "_search")
        ],
    }


def _each(environment: _Environment, stem: str, needed: str) -> typing.Iterator[str]:
    for number in range(1, 100):
        if f"{stem}{number}{needed}" not in environment:
            return
        yield f"{stem}{number}"


def _prefix(environment: _Environment, stem: str, moment: float) -> dict[str, typing.Any]:
    flags = environment.get(f"{stem}_flags", "")
    return {
        "prefix": environment[f"{stem}_prefix"],
        "length": int(environment[f"{stem}_length"]),
        "on-link": "L" in flags,
        "autonomous": "A" in flags,
        "until": _until(environment[f"{stem}_vltime"], moment),
        "preferred": _until(environment[f"{stem}_pltime"], moment),
    }


def _route(environment: _Environment, stem: str, moment: float) -> dict[str, typing.Any]:
    """RFC 4191, section 2.3: the prefix comes with 0, 8 or 16 bytes; the preference is in the bits 3 and 4."""
    import socket

    data = bytes.fromhex(environment.get(f"{stem}_prefix", ""))[:16]
    preference = int(environment.get(f"{stem}_flags", "0")) >> 3 & 3
    return {
        "prefix": socket.inet_ntop(socket.AF_INET6, data.ljust(16, b"\0")),
        "length": int(environment[f"{stem}_length"]),
        "until": _until(environment[f"{stem}_lifetime"], moment),
        "preference": preference,
    }


def _until(seconds: str, moment: float) -> float | None:
    number = int(seconds) if seconds.isdigit() else FOREVER
    return None if number >= FOREVER else moment + number
