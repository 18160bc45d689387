"""One bond as a request or a file gives it."""

import typing

from linkhold.foundation.diagnostics import Path
from linkhold.networks import bond_options
from linkhold.networks.configuration import Bonding
from linkhold.networks.drafts import BondDraft
from linkhold.networks.mistakes import Mistakes, Stage
from linkhold.networks.network_attributes import read_switch
from linkhold.networks.said import Said
from linkhold.state.scalars import Plain
from linkhold.state.spellings import mac

KNOWN: typing.Final = frozenset({"hwaddr", "nics", "options", "remove", "switch"})


def read_bond(raw: typing.Mapping[str, Plain], at: Path, found: Mistakes) -> BondDraft:
    """The bond that a map describes; `at` is the place of the map. ``remove`` is not looked at."""
    said = Said(raw, at, found)
    said.warn_of_unknown(KNOWN)
    ports = said.texts("nics", code="bad-nic", expected="a list of the names of interfaces")
    bonding = Bonding(
        ports=tuple(sorted(set(ports or ()))),
        options=_options(said),
        hwaddr=_hwaddr(said),
        switch=read_switch(said),
    )
    names = said.names | ({"nics"} if isinstance(raw.get("nics"), list | tuple) else frozenset())
    return BondDraft(at, bonding, names, frozenset(said.unread))


def _options(said: Said) -> dict[str, str]:
    text = said.text("options", code="bad-bonding", stage=Stage.BOND, expected="name=value, with blanks between")
    where = (*said.at, "options")
    return bond_options.canonical(bond_options.split(text, where, said.found), where, said.found)


def _hwaddr(said: Said) -> str:
    expected = "a MAC address"
    text = said.text("hwaddr", code="bad-bonding", stage=Stage.BOND, expected=expected)
    if not text:
        return ""
    try:
        return mac(text)
    except ValueError as error:
        message = f"'{text[:60]}' is not a MAC address"
        said.wrong("hwaddr", message, code="bad-bonding", stage=Stage.BOND, expected=expected, hint=str(error))
        return ""
