"""What metrics tell of how things are now: read from what the agent knows anyway, when somebody asks."""

import typing

from linkhold.agent.enrolment import renewal
from linkhold.agent.enrolment.files import files_of
from linkhold.agent.events import managed
from linkhold.foundation.failures import Failure

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host
    from linkhold.agent.snapshots import Snapshot
    from linkhold.wire.server import Server


def refresher(host: "Host", server: "Server") -> typing.Callable[[], None]:
    """Sets the gauges of a host's metrics."""

    def refresh() -> None:
        host.metrics.set("linkhold_connections", server.connections)
        _set_certificate(host)
        snapshot = host.snapshots.last
        if snapshot is not None:
            _set_links(host, snapshot)
            host.metrics.set("linkhold_unsaved", float(snapshot.dirty))
            host.metrics.set("linkhold_snapshot_generation", snapshot.generation)

    return refresh


def _set_certificate(host: "Host") -> None:
    try:
        host.metrics.set("linkhold_certificate_ends_seconds", renewal.ends(files_of(host.settings)).timestamp())
    except Failure:
        host.metrics.clear("linkhold_certificate_ends_seconds")


def _set_links(host: "Host", snapshot: "Snapshot") -> None:
    """Those of managed interfaces; one that is gone does not carry."""
    host.metrics.clear("linkhold_interface_up")
    for name in managed(snapshot.running):
        one = snapshot.state.by_key.get((name, ""))
        host.metrics.set("linkhold_interface_up", float(one is not None and one.state == "up"), interface=name)
