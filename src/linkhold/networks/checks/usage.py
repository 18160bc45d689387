"""A card is one thing: port of one bond, or below networks, or below what others have put on it."""

from linkhold.networks.checks.context import Context
from linkhold.networks.mistakes import Stage


def check(context: Context) -> None:
    """Look at what each card that the request names is used for."""
    bonds_of: dict[str, list[str]] = {}
    for bond, ports in context.bond_ports.items():
        for port in ports:
            bonds_of.setdefault(port, []).append(bond)
    networks_of: dict[str, list[str]] = {}
    for name, network in context.networks.items():
        if network.interface and not network.bonding:
            networks_of.setdefault(network.interface, []).append(name)
    _check_ports(context, bonds_of, networks_of)
    for name, draft in context.asked.networks.items():
        card = draft.network.interface
        if card in bonds_of and not draft.network.bonding and not _told_at_a_port(context, card):
            bonds = ", ".join(bonds_of[card])
            _error(context, (*draft.at, "nic"), card, f"network {name}, port of {bonds}")


def _told_at_a_port(context: Context, card: str) -> bool:
    return any(card in draft.bonding.ports and not draft.implied for draft in context.asked.bonds.values())


def _check_ports(context: Context, bonds_of: dict[str, list[str]], networks_of: dict[str, list[str]]) -> None:
    ours = {one.southbound for one in context.running.networks.values() if one.vlan is not None}
    ours |= {one.southbound for one in context.networks.values() if one.vlan is not None}
    vlans_of: dict[str, list[str]] = {}
    for vlan in context.host.vlans:
        if vlan.name not in ours:
            vlans_of.setdefault(vlan.parent, []).append(vlan.name)
    for bond, draft in context.asked.bonds.items():
        for port in draft.bonding.ports if not draft.implied else ():
            uses = [f"port of {one}" for one in bonds_of[port]] if len(bonds_of[port]) > 1 else []
            uses += [f"network {one}" for one in networks_of.get(port, ())]
            uses += [f"VLAN {one}" for one in vlans_of.get(port, ())]
            if uses:
                mine = f"port of {bond}"
                _error(context, (*draft.at, "nics"), port, ", ".join(uses if mine in uses else [mine, *uses]))


def _error(context: Context, where: tuple[str | int, ...], card: str, uses: str) -> None:
    message = f"Nics with multiple usages: {card} ({uses})"
    context.found.error(Stage.USAGE, "used-nic", where, message, hint="free it in the same request, or take another")
