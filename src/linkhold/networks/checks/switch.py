"""Linux bridges or Open vSwitch: one of them for the whole host, which goes over as a whole or not at all."""

import typing

from linkhold.foundation.diagnostics import Path
from linkhold.networks.checks.context import Context
from linkhold.networks.configuration import Switch
from linkhold.networks.mistakes import Stage


def check(context: Context) -> None:
    """One request is about one kind of switch, and all of the host is where it changes."""
    wanted = _wanted(context)
    kinds = {kind for _, kind in wanted}
    if len(kinds) > 1:
        message = "Mixing of legacy and OVS networks is not supported inside one setupNetworks() call."
        for at, kind in wanted:
            if kind != wanted[0][1]:
                hint = f"{wanted[0][1]}, or a request of its own"
                context.found.error(Stage.SWITCH, "bad-params", (*at, "switch"), message, hint=hint)
    elif kinds and _leaves_others(context, next(iter(kinds))):
        _check_change(context)


def changes(context: Context) -> bool:
    """Whether anything that runs is of another kind of switch than the request."""
    kinds = {kind for _, kind in _wanted(context)}
    running = {one.switch for one in context.running.networks.values()}
    running |= {one.switch for one in context.running.bondings.values()}
    return bool(kinds) and not running <= kinds


def _wanted(context: Context) -> list[tuple[Path, Switch]]:
    """The places and kinds of switch of all that was asked for by name and could be read."""
    kinds: list[tuple[Path, Switch]] = []
    for draft in context.asked.networks.values():
        if not draft.implied and "switch" not in draft.unread:
            kinds.append((draft.at, draft.network.switch))
    for bond in context.asked.bonds.values():
        if not bond.implied and "switch" not in bond.unread:
            kinds.append((bond.at, bond.bonding.switch))
    return kinds


def _leaves_others(context: Context, kind: Switch) -> bool:
    """Whether something that runs, and is not removed, is of the other kind now."""
    asked, running = context.asked, context.running
    networks = [one.switch for name, one in running.networks.items() if name not in asked.removed_networks]
    bonds = [one.switch for name, one in running.bondings.items() if name not in asked.removed_bonds]
    return any(one != kind for one in networks + bonds)


def _check_change(context: Context) -> None:
    asked, running = context.asked, context.running
    for at in (*asked.removed_networks.values(), *asked.removed_bonds.values()):
        message = "Switch type change request cannot contain removals"
        context.found.error(Stage.SWITCH, "bad-params", at, message, hint="remove it before or afterwards")
    named = {name for name, draft in asked.networks.items() if not draft.implied} | asked.removed_networks.keys()
    missing = sorted(running.networks.keys() - named)
    if missing:
        message = "All networks must be reconfigured on switch type change"
        _missing(context, ("networks",), message, missing)
    missing = sorted(running.bondings.keys() - asked.bonds.keys() - asked.removed_bonds.keys())
    if missing:
        _missing(context, ("bondings",), "All bondings must be reconfigured on switch type change", missing)


def _missing(context: Context, at: Path, message: str, names: typing.Sequence[str]) -> None:
    context.found.error(Stage.SWITCH, "bad-params", at, message, hint="name as well: " + ", ".join(names))
