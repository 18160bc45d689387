"""Documents that need two passes: virtual functions of a card have no interface before the card shows them.

The first pass is the part of the document that makes the card show them; the whole document is planned when they are
there (their names and MACs are known only then). Both passes are one transaction: what is taken back is what both did.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import UNSET
from linkhold.planning.change import Change, Plan
from linkhold.planning.references import names_in
from linkhold.state.interfaces import retype
from linkhold.state.interfaces.common import Interface, Untyped, virtual_function_of
from linkhold.state.interfaces.ethernet import Ethernet, EthernetConfig, SrIov
from linkhold.state.network import NetworkState


def cards_first(desired: NetworkState, current: NetworkState) -> NetworkState | None:
    """The part of a document that has to be applied before the rest can be planned; None when all can be planned at once."""
    there = {one.name: one for one in current.by_key.values() if not one.userspace}
    said = [one for one in _entries(desired) if one.state not in ("absent", "ignore")]
    cards = [card for one in said if (card := _growing(one, there.get(one.name))) is not None]
    if not cards or not any(_waits(one, there) for one in said):
        return None
    return NetworkState(interfaces=tuple(cards))


def all_there(first: NetworkState, observed: NetworkState) -> bool:
    """Whether each card shows an interface for each of its virtual functions, unless no driver is to take them."""
    names = {one.name for one in observed.by_key.values()}
    for card in _entries(first):
        now = observed.by_key.get((card.name, ""))
        if now is not None and (sr_iov := _sr_iov(now)) is not None and sr_iov.drivers_autoprobe is False:
            continue
        shown = {one.iface_name for one in _functions(now)} if now is not None else set()
        if len(shown & names) < _total(card):
            return False
    return True


def together(first: Plan, then: Plan, before: NetworkState) -> Plan:
    """What both passes do to a host that was as `before`, as one plan to be told, and to be taken back.

    An interface that came with the first pass goes with it, too: nothing is to be taken back on it.
    """
    changed = {(one.subject, one.name): one for one in first.changes}
    for one in then.changes:
        earlier = changed.get((one.subject, one.name))
        if earlier is not None:
            changed[one.subject, one.name] = _joined(earlier, one)
        elif not _came(one, before):
            changed[one.subject, one.name] = one
    return Plan(changes=tuple(changed.values()))


def _joined(earlier: Change, later: Change) -> Change:
    action = "+" if earlier.before is UNSET else "-" if later.after is UNSET else "~"
    return later.replace(
        action=action,
        before=earlier.before,
        differences=(*earlier.differences, *later.differences),
        reasons=tuple(dict.fromkeys((*earlier.reasons, *later.reasons))),
        risks=tuple(dict.fromkeys((*earlier.risks, *later.risks))),
    )


def _came(change: Change, before: NetworkState) -> bool:
    return change.subject == "interface" and change.before is not UNSET and change.before.key not in before.by_key


def _entries(state: NetworkState) -> tuple[Interface, ...]:
    return state.interfaces if isinstance(state.interfaces, tuple) else ()


def _growing(said: Interface, now: Interface | None) -> Ethernet | None:
    """The entry of a card that is to show more virtual functions than it does, with nothing but that."""
    card = retype(said, "ethernet", (), Diagnostics()) if isinstance(said, Untyped) and "ethernet" in said.raw else said
    if not isinstance(card, Ethernet) or now is None or _total(card) <= _total(now):
        return None
    assert isinstance(card.ethernet, EthernetConfig)
    return Ethernet(name=card.name, state="up", ethernet=EthernetConfig(sr_iov=card.ethernet.sr_iov))


def _total(card: Interface) -> int:
    sr_iov = _sr_iov(card)
    return sr_iov.total_vfs if sr_iov is not None and isinstance(sr_iov.total_vfs, int) else 0


def _functions(card: Interface) -> tuple[typing.Any, ...]:
    sr_iov = _sr_iov(card)
    return sr_iov.vfs if sr_iov is not None and isinstance(sr_iov.vfs, tuple) else ()


def _sr_iov(card: Interface) -> SrIov | None:
    config = card.get("ethernet")
    held = config.sr_iov if isinstance(config, EthernetConfig) else UNSET
    return held if isinstance(held, SrIov) else None


def _waits(said: Interface, there: typing.Mapping[str, Interface]) -> bool:
    """Whether an entry is, or names, what may be the interface of a virtual function that is not there yet."""
    if any(virtual_function_of(name) for name in names_in(said)):
        return True
    return said.name not in there and isinstance(said, Untyped | Ethernet)
