"""Each network by itself: what it rides on is there, its VLAN is free."""

from linkhold.networks.checks.context import Context
from linkhold.networks.configuration import Network
from linkhold.networks.drafts import NetworkDraft
from linkhold.networks.mistakes import Stage
from linkhold.state.interfaces.vlan import Vlan


def check(context: Context) -> None:
    """Look at each network of the request."""
    for name, at in context.asked.removed_networks.items():
        if name not in context.running.networks:
            message = f"Cannot delete network {name}: It doesn't exist in the system"
            hint = context.found.hint(name, context.running.networks)
            context.found.error(Stage.NETWORK, "bad-bridge", at, message, hint=hint)
    for draft in context.asked.networks.values():
        _check_base(context, draft)
        _check_switch(context, draft)
        _check_qos(context, draft)
    _check_vlans(context)


def _check_base(context: Context, draft: NetworkDraft) -> None:
    network, host = draft.network, context.host
    if network.interface and not host.is_card(network.interface):
        hint = context.found.hint(network.interface, host.cards)
        if network.interface in context.bonds:
            hint = "it is a bond: say bonding"
        message = f"Nic {network.interface} does not exist"
        context.found.error(Stage.NETWORK, "bad-nic", (*draft.at, "nic"), message, hint=hint)
    told = network.bonding in context.asked.removed_bonds and network.bonding in context.host.bonds
    if network.bonding and network.bonding not in context.bonds and not told:
        hint = "it is a card: say nic" if host.is_card(network.bonding) else ""
        hint = hint or context.found.hint(network.bonding, context.bonds)
        message = f"Bond {network.bonding} does not exist"
        context.found.error(Stage.NETWORK, "bad-bonding", (*draft.at, "bonding"), message, hint=hint)


def _check_vlans(context: Context) -> None:
    """The VLAN on its base is not there under another name, and its name is not that of something else."""
    names: dict[tuple[str, int], list[str]] = {}
    for one in context.host.vlans:
        names.setdefault((one.parent, one.tag), []).append(one.name)
    for draft in context.asked.networks.values():
        network = draft.network
        if network.vlan is None or not network.base or network.switch != "legacy":
            continue
        there = names.get((network.base, network.vlan), [])
        message = _occupied(context, network.southbound, mine=network.southbound in there)
        for name in there:
            if name != network.southbound:
                message = f"VLAN {network.vlan} on {network.base} is there already, as {name}"
        if message:
            where, hint = (*draft.at, "vlan"), "remove it first, or take another VLAN"
            context.found.error(Stage.NETWORK, "bad-vlan", where, message, hint=hint)


def _occupied(context: Context, name: str, *, mine: bool) -> str:
    """Which other thing goes by the name of a VLAN, '' if none does, or the VLAN itself (`mine`)."""
    held = context.host.interfaces.get(name)
    if held is None or mine:
        return ""
    for one in context.host.vlans if isinstance(held, Vlan) else ():
        if one.name == name:
            return f"{name} is VLAN {one.tag} on {one.parent}"
    return f"{name} is an interface of kind {held.kind}"


def _check_switch(context: Context, draft: NetworkDraft) -> None:
    """A bridge of Open vSwitch is shared by the networks on one base: none of them can have a spanning tree."""
    network: Network = draft.network
    if network.switch == "ovs" and network.stp and "switch" not in draft.unread:
        message = "networks of Open vSwitch have no spanning tree"
        name = "STP" if "STP" in draft.said else "stp"
        context.found.error(Stage.NETWORK, "bad-params", (*draft.at, name), message, hint="leave it out")


def _check_qos(context: Context, draft: NetworkDraft) -> None:
    """Classes go by their VLAN, and a class 0 is none of the kernel's (the minor number of a handle)."""
    if draft.network.host_qos is not None and draft.network.vlan == 0:
        message, hint = "frames of VLAN 0 can't be told apart", "another VLAN, or none; or leave it out"
        context.found.error(Stage.NETWORK, "bad-params", (*draft.at, "hostQos"), message, hint=hint)
