"""What ``ethtool`` sets on the card below a network, or on the ports of the bond there (custom property ``ethtool_opts``)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key, Path
from linkhold.networks.configuration import Network
from linkhold.networks.ethtool_options import EthtoolSetting, ethtool_options, features
from linkhold.networks.translating.custom import text_of
from linkhold.networks.translating.parts import Part, Plain
from linkhold.networks.translating.situation import Situation, owned
from linkhold.state.interfaces.ethtool import Ethtool

EVERY: typing.Final = "*"


def parts(situation: Situation, found: Diagnostics) -> list[Part]:
    """The settings of all named networks that have some, in their order."""
    return [
        part
        for step in situation.steps
        if step.new is not None
        for setting in text_of("ethtool_opts", ethtool_options, step.name, step.new, found)
        for part in _parts(situation, step.name, step.new, setting, found)
    ]


def _parts(
    situation: Situation, name: str, network: Network, setting: EthtoolSetting, found: Diagnostics
) -> typing.Iterator[Part]:
    at = ("networks", Key(name), "custom", "ethtool_opts")
    below = situation.ports_of(network.base) or tuple({network.base} - {""})
    own = {*below, network.base, network.southbound, *owned(name, network)} - {""}
    meant = below if setting.interface == EVERY else tuple({setting.interface} & own)
    if not meant:
        message = f"{setting.interface} does not belong to {name}"
        found.error("bad-params", at, message, hint="known: " + ", ".join(sorted(own)))
    for interface in meant:
        values = _values(situation, interface, setting, at, found)
        if setting.section == "link":
            yield Part(interface, {"ethernet": values})
        else:
            yield Part(interface, {"ethtool": {setting.section: values}})


def _values(
    situation: Situation, interface: str, setting: EthtoolSetting, at: Path, found: Diagnostics
) -> dict[str, Plain]:
    if setting.section != "feature":
        return dict(setting.values)
    now = situation.interface(interface)
    section = now.ethtool if now is not None else None
    known = section.feature if isinstance(section, Ethtool) and isinstance(section.feature, dict) else {}
    values = features(setting.values, known)
    for name in setting.values:
        if EVERY in name and not features({name: True}, known):
            found.error("bad-params", at, f"{interface} has no feature {name}", hint=f"look: ethtool -k {interface}")
    return dict(values)
