"""Static addresses: ``address-data`` of both families, and its older spelling."""

import typing

from linkhold.state.interfaces.ip import IpAddress
from linkhold.state.spellings import ip_address, is_link_local

Section = typing.Mapping[str, typing.Any]
Entry = dict[str, typing.Any]


def entries(section: Section) -> list[Entry]:
    """The addresses of a profile as maps with ``address`` and ``prefix``, and whatever else it says of each."""
    return [dict(one) for one in section.get("address-data", ())]


def read(section: Section) -> tuple[IpAddress, ...]:
    """The addresses of a profile."""
    return tuple(
        IpAddress(ip=ip_address(one["address"]), prefix_length=int(one["prefix"]))
        for one in entries(section)
        if not is_link_local(one["address"])
    )


def written(after: tuple[IpAddress, ...], before: tuple[IpAddress, ...] | None, section: Section) -> list[Entry]:
    """The addresses as they are to stand: those that are to come, and those that stand there and stay.

    What somebody else gave the interface (a virtual address that moves between hosts) is in `before` and not in the
    profile: it stays out of it.
    """
    there = {_key(one["address"], one["prefix"]): one for one in entries(section)}
    known = {_key(one.ip, one.prefix_length) for one in before} if before is not None else set()
    wanted = [_key(one.ip, one.prefix_length) for one in after]
    return [
        there.get(key) or {"address": key[0], "prefix": key[1]} for key in wanted if key in there or key not in known
    ]


def _key(address: str, prefix: int) -> tuple[str, int]:
    return ip_address(address), int(prefix)
