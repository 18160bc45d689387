"""The setting ``wireguard``."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.wireguard import WireguardConfig, WireguardPeer
from linkhold.state.spellings import ip_network

SETTING: typing.Final = "wireguard"

_COLUMNS: typing.Final = (
    Column("private_key", "private-key"),
    Column("listen_port", "listen-port"),
    Column("fwmark", "fwmark"),
)
_PEER: typing.Final = (
    Column("public_key", "public-key"),
    Column("preshared_key", "preshared-key"),
    Column("endpoint", "endpoint"),
    Column("persistent_keepalive", "persistent-keepalive"),
    Column("allowed_ips", "allowed-ips", list, lambda said: tuple(sorted(map(ip_network, said)))),
)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed; peers come as a whole. Routes to them are said as routes."""
    section = said.get("wireguard")
    if section is UNSET:
        return
    draft.table(SETTING, section, _COLUMNS)
    if isinstance(section.peers, tuple):
        held = {one["public-key"]: one for one in current.get(SETTING, {}).get("peers", ())}
        draft.put(SETTING, "peers", [_peer(one, held.get(one.public_key, {})) for one in section.peers])
    if not current:
        draft.put(SETTING, "peer-routes", False)


def _peer(peer: WireguardPeer, held: dict[str, typing.Any]) -> dict[str, typing.Any]:
    entry = dict(held)
    for column in _PEER:
        value = peer.get(column.field)
        if value is UNSET:
            continue
        if value in ("", 0, ()):
            entry.pop(column.key, None)
        else:
            entry[column.key] = column.to(value)
    if "preshared-key" in entry:
        entry.setdefault("preshared-key-flags", 0)  # kept by the system
    return entry


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``wireguard``."""
    section = settings.get(SETTING, {})
    said = decoded(section, _COLUMNS)
    if "peers" in section:
        said["peers"] = tuple(WireguardPeer(**decoded(one, _PEER)) for one in section["peers"])
    return {"wireguard": WireguardConfig(**said)}
