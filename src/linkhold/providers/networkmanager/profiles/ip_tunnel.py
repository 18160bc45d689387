"""The setting ``ip-tunnel``."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip_tunnel import IpTunnelConfig
from linkhold.state.spellings import ip_address

SETTING: typing.Final = "ip-tunnel"

_MODES: typing.Final = {
    "ipip": 1, "gre": 2, "sit": 3, "vti": 5, "ip6ip6": 6, "ipip6": 7, "ip6gre": 8, "vti6": 9, "gretap": 10,
    "ip6gretap": 11,
}  # fmt: skip
"""NMIPTunnelMode."""
_MODE_WORDS: typing.Final = {number: word for word, number in _MODES.items()}
_COLUMNS: typing.Final = (
    Column("mode", "mode", lambda said: _MODES.get(said, UNSET), lambda number: _MODE_WORDS.get(number, UNSET)),
    Column("parent", "parent", lambda said: said or None),
    Column("local", "local", lambda said: said or None, ip_address),
    Column("remote", "remote", lambda said: said or None, ip_address),
    Column("ttl", "ttl"),
    Column("tos", "tos"),
    Column("path_mtu_discovery", "path-mtu-discovery"),
    Column("encapsulation_limit", "encapsulation-limit"),
    Column("flow_label", "flow-label"),
    Column("input_key", "input-key", str, int),
    Column("output_key", "output-key", str, int),
)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed."""
    draft.table(SETTING, said.get("ip_tunnel"), _COLUMNS)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``ip_tunnel``."""
    return {"ip_tunnel": IpTunnelConfig(**decoded(settings.get(SETTING, {}), _COLUMNS))}
