"""What differs from one snapshot of a host to the next, in the words of the event ``changed``.

``address``: an interface has others now; ``lease``: it has one that a server or router gave; ``carrier``: it is connected,
or is not any more; ``active-port``: a bond goes another way; ``link``: an interface came, went or was set up otherwise.
"""

import typing

from linkhold.executor.setup.snapshot import Seen
from linkhold.foundation.record import Record
from linkhold.state.interfaces.common import Interface

What = typing.Literal["address", "lease", "carrier", "active-port", "link"]

ORDER: typing.Final[tuple[What, ...]] = typing.get_args(What)

_SEPARATE: typing.Final = frozenset({"carrier", "ipv4", "ipv6"})


def changed(before: Seen, after: Seen) -> tuple[tuple[str, ...], tuple[What, ...]]:
    """The interfaces that differ, and in what, both in order; nothing where nothing does."""
    names: set[str] = set()
    what: set[What] = set()
    old, new = before.state.by_key, after.state.by_key
    for key in old.keys() | new.keys():
        found = _of(old.get(key), new.get(key))
        name = key[0]
        if before.facts.about(name).active_port != after.facts.about(name).active_port:
            found.add("active-port")
        if found:
            names.add(name)
            what |= found
    return tuple(sorted(names)), tuple(one for one in ORDER if one in what)


def _of(before: Interface | None, after: Interface | None) -> set[What]:
    found: set[What] = set()
    if before is None or after is None or _settings(before) != _settings(after):
        found.add("link")
    if before is not None and after is not None and before.get("carrier") != after.get("carrier"):
        found.add("carrier")
    had, has = _addresses(before), _addresses(after)
    if had != has:
        found.add("address")
        if any(dynamic for address, dynamic in has.items() if address not in had):
            found.add("lease")
    return found


def _settings(interface: Interface) -> dict[str, object]:
    return {name: value for name, value in interface.said().items() if name not in _SEPARATE}


def _addresses(interface: Interface | None) -> dict[tuple[str, int], bool]:
    """Each with whether it has an end, and so was given by somebody."""
    found: dict[tuple[str, int], bool] = {}
    for section in (interface.get("ipv4"), interface.get("ipv6")) if interface is not None else ():
        listed = section.get("address") if isinstance(section, Record) else ()
        for one in listed if isinstance(listed, tuple) else ():
            found[one.ip, one.prefix_length] = one.dynamic
    return found
