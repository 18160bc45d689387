"""Laying what a client has heard on its interface, and taking it off."""

import os
import typing

from linkhold.providers.dhcpcd import facts
from linkhold.providers.dhcpcd.wanted import Wanted, wanted

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.folder import Client
    from linkhold.providers.dhcpcd.ways import Ways

FIRST_METRIC: typing.Final = 1000
"""Plus the index of the interface: routes of a lease come after those that somebody wrote, and no two are alike."""


def lay(client: "Client", ways: "Ways") -> None:
    """Make the interface as the client's facts and settings have it now. Idempotent.

    Raises:
        Refused, NotPermitted: as `Ways`.
    """
    with client.locked():
        settings, link = client.settings, ways.link(client.interface)
        if settings is None or link is None:  # stopped meanwhile, or the interface is gone
            return
        after = wanted(
            settings,
            client.facts,
            mac=link.mac,
            interface=client.interface,
            metric=FIRST_METRIC + link.number,
            moment=facts.now(),
        )
        _replace(client, ways, after)


def heard(client: "Client", environment: typing.Mapping[str, str], ways: "Ways") -> None:
    """One event of the client; see `facts.heard`."""
    settings = client.settings
    if settings is None:
        return
    if client.family == "ipv6":
        ways.generation(client.interface, settings.generation)
    with client.locked():
        after = facts.heard(client.facts, environment, facts.now())
        if after is not None:
            client.learn(after)
    if after is not None:
        lay(client, ways)


def take_off(client: "Client", ways: "Ways", *, keep: typing.Container[str] = ()) -> None:
    """Take everything off but the addresses (as ``192.0.2.1/24``) that are to stay, and forget what was asked for: a script
    that still runs lays nothing any more.

    Raises:
        Refused, NotPermitted: as `Ways`.
    """
    with client.locked():
        before = client.laid
        staying = tuple(one.replace(bare=False) for one in before.addresses if one.key in keep)
        _replace(client, ways, Wanted(addresses=staying))
        client.forget()


def _replace(client: "Client", ways: "Ways", after: Wanted) -> None:
    before = client.laid
    # IPv4 takes no change of whether an address has a route to its network (`inet_rtm_newaddr` of net/ipv4/devinet.c)
    addresses = {(one.key, one.bare) for one in after.addresses}
    routes = {one.key for one in after.routes}
    old_addresses = tuple(one for one in before.addresses if (one.key, one.bare) not in addresses)
    old_routes = tuple(one for one in before.routes if one.key not in routes)
    # noted first: whoever comes after a crash takes off what may not even be there
    client.note(Wanted(addresses=(*after.addresses, *old_addresses), routes=(*after.routes, *old_routes)))
    if ways.link(client.interface) is not None:
        ways.take(client.interface, old_addresses, old_routes)
        refused = ways.give(client.interface, after.addresses, after.routes)
        client.write("refused", "".join(f"{one}\n" for one in refused))
        if client.family == "ipv6":
            ways.advertised(client.interface, after.mtu, after.hop_limit)
    client.note(after)
    _write_names(client, after)
    ways.names_changed(client.interface, *_all_names(client))


def _write_names(client: "Client", after: Wanted) -> None:
    lines = [f"nameserver {server}\n" for server in after.servers]
    if after.search:
        lines.append(f"search {' '.join(after.search)}\n")
    client.write("resolv.conf", "".join(lines))


def _all_names(client: "Client") -> tuple[list[str], list[str]]:
    """Servers and search domains of the interface in both families."""
    servers: list[str] = []
    search: list[str] = []
    above = os.path.dirname(client.path)
    for family in ("ipv4", "ipv6"):
        try:
            with open(f"{above}/{family}/resolv.conf", encoding="utf-8", errors="surrogateescape") as file:
                lines = [line.split() for line in file]
        except FileNotFoundError:
            continue
        servers += (words[1] for words in lines if words[0] == "nameserver")
        search += (word for words in lines if words[0] == "search" for word in words[1:])
    return servers, search
