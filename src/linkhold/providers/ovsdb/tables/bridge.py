"""Table `Bridge`: a switch and its options."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, Value, as_set, optional
from linkhold.providers.ovsdb.tables import maps
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgeConfig, OvsBridgeOptions, OvsBridgePort, OvsStp

NAME: typing.Final = "Bridge"
COLUMNS: typing.Final = (
    "_uuid", "name", "ports", "stp_enable", "rstp_enable", "mcast_snooping_enable", "fail_mode", "datapath_type",
    *maps.COLUMNS,
)  # fmt: skip
HWADDR: typing.Final = "hwaddr"
"""The key in ``other_config`` that says the MAC of the interface of the bridge's name."""

_FLAGS: typing.Final = {"rstp": "rstp_enable", "mcast_snooping_enable": "mcast_snooping_enable"}


def decode(row: Row, ports: tuple[OvsBridgePort, ...]) -> OvsBridge:
    """A bridge with its ports, which are sorted by name."""
    fail_mode = optional(row["fail_mode"])
    options = OvsBridgeOptions(
        stp=OvsStp(enabled=row["stp_enable"]),
        rstp=row["rstp_enable"],
        mcast_snooping_enable=row["mcast_snooping_enable"],
        fail_mode="" if fail_mode is UNSET else fail_mode,
        datapath=row["datapath_type"],
    )
    config = OvsBridgeConfig(options=options, port=ports)
    return OvsBridge(name=row["name"], state="up", bridge=config, ovs_db=maps.decode(row))


def encode(bridge: OvsBridge) -> Row:
    """The columns that its options are in, of those that are said."""
    section: typing.Any = bridge.bridge
    options: typing.Any = UNSET if section is UNSET else section.options
    if options is UNSET:
        return {}
    row: Row = {column: options.get(name) for name, column in _FLAGS.items() if options.get(name) is not UNSET}
    if options.stp is not UNSET and options.stp.enabled is not UNSET:
        row["stp_enable"] = options.stp.enabled
    if options.fail_mode is not UNSET:
        row["fail_mode"] = _at_most_one(options.fail_mode)
    if options.datapath is not UNSET:
        row["datapath_type"] = options.datapath
    return row


def _at_most_one(word: str) -> Value:
    return word or as_set(())
