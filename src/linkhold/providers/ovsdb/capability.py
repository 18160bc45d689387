"""What Open vSwitch can do here, asked of it: whether ovs-vswitchd is at work, its datapaths, DPDK."""

import os
import time
import typing

from linkhold.providers.contract import Capabilities, Inability
from linkhold.providers.ovsdb.connection import Database
from linkhold.providers.ovsdb.datapath import in_kernel
from linkhold.providers.ovsdb.notation import Row
from linkhold.providers.ovsdb.observe import NAME
from linkhold.providers.ovsdb.tables import root

KINDS: typing.Final = ("ovs-bridge", "ovs-interface")
COMPLETES: typing.Final = frozenset({"ovs-db"})
"""What it keeps for ports that others own."""

RECONNECTING_S: typing.Final = 10.0
"""How long ovs-vswitchd may take to come back to a server that was started anew: it tries at least every 8 seconds
(`RECONNECT_DEFAULT_MAX_BACKOFF` of lib/reconnect.h)."""

_PAUSE_S: typing.Final = 0.1
_PROGRAM: typing.Final = "ovs-vswitchd"
_LOCK: typing.Final = "ovs_vswitchd"
"""The lock that ovs-vswitchd holds while it is at work (`bridge_init` of vswitchd/bridge.c)."""

_NOT_AT_WORK: typing.Final = "ovs-vswitchd does not run: bridges would be written down, and not be made"
_NO_DPDK: typing.Final = "Open vSwitch was started without DPDK (other_config:dpdk-init, dpdk_initialized)"
_NO_CLIENT: typing.Final = "Open vSwitch has no DHCP client: give an address"
_NO_DATAPATH: typing.Final = Inability(
    kind="ovs-bridge",
    path="state",
    reason="this kernel has no datapath for Open vSwitch (no module openvswitch): say bridge.options.datapath: netdev",
    unless="bridge.options.datapath=netdev",
)
"""It is the datapath of a bridge that does not say any (ovs-vswitchd.conf.db(5))."""

_OTHERS: typing.Final = (
    Inability(path="ipv4.dhcp", reason=_NO_CLIENT),
    Inability(path="ipv6.dhcp", reason=_NO_CLIENT),
    Inability(
        path="ipv6.autoconf", reason="autoconfiguration is left to what the kernel does by itself: give an address"
    ),
    Inability(path="lldp.enabled", reason="Open vSwitch does not listen to LLDP for its own interfaces"),
    Inability(path="802.1x", reason="802.1X needs a supplicant, which is not part of Open vSwitch"),
    Inability(path="dispatch", reason="Open vSwitch runs no dispatch scripts"),
    Inability(path="wait-ip", reason="static addresses are there at once", severity="warning"),
    Inability(path="profile-name", reason="Open vSwitch keeps no profiles", severity="warning"),
)


def capabilities(database: Database) -> Capabilities:
    """What can be done here.

    Raises:
        Lost, TimedOut, Refused: the database can't be asked.
    """
    columns = ["dpdk_initialized"]
    results = database.transact([{"op": "select", "table": root.NAME, "where": [], "columns": columns}])
    rows: list[Row] = results[0]["rows"]
    reason = "" if at_work(database) else _NOT_AT_WORK
    inabilities = list(_OTHERS)
    if not rows or not rows[0]["dpdk_initialized"]:
        inabilities.append(Inability(kind="ovs-interface", path="dpdk", reason=_NO_DPDK))
    if not in_kernel():
        inabilities.append(_NO_DATAPATH)
    return Capabilities(
        provider=NAME,
        kinds=dict.fromkeys(KINDS, reason),
        subjects=frozenset({"ovs-db", "ovn"}),
        inabilities=tuple(inabilities),
        completes=COMPLETES,
    )


def at_work(database: Database, patience: float = RECONNECTING_S) -> bool:
    """Whether ovs-vswitchd runs and follows the database: then the lock it holds can't be had (RFC 7047, 4.1.8).

    After the server was started anew it takes a while to come back to it; as long as its process is seen, that is waited for.
    """
    until = time.monotonic() + patience
    while not _is_held(database):
        if time.monotonic() > until or not _runs():
            return False
        time.sleep(_PAUSE_S)
    return True


def _is_held(database: Database) -> bool:
    got = bool(database.call("lock", [_LOCK])["locked"])
    database.call("unlock", [_LOCK])
    return not got


def _runs() -> bool:
    """Whether a process of that name is seen (proc(5)); in a container of its own it may not be."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/comm", encoding="ascii", errors="replace") as file:
                    if file.read().rstrip() == _PROGRAM:
                        return True
            except OSError:  # it ended while we looked
                continue
    return False
