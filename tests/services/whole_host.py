"""A host with real services, seen with other programs than ours: `ip`, `nmcli`, `ovs-vsctl` and its files.

The NICs are those that the examples expect (tests/kernel/example_host.py). Where NetworkManager runs each has a profile made
by `nmcli`, with settings that documents have no word for, as installers and administrators leave them.
"""

import configparser
import dataclasses
import difflib
import json
import pathlib
import subprocess
import time
import typing

import linkhold
from tests.kernel import example_host, other_eyes
from tests.kernel.example_host import Example
from tests.lab import namespaces
from tests.services.rigs.networkmanager import PROFILES, NetworkManager
from tests.services.rigs.openvswitch import OpenVSwitch

NICS = ("eth1", "eth2", "eth3", "eth4")
IN_MEMORY = pathlib.Path("/run/NetworkManager/system-connections")
FILES = ("/etc/resolv.conf", "/etc/hostname")
RESOLV_CONF = "# by hand\nnameserver 192.0.2.99\nsearch example.org\n"
CHANGING = frozenset(
    {"_uuid", "_version", "statistics", "ifindex", "link_resets", "link_state", "lacp_current", "status"}
)
"""What Open vSwitch changes by itself."""

Picture = dict[str, typing.Any]


@dataclasses.dataclass
class WholeHost:
    """Its network, and the services that run on it."""

    netns: namespaces.Namespace
    manager: NetworkManager | None = None
    switch: OpenVSwitch | None = None

    def furnish(self) -> None:
        """Four NICs, up, on a switch; files as somebody wrote them."""
        example_host.furnish(self.netns)
        pathlib.Path("/etc/resolv.conf").unlink(missing_ok=True)
        pathlib.Path("/etc/resolv.conf").write_text(RESOLV_CONF)
        pathlib.Path("/etc/hostname").write_text("before\n")
        if self.manager is not None:
            self._make_profiles(self.manager)

    def _make_profiles(self, manager: NetworkManager) -> None:
        for number, nic in enumerate(NICS, 1):
            words = "ipv4.method disabled ipv6.method disabled connection.zone work connection.autoconnect-priority 7"
            name = f"'Wired connection {number}'"
            manager.wait_for_state(nic, "disconnected")
            manager.nmcli(f"connection add type ethernet con-name {name} ifname {nic} {words}")
            manager.wait_for_state(nic, "connected")

    def picture(self) -> Picture:
        """Everything that a rollback has to bring back, without what changes by itself."""
        found: Picture = dict(other_eyes.picture(self.netns))
        routes = [_without_metric_of_its_own(json.loads(one)) for one in found["routes"]]
        # Those that NetworkManager gives the loopback once it has looked at it are no setting of anybody's.
        kept = [one for one in routes if (one.get("dev"), one.get("protocol")) != ("lo", "kernel")]
        found["routes"] = [one for place, one in enumerate(kept) if one not in kept[:place]]
        found["vlans"] = {name: some for name, some in found["vlans"].items() if _filters(found["links"], name)}
        found["files"] = {name: _sentences(pathlib.Path(name)) for name in FILES}
        if self.manager is not None:
            found["profiles"] = profiles(self.manager)
        if self.switch is not None:
            found["database"] = database(self.switch)
        return found

    def prepare(self, example: Example) -> None:
        """What has to be there before an example."""
        for command in example.commands:
            subprocess.run(command.split(), check=True)
        for one in example.earlier:
            linkhold.apply(one.text)
        if self.manager is not None and example.commands:
            self._calm_down()

    def _calm_down(self) -> None:
        """NetworkManager looks at devices that others make in its own time."""
        before, deadline = self.picture(), time.monotonic() + 20
        while time.monotonic() < deadline:
            time.sleep(1.0)
            now = self.picture()
            if now == before:
                return
            before = now


def unlike(before: Picture, after: Picture) -> list[str]:
    """Where two pictures differ: path, what was, what is."""
    found: list[str] = []
    _compare("", before, after, found)
    return found


def assert_same(before: Picture, after: Picture) -> None:
    """Fails with every difference on a line of its own."""
    found = unlike(before, after)
    assert not found, "\n".join(["the host is not as before:", *found])


def _compare(path: str, before: typing.Any, after: typing.Any, found: list[str]) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}, key=str):
            _compare(f"{path}.{key}", before.get(key), after.get(key), found)
    elif isinstance(before, str) and isinstance(after, str) and "\n" in before:
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
        found.extend(f"{path}: {line}" for line in lines if line[:3] not in ("---", "+++") and line[:2] != "@@")
    elif before != after:
        found.append(f"{path}: {before!r} -> {after!r}")


def profiles(manager: NetworkManager) -> Picture:
    """Profiles: on which device they are active, and what their files say.

    Not those that NetworkManager makes up for devices that others have set up.
    """
    texts = {
        path.name: path.read_text() for folder in (PROFILES, IN_MEMORY) if folder.is_dir() for path in folder.iterdir()
    }
    generated = {name.removesuffix(".nmconnection") for name, text in texts.items() if "nm-generated=true" in text}
    active = {name: device for name, device in manager.profiles().items() if name not in generated and device != "lo"}
    files = {
        name: _settings(text) for name, text in texts.items() if name.removesuffix(".nmconnection") not in generated
    }
    return {"active": active, "files": files}


def _settings(text: str) -> str:
    """A profile's sections that say something, but for the time of the last activation."""
    file = configparser.RawConfigParser(delimiters=("=",), strict=False)
    file.read_string(text)
    said = [f"[{section}] {key}={value}" for section in file.sections() for key, value in file.items(section)]
    return "\n".join(one for one in said if " timestamp=" not in one)


def database(switch: OpenVSwitch) -> Picture:
    """The rows of Open vSwitch by their names, with names in place of references."""
    tables = {name: switch.rows(name) for name in ("Bridge", "Port", "Interface", "Open_vSwitch")}
    names = {row["_uuid"][1]: row["name"] for rows in tables.values() for row in rows if "name" in row}
    return {
        table: {row.get("name", ""): _row(row, names) for row in rows if row.get("name") != "ovs-system"}
        for table, rows in tables.items()
    }


def _row(row: Picture, names: dict[str, str]) -> Picture:
    # `mac`: an interface that had to be made anew keeps the address that it was given by chance before.
    changing = {
        *CHANGING,
        "mac",
        "cur_cfg",
        "next_cfg",
        "mac_in_use",
        "mtu",
        "ofport",
        "admin_state",
        "duplex",
        "link_speed",
    }
    return {key: _named(value, names) for key, value in row.items() if key not in changing}


def _named(value: typing.Any, names: dict[str, str]) -> typing.Any:
    if isinstance(value, list) and len(value) == 2 and value[0] == "uuid":
        return names.get(value[1], "a row")
    if isinstance(value, list) and len(value) == 2 and value[0] in ("set", "map"):
        return sorted((_named(one, names) for one in value[1]), key=str)
    return value


def _filters(links: Picture, name: str) -> bool:
    """Whether the VLANs of a bridge or of a port mean anything."""
    bridge = links.get(links[name].get("master", name), links[name])
    return bool(bridge["info"]["info_data"].get("vlan_filtering"))


def _without_metric_of_its_own(route: dict[str, typing.Any]) -> dict[str, typing.Any]:
    """NetworkManager gives routes to connected networks another metric each time that a device is activated."""
    return {key: value for key, value in route.items() if key != "metric" or route.get("protocol") != "kernel"}


def _sentences(path: pathlib.Path) -> list[str]:
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in lines if line and not line.startswith("#")]
