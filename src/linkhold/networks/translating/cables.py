"""What lies below networks: cards and bonds that networks leave, or that hold no addresses because networks use them."""

from linkhold.networks.translating.parts import Part, Plain
from linkhold.networks.translating.situation import Situation


def parts(situation: Situation) -> list[Part]:
    """The state of what is left, and the end of addresses where there shall be none."""
    left = [Part(name, {"state": "up"}) for name in situation.bases if _is_left(situation, name)]
    return [*left, *(Part(name, _no_ip()) for name in sorted(_without_addresses(situation)))]


def _is_left(situation: Situation, base: str) -> bool:
    return base in situation.left_by_some and situation.stays(base)


def _without_addresses(situation: Situation) -> set[str]:
    new = [one.new for one in situation.steps if one.new is not None]
    bridged = {
        one.southbound if one.switch == "legacy" else one.base for one in new if one.bridged or one.switch == "ovs"
    }
    idle = {base for base in situation.bases if situation.stays(base) and _is_idle(situation, base)}
    holders = {one.next_hop(name) for name, one in situation.after.networks.items()}
    return {*bridged, *idle} - holders - {""}


def _is_idle(situation: Situation, base: str) -> bool:
    """Whether a base carries none of the networks without tag, and is new or had one of these before.

    A card or bond that somebody else gave addresses keeps them when a tagged network joins; one that was down has none to
    keep.
    """
    if base in situation.after.bondings and situation.interface(base) is None:
        return True
    if any(one.old is not None and one.old.base == base and one.old.vlan is None for one in situation.steps):
        return True
    now = situation.interface(base)
    used = any(one.new is not None and one.new.base == base for one in situation.steps)
    return used and (now is None or now.state != "up")


def _no_ip() -> dict[str, Plain]:
    return {"ipv4": {"enabled": False}, "ipv6": {"enabled": False}}
