"""What a document could have run as root: only root itself may ask for it.

Two ways lead there. Scripts for a dispatcher (``dispatch``) are run by NetworkManager or by us. And Open vSwitch, which runs
as root on many hosts, loads plug-ins, opens sockets and starts with words of its command line as ``other_config`` of its
database says, once DPDK is in it (``dpdk-extra``, ``vhost-sock-dir``; ovs-vswitchd.conf.db(5)).
"""

import typing

from linkhold.executor.service.desk import refused
from linkhold.foundation.record import UNSET
from linkhold.state.network import NetworkState
from linkhold.state.ovs import GlobalOvsDatabase

PLUG_INS: typing.Final = ("dpdk-", "vhost-")
"""How the keys of ``other_config`` begin by which DPDK is set up."""


def refuse_programs(desired: NetworkState) -> None:
    """See that there is nothing of that in it.

    Raises:
        RpcError: there is.
    """
    if scripted := _scripted(desired):
        raise refused(f"dispatch: only root may give scripts to interfaces ({', '.join(scripted)})")
    if loading := _loading(desired):
        raise refused(f"ovs-db.other_config: only root may set up DPDK ({', '.join(loading)})")


def _scripted(desired: NetworkState) -> list[str]:
    listed = desired.interfaces if isinstance(desired.interfaces, tuple) else ()
    # of one whose kind is not said, the words are not read yet
    return [one.name for one in listed if one.get("dispatch") is not UNSET or "dispatch" in getattr(one, "raw", ())]


def _loading(desired: NetworkState) -> list[str]:
    database = desired.get("ovs_db")
    config = database.other_config if isinstance(database, GlobalOvsDatabase) else UNSET
    return [key for key in config if key.startswith(PLUG_INS)] if isinstance(config, dict) else []
