"""The settings of Open vSwitch: ``ovs-bridge``, ``ovs-interface``, ``ovs-patch``, ``ovs-dpdk`` and the database's maps.

NetworkManager has a profile for each port of an OVS bridge between the bridge's and the interface's; see `ovs_ports`.
"""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_bridge import OvsBridgeConfig, OvsBridgeOptions, OvsStp
from linkhold.state.interfaces.ovs_interface import Dpdk, Patch
from linkhold.state.ovs import OvsDatabase

_BRIDGE: typing.Final = (
    Column("rstp", "rstp-enable"),
    Column("mcast_snooping_enable", "mcast-snooping-enable"),
    Column("fail_mode", "fail-mode", lambda said: said or None),
    Column("datapath", "datapath-type", lambda said: said or None),
)
_DPDK: typing.Final = (
    Column("devargs", "devargs"),
    Column("rx_queue", "n-rxq"),
    Column("n_rxq_desc", "n-rxq-desc"),
    Column("n_txq_desc", "n-txq-desc"),
)
_MAPS: typing.Final = {"external_ids": "ovs-external-ids", "other_config": "ovs-other-config"}


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed of a bridge or an interface."""
    if whole.kind == "ovs-bridge":
        section = said.get("bridge")
        options = section.options if section is not UNSET else UNSET
        draft.table("ovs-bridge", options, _BRIDGE)
        if isinstance(options, OvsBridgeOptions) and isinstance(options.stp, OvsStp):
            draft.put("ovs-bridge", "stp-enable", options.stp.enabled)
        return
    patch, dpdk = whole.get("patch"), whole.get("dpdk")
    draft.put("ovs-interface", "type", "patch" if patch is not UNSET else "dpdk" if dpdk is not UNSET else "internal")
    if patch is not UNSET:
        draft.put("ovs-patch", "peer", patch.peer)
    draft.table("ovs-dpdk", said.get("dpdk"), _DPDK)


def encode_maps(database: typing.Any, draft: Draft) -> None:
    """What is to stand in the database beside an interface, a bridge or a port."""
    if isinstance(database, OvsDatabase):
        for field, setting in _MAPS.items():
            held = database.get(field)
            if held is not UNSET:
                draft.put(setting, "data", {key: value for key, value in held.items() if value is not None})


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The fields of a bridge or an interface."""
    if "ovs-bridge" in settings:
        section = settings["ovs-bridge"]
        said = decoded(section, _BRIDGE)
        if "stp-enable" in section:
            said["stp"] = OvsStp(enabled=section["stp-enable"])
        return {"bridge": OvsBridgeConfig(options=OvsBridgeOptions(**said))} if said else {}
    fields: dict[str, typing.Any] = {}
    if "peer" in settings.get("ovs-patch", {}):
        fields["patch"] = Patch(peer=settings["ovs-patch"]["peer"])
    if "ovs-dpdk" in settings:
        fields["dpdk"] = Dpdk(**decoded(settings["ovs-dpdk"], _DPDK))
    return fields


def decode_maps(settings: Settings) -> dict[str, Record]:
    """The field ``ovs_db``, where the profile has it."""
    said = {field: dict(settings[setting].get("data", {})) for field, setting in _MAPS.items() if setting in settings}
    return {"ovs_db": OvsDatabase(**said)} if said else {}
