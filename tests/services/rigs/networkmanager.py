"""A real NetworkManager with a system bus, on the test's own host.

In a guest udev runs beside it and /sys can be written to, as on any host; elsewhere /sys is read-only, and NetworkManager
does without udev: right for bridges, veth, VXLAN and the like, not for options of bonds.
"""

import pathlib
import shlex
import typing

from tests.lab import guest
from tests.services.rigs.daemons import Daemon, Trouble, succeeds, tool

BUS_SOCKET = pathlib.Path("/run/dbus/system_bus_socket")
PROFILES = pathlib.Path("/etc/NetworkManager/system-connections")

BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <limit name="max_replies_per_connection">1024</limit> <!-- says the policy file of NetworkManager -->
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
"""

SETTINGS = """\
[main]
plugins=keyfile
dns={dns}
no-auto-default=*
auth-polkit=false
dhcp=internal

[logging]
level={level}
domains=ALL

[device-all]
match-device=*
managed=1
"""

FOLDERS = ("conf.d", "system-connections", "dispatcher.d/pre-up.d", "dispatcher.d/pre-down.d", "dispatcher.d/no-wait.d")


class Bus(Daemon):
    """The system bus of the test's host."""

    def __init__(self) -> None:
        config = pathlib.Path("/run/dbus/rig.conf")
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(BUS)
        command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--nosyslog"]
        super().__init__("dbus-daemon", command, lambda: BUS_SOCKET.exists() and _listens())

    def start(self) -> "typing.Self":
        """Also where one died and left its socket."""
        BUS_SOCKET.unlink(missing_ok=True)
        return super().start()


class Udev(Daemon):
    """The device manager, which tells NetworkManager of devices; only in a guest, where there is no other's to disturb."""

    def __init__(self) -> None:
        super().__init__("udevd", ["/lib/systemd/systemd-udevd"], pathlib.Path("/run/udev/control").exists)

    def start(self) -> "typing.Self":
        """And let it see what is there already."""
        super().start()
        tool("udevadm", "trigger", "--subsystem-match=net", "--action=add")
        tool("udevadm", "settle", "--timeout=20")
        return self


class NetworkManager(Daemon):
    """`dns` and `level` go into its configuration; `write_settings` writes it anew."""

    def __init__(self, *, dns: str = "none", level: str = "INFO") -> None:
        super().__init__("NetworkManager", ["NetworkManager", "--no-daemon"], self.answers, patience=40.0)
        self.bus = Bus()
        self.udev = Udev() if guest.inside() else None
        self.write_settings(dns=dns, level=level)

    def write_settings(self, *, dns: str = "none", level: str = "INFO", more: str = "") -> None:
        """Nothing but this is configured, and there is no profile."""
        base = pathlib.Path("/etc/NetworkManager")
        tool("rm", "-rf", str(base))
        for folder in FOLDERS:
            (base / folder).mkdir(parents=True)
        (base / "NetworkManager.conf").write_text(SETTINGS.format(dns=dns, level=level) + more)
        (base / "conf.d/10-globally-managed-devices.conf").write_text("")  # hides a file of the same name in /usr/lib
        # Debian's rule against managing veth, which tests use as their NICs.
        rules = pathlib.Path("/etc/udev/rules.d")
        rules.mkdir(parents=True, exist_ok=True)
        (rules / "85-nm-unmanaged.rules").write_text("")

    def start(self) -> "typing.Self":
        """With the bus, and udev, where they don't run."""
        if not self.bus.alive:
            self.bus.start()
        if self.udev is not None and not self.udev.alive:
            self.udev.start()
        return super().start()

    def answers(self) -> bool:
        """Is it through with starting?"""
        return self.nmcli("-g", "STARTUP", "general", check=False).strip() == "started"

    def nmcli(self, *words: str, check: bool = True) -> str:
        """What `nmcli` prints; one word alone is split as a shell does it.

        Raises Trouble with what it complained of and what NetworkManager logged.
        """
        try:
            split = shlex.split(words[0]) if len(words) == 1 else words
            return tool("nmcli", "--wait", "30", *split, check=check)
        except Trouble as trouble:
            raise Trouble(f"{trouble}\n{self.log()}") from None

    def states(self) -> dict[str, str]:
        """Each device's state, in nmcli's words."""
        lines = self.nmcli("-g", "DEVICE,STATE", "device").splitlines()
        return dict(line.rsplit(":", 1) for line in lines if line)

    def profiles(self) -> dict[str, str]:
        """Each profile's device by its name; '' where it is not active."""
        lines = self.nmcli("-g", "NAME,DEVICE", "connection").splitlines()
        return dict(line.rsplit(":", 1) for line in lines if line)

    def checkpoint_timeout(self, number: int = 1) -> int:
        """Seconds after which this checkpoint takes back by itself, from when it was taken."""
        name = "org.freedesktop.NetworkManager"
        at = f"/org/freedesktop/NetworkManager/Checkpoint/{number}"
        return int(tool("busctl", "get-property", name, at, f"{name}.Checkpoint", "RollbackTimeout").split()[1])

    def wait_for_state(self, device: str, state: str) -> None:
        """Until a device's state begins with this word."""
        self.wait_until(lambda: self.states().get(device, "").startswith(state), f"{device} is {state}")


def _listens() -> bool:
    return succeeds(
        "dbus-send", "--system", "--dest=org.freedesktop.DBus", "--print-reply", "/", "org.freedesktop.DBus.Peer.Ping"
    )
