"""Names: of networks that become interfaces or files, of bonds; cards that ports name; VLANs that ride on something."""

import re
import typing

from linkhold.foundation.diagnostics import Path
from linkhold.networks.checks.context import Context
from linkhold.networks.drafts import BondDraft, NetworkDraft
from linkhold.networks.mistakes import Stage

LONGEST_INTERFACE: typing.Final = 15
"""Bytes in the name of an interface: IFNAMSIZ, less the zero at its end."""
LONGEST_FILE: typing.Final = 255
"""Bytes in the name of a file (NAME_MAX)."""

_BOND: typing.Final = re.compile(r"bond\w+", re.ASCII)
_NEVER_IN_INTERFACES: typing.Final = frozenset(":./%")
_NEVER: typing.Final = frozenset({"", ".", "..", "all", "default"})
_BRIDGES: typing.Final = frozenset({"linux-bridge", "ovs-interface"})
"""Kinds that the interface of a network has: what is there by its name may become it."""


def check(context: Context) -> None:
    """Look at all names."""
    for name, draft in context.asked.networks.items():
        if not draft.implied:
            _check_network(context, name, draft)
    for name, draft in context.asked.networks.items():
        _check_vlan(context, name, draft)
    for name, at in context.asked.removed_bonds.items():
        _check_bond_name(context, name, at)
    for name, bond in context.asked.bonds.items():
        if not bond.implied:
            _check_bond_name(context, name, bond.at)
            _check_ports(context, bond)


def _check_network(context: Context, name: str, draft: NetworkDraft) -> None:
    network = draft.network
    becomes_interface = network.bridged or network.switch == "ovs"
    wrong = _no_interface(name) if becomes_interface else _no_file(name)
    if not wrong and becomes_interface:
        wrong = _taken(context, name)
    if wrong:
        message = f"Bridge name isn't valid: {name!r} {wrong}"
        context.found.error(Stage.NAMES, "bad-bridge", draft.at, message, expected="another name for the network")


def _no_interface(name: str) -> str:
    """What forbids an interface of this name (`dev_valid_name` of the kernel, and what vdsm refuses)."""
    if name in _NEVER:
        return "is not a name"
    if len(name.encode()) > LONGEST_INTERFACE:
        return f"is longer than {LONGEST_INTERFACE} bytes"
    if name.startswith("-"):
        return "begins with '-'"
    if not _NEVER_IN_INTERFACES.isdisjoint(name) or name.split() != [name] or not name.isprintable():
        return "has blanks, ':', '.', '/', '%' or signs that can't be seen"
    return ""


def _no_file(name: str) -> str:
    """What forbids a file of this name; a network without a bridge is no interface of its own."""
    if name in ("", ".", ".."):
        return "is not a name"
    if len(name.encode()) > LONGEST_FILE:
        return f"is longer than {LONGEST_FILE} bytes"
    return "has '/' or signs that can't be seen" if "/" in name or not name.isprintable() else ""


def _taken(context: Context, name: str) -> str:
    """Whether something else will go by this name."""
    if name in context.asked.bonds:
        return "is a bond of this request"
    held = context.host.interfaces.get(name)
    if held is None or held.kind in _BRIDGES or name in context.asked.removed_bonds:
        return ""
    return f"is an interface of kind {held.kind} already"


def _check_vlan(context: Context, name: str, draft: NetworkDraft) -> None:
    """A VLAN rides on something, and the name of its interface fits."""
    network = draft.network
    if network.vlan is None:
        return
    where = (*draft.at, "vlan")
    if not network.base:
        if not {"nic", "bonding"} & draft.unread:
            message = f"{name}: vlan device requires southbound device"
            context.found.error(Stage.NAMES, "bad-vlan", where, message, hint="give nic or bonding, or leave out vlan")
        return
    if network.switch == "legacy" and len(network.southbound.encode()) > LONGEST_INTERFACE:
        message = f"{name}: {network.southbound!r} is longer than an interface's name can be"
        expected = f"at most {LONGEST_INTERFACE} bytes for BASE.VLAN"
        context.found.error(Stage.NAMES, "bad-vlan", where, message, expected=expected)


def _check_bond_name(context: Context, name: str, at: Path) -> None:
    wrong = not _BOND.fullmatch(name) or len(name.encode()) > LONGEST_INTERFACE
    held = context.host.interfaces.get(name)
    if wrong or (held is not None and held.kind != "bond"):
        kind = "" if wrong or held is None else f" (an interface of kind {held.kind})"
        message = f"bad bond name(s): {name!r}{kind}"
        expected = f"'bond' and letters, digits or '_', at most {LONGEST_INTERFACE} in all"
        context.found.error(Stage.NAMES, "bad-bonding", at, message, expected=expected)


def _check_ports(context: Context, draft: BondDraft) -> None:
    where = (*draft.at, "nics")
    if "nics" not in draft.said and "nics" not in draft.unread:
        expected = "a list of the names of interfaces"
        context.found.error(Stage.NAMES, "bad-nic", where, "Missing nics attribute", expected=expected)
    for port in draft.bonding.ports:
        if not context.host.is_card(port):
            hint = context.found.hint(port, context.host.cards)
            context.found.error(Stage.NAMES, "bad-nic", where, f"Nic {port} does not exist", hint=hint)
