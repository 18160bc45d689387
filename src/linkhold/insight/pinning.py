"""Which cards have to keep their names: those by whose names something of the configuration is found."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.references import named
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip
from linkhold.state.network import NetworkState


class Pin(Record):
    """A card that is to keep its `name`, known by the MAC address that it was made with (upper case)."""

    name: str
    mac: str
    why: str

    @property
    def kernel_argument(self) -> str:
        """What tells the same to an initramfs (dracut.cmdline(7))."""
        return f"ifname={self.name}:{self.mac.lower()}"


def pins(state: NetworkState) -> tuple[Pin, ...]:
    """The cards to pin, sorted by name: they have static addresses, are ports, or carry other interfaces. Those whose
    permanent MAC address another card has as well can't be told apart by it, and are left out."""
    listed = state.interfaces if isinstance(state.interfaces, tuple) else ()
    cards = [
        one for one in listed if one.kind in ("ethernet", "infiniband") and isinstance(one.permanent_mac_address, str)
    ]
    macs = [one.permanent_mac_address for one in cards]
    parents = {name for one in listed for name in named(one, "parent")}
    found = []
    for card in cards:
        why = _why(card, parents)
        if why and macs.count(card.permanent_mac_address) == 1:
            found.append(Pin(name=card.name, mac=str(card.permanent_mac_address), why=why))
    return tuple(sorted(found, key=lambda pin: pin.name))


def _why(card: Interface, parents: typing.Container[str]) -> str:
    if any(isinstance(section, Ip) and section.static for section in (card.ipv4, card.ipv6)):
        return "it has static addresses"
    if card.controller not in (UNSET, ""):
        return f"it is a port of {card.controller}"
    return "other interfaces ride on it" if card.name in parents else ""
