"""Options of bridges by the names of their files (custom property ``bridge_opts``), as a part of the bridge's entry."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key
from linkhold.networks.bridge_options import OPTIONS, judged
from linkhold.networks.configuration import Network
from linkhold.networks.options import bridge_options
from linkhold.networks.translating.custom import text_of
from linkhold.networks.translating.parts import Part, Plain, merged
from linkhold.networks.translating.situation import Situation, Step
from linkhold.state.fields import Default, fields_of
from linkhold.state.forms import form_of
from linkhold.state.interfaces.linux_bridge import LinuxBridgeOptions, Stp


def parts(situation: Situation, found: Diagnostics) -> list[Part]:
    """The options of all named bridges; those that a network had before, and has not now, at their defaults."""
    said = []
    for step in situation.steps:
        if step.new is not None and _has_bridge(step.new):
            options = merged(_put_back(step), _asked(step.name, step.new, found))
            said += [Part(step.name, {"bridge": {"options": options}})] if options else []
    return said


def _has_bridge(network: Network) -> bool:
    return network.bridged and network.switch == "legacy"


def _asked(name: str, network: Network, found: Diagnostics) -> dict[str, Plain]:
    document, mistakes = judged(text_of("bridge_opts", bridge_options, name, network, found), name)
    for one in mistakes:
        found.error("bad-params", ("networks", Key(name), "custom", "bridge_opts"), one.message, hint=one.hint)
    return document


def _put_back(step: Step) -> dict[str, Plain]:
    """``stp`` of the network says `stp_state` in any case."""
    old = step.old if step.old is not None and _has_bridge(step.old) else None
    options: dict[str, Plain] = {}
    for option in text_of("bridge_opts", bridge_options, step.name, old, Diagnostics()):
        if option in OPTIONS and option != "stp_state":
            options = merged(options, _default(OPTIONS[option].path))
    return options


def _default(path: tuple[str, ...]) -> dict[str, Plain]:
    cls: typing.Any = Stp if len(path) > 1 else LinuxBridgeOptions
    field = next(one for one in fields_of(cls).values() if one.key == path[-1])
    marker = field.marker(Default)
    if marker is None:
        return {}
    value = {field.key: form_of(field).write(marker.value, secrets=False)}
    return {path[0]: value} if len(path) > 1 else value
