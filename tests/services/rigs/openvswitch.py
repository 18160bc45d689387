"""A real Open vSwitch on the test's own host: its database's server and its switch.

`datapath` is what bridges have to say: ``system`` where the kernel has one (in a guest), ``netdev``, that of the
daemon itself (interfaces are taps), elsewhere. As both are wanted by a document, a test asks the rig for the word.
"""

import json
import os
import pathlib
import typing

from tests.lab import features
from tests.services.rigs.daemons import Daemon, succeeds, tool

FOLDER = pathlib.Path("/run/openvswitch")
DATABASE = pathlib.Path("/etc/openvswitch/conf.db")
SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
SOCKET = FOLDER / "db.sock"


class DatabaseServer(Daemon):
    """ovsdb-server."""

    def __init__(self) -> None:
        command = ["ovsdb-server", str(DATABASE), f"--remote=punix:{SOCKET}", f"--unixctl={FOLDER}/ovsdb-server.ctl"]
        super().__init__("ovsdb-server", command, lambda: succeeds("ovsdb-client", "list-dbs", f"unix:{SOCKET}"))

    def start(self) -> "typing.Self":
        """With an empty database at first."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        DATABASE.parent.mkdir(parents=True, exist_ok=True)
        if not DATABASE.exists():
            tool("ovsdb-tool", "create", str(DATABASE), SCHEMA)
        (DATABASE.parent / f".{DATABASE.name}.~lock~").unlink(missing_ok=True)
        return super().start()


class Switch(Daemon):
    """ovs-vswitchd."""

    def __init__(self) -> None:
        control = f"--unixctl={FOLDER}/ovs-vswitchd.ctl"
        command = ["ovs-vswitchd", f"unix:{SOCKET}", control, "--no-chdir"]
        super().__init__("ovs-vswitchd", command, lambda: succeeds("ovs-vsctl", "--timeout=2", "show"))


class OpenVSwitch:
    """Both of them."""

    def __init__(self) -> None:
        self.server = DatabaseServer()
        self.switch = Switch()

    @property
    def datapath(self) -> str:
        """The kind of datapath that works here: ``system`` or ``netdev``."""
        return "system" if features.offers("openvswitch-datapath") else "netdev"

    def start(self) -> "typing.Self":
        """What does not run yet."""
        if not self.server.alive:
            self.server.start()
            # What ovs-ctl does once: without it the first change waits for the version of the database.
            self.vsctl("--no-wait", "init")
        if not self.switch.alive:
            # Without this the daemon asks the kernel of every datapath that it might have.
            os.environ.setdefault("OVS_RUNDIR", str(FOLDER))
            self.switch.start()
        return self

    def stop(self) -> None:
        """The switch, then the server."""
        for one in (self.switch, self.server):
            if one.alive:
                one.stop()

    def restart(self) -> "typing.Self":
        """All anew; the database stays."""
        self.stop()
        return self.start()

    def vsctl(self, *words: str) -> str:
        """What `ovs-vsctl` prints."""
        return tool("ovs-vsctl", "--timeout=20", *words)

    def rows(self, table: str, *columns: str) -> list[dict[str, typing.Any]]:
        """A table's rows, each column in the JSON of RFC 7047 (sets and maps as ``["set", …]``, ``["map", …]``)."""
        chosen = [f"--columns={','.join(columns)}"] if columns else []
        found = json.loads(self.vsctl("--format=json", *chosen, "list", table))
        return [dict(zip(found["headings"], row, strict=True)) for row in found["data"]]

    def bridges(self) -> list[str]:
        """The names of all."""
        return self.vsctl("list-br").split()

    def ports(self, bridge: str) -> list[str]:
        """The names of a bridge's ports, without its own."""
        return self.vsctl("list-ports", bridge).split()
