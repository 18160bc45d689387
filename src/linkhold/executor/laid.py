"""Whether a service has done with addresses what it was asked for.

NetworkManager answers a call before it has told the kernel; what the kernel drops with the last address of an interface would
go after it was put back.
"""

import typing

from linkhold.foundation.record import Unset
from linkhold.providers.contract import Scope

if typing.TYPE_CHECKING:
    from linkhold.providers.contract import Provider
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.network import NetworkState

LOOK: typing.Final = 0.02
"""Seconds between looks."""

PATIENCE: typing.Final = 2.0
"""Seconds after which we go on all the same: verifying says what is wrong then, and better than we could."""


async def addresses_laid(
    base: "Provider", names: typing.Iterable[str], before: "NetworkState", after: "NetworkState"
) -> None:
    """Wait until the kernel shows the declared addresses of these interfaces as they are to be, and none of those that go."""
    import asyncio

    keys = [(name, "") for name in names]
    scope = Scope(names=frozenset(name for name, _ in keys))
    for _ in range(round(PATIENCE / LOOK)):
        seen = (await base.observe(scope)).by_key
        if all(_laid(seen.get(key), before.by_key.get(key), after.by_key.get(key)) for key in keys):
            return
        await asyncio.sleep(LOOK)


def _laid(seen: "Interface | None", before: "Interface | None", after: "Interface | None") -> bool:
    there, wanted = _addresses(seen), _addresses(after)
    return wanted <= there and there.isdisjoint(_addresses(before) - wanted)


def _addresses(interface: "Interface | None") -> frozenset[tuple[str, int]]:
    families = (interface.ipv4, interface.ipv6) if interface is not None else ()
    return frozenset(
        (one.ip, one.prefix_length) for family in families if not isinstance(family, Unset) for one in family.static
    )
