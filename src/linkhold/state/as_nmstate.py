"""The host as nmstate shows it: the same facts, with exactly the keys that programs written for it know.

Linkhold tells more of an interface (its carrier, who owns it); such programs compare what they read with what they asked
for, or hand it on, so what nmstate has no key for is left out, and what it always tells is said even where it is the
default (nmstate, B).
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.state.document import to_plain
from linkhold.state.forms import Plain
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.network import NetworkState

_NOT_OF_NMSTATE: typing.Final = ("carrier", "provider", "qos", "unstored")
_NOT_OF_A_FAMILY: typing.Final = {"ipv4": ("prefix-route-metric",), "ipv6": ("forwarding", "prefix-route-metric")}
_NOT_OF_A_BRIDGE: typing.Final = frozenset(
    {
        "multicast-igmp-version",
        "multicast-mld-version",
        "multicast-stats-enabled",
        "nf-call-arptables",
        "nf-call-ip6tables",
        "nf-call-iptables",
        "no-linklocal-learn",
        "vlan-filtering",
        "vlan-stats-enabled",
        "vlan-stats-per-port",
    }
)
_BOTH_NAMES: typing.Final = (("group-forward-mask", "group-fwd-mask"),)
_ALSO_OF_BONDS: typing.Final = (("num_grat_arp", "num_unsol_na"),)


def as_nmstate(
    state: NetworkState, *, secrets: bool = False, running_config: bool = False, whole: bool = True
) -> dict[str, Plain]:
    """Plain data; secrets are hidden unless asked for. Of a `whole` host all sections are there.

    With `running_config` (for a state that was selected so) there are no sections of what is merely running.
    """
    told = tuple(_told(one, running_config=running_config) for one in state.by_key.values())
    plain = to_plain(state.replace(interfaces=told), secrets=secrets, shown=whole)
    plain["interfaces"] = [_interface(one) for one in plain["interfaces"]]
    if running_config:
        for section in ("routes", "dns-resolver"):
            plain.get(section, {}).pop("running", None)
    return plain


def _told(interface: Interface, *, running_config: bool) -> Interface:
    changes: dict[str, typing.Any] = {}
    if not isinstance(interface.lldp, Lldp):
        changes["lldp"] = Lldp(enabled=False)
    elif running_config and interface.lldp.neighbors is not UNSET:
        changes["lldp"] = interface.lldp.replace(neighbors=())  # who is at the other end was not configured
    if interface.profile_name is not UNSET and interface.identifier is UNSET:
        changes["identifier"] = "name"
    return interface.replace(**changes) if changes else interface


def _interface(plain: dict[str, Plain]) -> dict[str, Plain]:
    kept = {key: value for key, value in plain.items() if key not in _NOT_OF_NMSTATE}
    if not kept.get("alt-names"):
        kept.pop("alt-names", None)
    for family, unknown in _NOT_OF_A_FAMILY.items():
        if family in kept:
            kept[family] = {key: value for key, value in kept[family].items() if key not in unknown}
    if "options" in kept.get("bridge", {}):
        told = kept["bridge"]["options"].items()
        kept["bridge"] = {
            **kept["bridge"],
            "options": {key: value for key, value in told if key not in _NOT_OF_A_BRIDGE},
        }
    for section, pairs in (("bridge", _BOTH_NAMES), ("link-aggregation", _ALSO_OF_BONDS)):
        options = kept.get(section, {}).get("options", {})
        for name, other in pairs:
            if name in options:
                options[other] = options[name]
    return kept
