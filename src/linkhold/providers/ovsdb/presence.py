"""Whether Open vSwitch runs here, by a look that costs next to nothing."""

import os

_LIMIT_S = 1.0


def socket_path() -> str:
    """The socket of ovsdb-server: ``LINKHOLD_OVSDB``, else where Open vSwitch's own tools look (``OVS_RUNDIR``)."""
    return os.environ.get("LINKHOLD_OVSDB") or os.path.join(os.environ.get("OVS_RUNDIR", "/run/openvswitch"), "db.sock")


def present() -> bool:
    """Whether it runs here."""
    return listens(socket_path())


def listens(path: str) -> bool:
    """Whether a server listens at a socket; one that died leaves its socket behind."""
    if not os.path.exists(path):
        return False
    import socket  # heavy: only those who may have to do with Open vSwitch pay for it

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_LIMIT_S)
        try:
            probe.connect(path)
        except OSError:  # nobody listens, or we may not talk to whoever does: then it is not ours to manage
            return False
    return True
