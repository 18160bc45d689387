"""Each bond by itself: it has ports and options that this kernel knows, and nothing rides on one that goes."""

from linkhold.foundation.diagnostics import Path
from linkhold.networks import bond_options
from linkhold.networks.checks.context import Context
from linkhold.networks.drafts import BondDraft
from linkhold.networks.mistakes import Stage


def check(context: Context) -> None:
    """Look at each bond of the request."""
    for name, at in context.asked.removed_bonds.items():
        _check_removal(context, name, at)
    for name, draft in context.asked.bonds.items():
        if not draft.implied:
            _check_bond(context, name, draft)


def _check_removal(context: Context, name: str, at: Path) -> None:
    found = context.found
    if name not in context.host.bonds and name not in context.running.bondings:
        message = f"Bond {name} does not exist"
        hint = found.hint(name, context.host.bonds.keys() | context.running.bondings.keys())
        found.error(Stage.BOND, "bad-bonding", at, message, hint=hint)
        return
    users = sorted(one for one, network in context.networks.items() if network.bonding == name)
    ours = {one.southbound for one in context.running.networks.values() if one.vlan is not None}
    users += sorted(one.name for one in context.host.vlans if one.parent == name and one.name not in ours)
    if users:
        message = f"Cannot remove bonding {name}: used by network ({', '.join(users)})"
        found.error(Stage.BOND, "used-bond", at, message, hint="remove or move what rides on it as well")


def _check_bond(context: Context, name: str, draft: BondDraft) -> None:
    found, bonding = context.found, draft.bonding
    if not bonding.ports and "nics" in draft.said and "nics" not in draft.unread:
        message = f"{name}: Must specify nics for bonding"
        found.error(Stage.BOND, "bad-params", (*draft.at, "nics"), message, hint="list a port, or say remove: true")
    for option in bond_options.lacking(bonding.options, context.host.facts.bond_defaults):
        message = f"'{option}' is not a valid bonding option in mode {bonding.options['mode']} on this host"
        found.error(Stage.BOND, "bad-bonding", (*draft.at, "options"), message, hint="leave it out")
    primary = bonding.options.get("primary", "")
    if primary and primary not in bonding.ports:
        message = f"primary: {primary} is not a port of {name}"
        expected = "one of " + ", ".join(bonding.ports)
        found.error(Stage.BOND, "bad-bonding", (*draft.at, "options"), message, expected=expected)
    if bonding.hwaddr and bond_options.follows_port(bonding.options):
        message = f"{name} takes the MAC of its active port (fail_over_mac=active)"
        found.error(Stage.BOND, "bad-bonding", (*draft.at, "hwaddr"), message, hint="leave it out")
