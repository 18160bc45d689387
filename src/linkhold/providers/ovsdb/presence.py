"""Whether Open vSwitch runs here, by a look that costs next to nothing."""

import os


def socket_path() -> str:
    """The socket of ovsdb-server (``OVS_RUNDIR`` as for Open vSwitch's own tools)."""
    return os.path.join(os.environ.get("OVS_RUNDIR", "/run/openvswitch"), "db.sock")


def present() -> bool:
    """Whether there is one; a server that died may have left it behind."""
    return os.path.exists(socket_path())
