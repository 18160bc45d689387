"""Host QoS: a class for each network on a card or bond that says how much it may send (vdsm's `network/tc`)."""

from linkhold.networks.configuration import HostQos, Network
from linkhold.networks.translating.parts import Part, Plain
from linkhold.networks.translating.situation import Situation


def parts(situation: Situation) -> list[Part]:
    """The section ``qos`` of all bases of named networks that have QoS, or had."""
    bases = [base for base in situation.bases if situation.stays(base) and _is_spoken_of(situation, base)]
    return [Part(base, {"qos": {"classes": classes(situation.on(base))}}) for base in bases]


def _is_spoken_of(situation: Situation, base: str) -> bool:
    running = [one for one in situation.running.networks.values() if one.base == base]
    return any(one.host_qos is not None for one in (*running, *(network for _, network in situation.on(base))))


def classes(networks: list[tuple[str, Network]]) -> list[Plain]:
    """One class for each tag, and one without for the network without; where there is none, the document means one whose
    share is as large as the largest (`state.interfaces.qos.default_class`)."""
    with_qos = [(one.vlan, one.host_qos) for _, one in networks if one.host_qos is not None]
    said = sorted(((-1 if tag is None else tag, qos) for tag, qos in with_qos), key=lambda one: one[0])
    return [{**({} if tag < 0 else {"vlan": tag}), **_class(qos)} for tag, qos in said]


def _class(qos: HostQos) -> dict[str, Plain]:
    """A curve that allows nothing says nothing."""
    curves = {"link-share": qos.ls, "upper-limit": qos.ul, "real-time": qos.rt}
    said = {key: one for key, one in curves.items() if one is not None and (one.m1 or one.m2)}
    return {key: {"m1": one.m1, "d": one.d, "m2": one.m2} for key, one in said.items()}
