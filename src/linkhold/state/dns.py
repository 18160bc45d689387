"""DNS: name servers, search domains and options of the resolver (resolv.conf(5))."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, ReadOnly, Resets
from linkhold.state.forms import Parsed
from linkhold.state.spellings import ip_address, is_ipv6, is_link_local

FLAG_OPTIONS: typing.Final = frozenset(
    {
        "debug",
        "edns0",
        "inet6",
        "ip6-bytestring",
        "ip6-dotint",
        "no-aaaa",
        "no-check-names",
        "no-ip6-dotint",
        "no-reload",
        "no-tld-query",
        "rotate",
        "single-request",
        "single-request-reopen",
        "trust-ad",
        "use-vc",
    }
)
VALUE_OPTIONS: typing.Final = frozenset({"attempts", "ndots", "timeout"})


def server(text: str) -> str:
    """A name server in canonical spelling; a link-local one carries its interface, as in ``fe80::1%eth1``.

    Raises:
        ValueError: no address, or a zone where none belongs.
    """
    address, percent, zone = text.partition("%")
    canonical = ip_address(address)
    if percent and not (zone and is_ipv6(canonical) and is_link_local(canonical)):
        raise ValueError("only a link-local IPv6 address names an interface, as in fe80::1%eth1")
    return canonical + percent + zone


def option(text: str) -> str:
    """An option of resolv.conf(5).

    Raises:
        ValueError: unknown, or a value is missing or too much.
    """
    name, colon, value = text.partition(":")
    if name in FLAG_OPTIONS:
        if colon:
            raise ValueError(f"'{name}' takes no value")
    elif name in VALUE_OPTIONS:
        if not (value.isascii() and value.isdigit() and len(value) <= 5):
            raise ValueError(f"'{name}' needs a number, as in {name}:2")
    else:
        from linkhold.foundation.diagnostics import did_you_mean

        raise ValueError(did_you_mean(name, FLAG_OPTIONS | VALUE_OPTIONS))
    return text


Server = typing.Annotated[str, Parsed("the IP address of a name server", server)]
Option = typing.Annotated[str, Parsed("an option of resolv.conf", option)]


class DnsConfig(Record):
    """Each list replaces itself; one that is not said stays."""

    server: typing.Annotated[tuple[Server, ...] | Unset, Default(())] = UNSET
    search: typing.Annotated[tuple[str, ...] | Unset, Default(())] = UNSET
    options: typing.Annotated[tuple[Option, ...] | Unset, Default(())] = UNSET


class DnsResolver(Record):
    """`config` is what was set by hand (``{}`` takes all of it away); `running` is what is in use."""

    running: typing.Annotated[DnsConfig | Unset, ReadOnly()] = UNSET
    config: typing.Annotated[DnsConfig | Unset, Resets()] = UNSET
