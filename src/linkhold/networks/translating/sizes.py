"""MTUs: of each network its own, of what several share the largest of all (kernel: a VLAN's is at most its parent's)."""

import typing

from linkhold.networks.configuration import USUAL_MTU
from linkhold.networks.translating.parts import Part
from linkhold.networks.translating.situation import Situation


def parts(situation: Situation) -> list[Part]:
    """The MTU of everything that named networks make, of their bases, and of the ports of bonds among these."""
    bases = {base: size for base in situation.bases if (size := _of_base(situation, base)) is not None}
    return [
        *(Part(name, {"mtu": size}) for name, size in sorted(_of_ports(situation, bases).items())),
        *(Part(name, {"mtu": size}) for name, size in _of_networks(situation)),
        *(Part(name, {"mtu": size}) for name, size in bases.items() if situation.stays(name)),
    ]


def _of_networks(situation: Situation) -> typing.Iterator[tuple[str, int]]:
    for one in situation.steps:
        if one.new is None:
            continue
        if one.new.switch == "legacy" and one.new.southbound != one.new.base:
            yield one.new.southbound, one.new.mtu
        if one.new.bridged or one.new.switch == "ovs":
            yield one.name, one.new.mtu


def _of_base(situation: Situation, base: str) -> int | None:
    """The largest of all networks on it, tagged or not, named or not, and of the VLANs that others made there; the usual one
    when the last network leaves; None where none was there."""
    networks = [one.mtu for _, one in situation.on(base)]
    others = [one.mtu for one in situation.vlans_on(base) if isinstance(one.mtu, int)]
    if networks:
        return max([*networks, *others])
    if situation.left(base) and base not in situation.ports:
        return max([USUAL_MTU, *others])
    return None


def _of_ports(situation: Situation, bases: dict[str, int]) -> dict[str, int]:
    """The ports of bonds have the MTU of their bond; those that leave one, the usual. Only what is otherwise now is told."""
    bonds = [base for base in situation.bases if situation.stays(base)]
    wanted = {port: _of_bond(situation, bond, bases) for bond in bonds for port in situation.ports_of(bond)}
    leaving = {port for bond in situation.request.bondings for port in situation.ports_now(bond) if port not in wanted}
    sizes = {**dict.fromkeys(leaving, USUAL_MTU), **wanted}
    whole = {name: _with_vlans(situation, name, size) for name, size in sizes.items() if name not in bases}
    return {name: size for name, size in whole.items() if _differs(situation, name, size)}


def _of_bond(situation: Situation, bond: str, bases: dict[str, int]) -> int:
    if bond in bases:
        return bases[bond]
    now = situation.interface(bond)
    return now.mtu if now is not None and isinstance(now.mtu, int) else USUAL_MTU


def _with_vlans(situation: Situation, name: str, size: int) -> int:
    return max([size, *(one.mtu for one in situation.vlans_on(name) if isinstance(one.mtu, int))])


def _differs(situation: Situation, name: str, size: int) -> bool:
    now = situation.interface(name)
    return now is not None and now.mtu != size
