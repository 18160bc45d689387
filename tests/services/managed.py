"""Documents for hosts that NetworkManager manages, and looks at such hosts."""

import typing

import linkhold
from linkhold.state.document import to_plain
from tests.lab import namespaces
from tests.services.rigs.networkmanager import PROFILES, NetworkManager

Document = dict[str, typing.Any]


def static(name: str, *addresses: str, **more: typing.Any) -> Document:
    """An interface with static IPv4 addresses."""
    listed = [{"ip": one.partition("/")[0], "prefix-length": int(one.partition("/")[2])} for one in addresses]
    ipv4 = {"enabled": bool(listed), "address": listed} if listed else {"enabled": False}
    return {"name": name, "type": "ethernet", "state": "up", "ipv4": ipv4, "ipv6": {"enabled": False}, **more}


def interface(name: str) -> Document:
    """What linkhold shows of one."""
    found: Document = to_plain(linkhold.show([name]))["interfaces"][0]
    return found


def addresses(netns: namespaces.Namespace, name: str) -> list[str]:
    """The IPv4 addresses in the kernel."""
    (link,) = netns.ip_json("address", "show", name)
    return [f"{one['local']}/{one['prefixlen']}" for one in link["addr_info"] if one["family"] == "inet"]


def settings(nm: NetworkManager, profile: str) -> dict[str, str]:
    """A profile as nmcli shows it."""
    lines = nm.nmcli("-t", "connection", "show", profile).splitlines()
    return dict(line.partition(":")[::2] for line in lines)


def files() -> dict[str, str]:
    """The text of every profile on disk, by the name of its file; without the time when it was last used."""
    texts = {one.name: one.read_text().splitlines(keepends=True) for one in PROFILES.iterdir()}
    return {name: "".join(one for one in lines if not one.startswith("timestamp=")) for name, lines in texts.items()}
