"""What the examples are tried on: a host in a namespace with four NICs, and what an example says of itself.

An example is a document that begins with a comment. Lines of it that begin with these words are for us as well:

- ``# after: bridge.yml``: what stands in that example has to be there already.
- ``# before: ip tuntap add tun0 mode tun``: a command that makes what Linkhold does not make.
- ``# refused: words``: here nobody can do this, and the refusal says these words.
"""

import json
import pathlib
import re
import subprocess
import typing

from linkhold.foundation.record import Record
from linkhold.state.document import parse, to_plain

FOLDER = pathlib.Path(__file__).parents[2] / "examples"

MPTCP = pathlib.Path("/proc/sys/net/mptcp")

FEATURE_OF_KIND = {
    "bond": "bond",
    "dummy": "dummy",
    "hsr": "hsr",
    "ip-tunnel": "ipip",
    "ipvlan": "ipvlan",
    "linux-bridge": "bridge",
    "mac-vlan": "macvlan",
    "mac-vtap": "macvtap",
    "macsec": "macsec",
    "tun": "tun",
    "veth": "veth",
    "vlan": "vlan",
    "vrf": "vrf",
    "vxlan": "vxlan",
}
"""What a kernel must offer for a kind (`tests/lab/features.py`)."""


class Example(Record):
    """One document of examples/."""

    name: str
    text: str

    @property
    def path(self) -> pathlib.Path:
        """Its file."""
        return FOLDER / f"{self.name}.yml"

    @property
    def refused(self) -> str:
        """What the refusal says where it can't be applied; '' where it can."""
        return "".join(self._said("refused"))

    @property
    def commands(self) -> list[str]:
        """What has to be run before."""
        return self._said("before")

    @property
    def earlier(self) -> "list[Example]":
        """What has to be applied before, first things first."""
        direct = [example(one.removesuffix(".yml")) for one in self._said("after")]
        return [two for one in direct for two in (*one.earlier, one)]

    def _said(self, word: str) -> list[str]:
        return re.findall(rf"^# {word}: (.+)$", self.text, re.MULTILINE)

    @property
    def needs(self) -> list[str]:
        """The features that the kernel must have, from what is in the document and in those before it."""
        found = {"ethernet"}
        for one in (*self.earlier, self):
            found |= set(_features(to_plain(parse(one.text))))
        return sorted(found)


def example(name: str) -> Example:
    """The example of this name."""
    return Example(name=name, text=(FOLDER / f"{name}.yml").read_text())


def all_examples() -> list[Example]:
    """All of them, by name."""
    return [example(path.stem) for path in sorted(FOLDER.glob("*.yml"))]


def _features(plain: dict[str, typing.Any]) -> typing.Iterator[str]:
    for interface in plain.get("interfaces", []):
        if interface.get("state") in ("absent", "ignore"):
            continue
        kind = interface.get("type")
        if kind in FEATURE_OF_KIND:
            yield FEATURE_OF_KIND[kind]
        if interface.get("mptcp"):
            yield "mptcp"
        if interface.get("qos"):
            yield "qos"
        if interface.get("vlan", {}).get("protocol") == "802.1ad":
            yield "vlan-802.1ad"
        if interface.get("vlan", {}).get("registration-protocol", "none") != "none":
            yield "vlan-registration"
        if kind == "linux-bridge" and any(port.get("vlan") for port in interface.get("bridge", {}).get("port", [])):
            yield "bridge-vlan-filtering"
    if plain.get("route-rules", {}).get("config"):
        yield "policy-routing"
    if plain.get("hostname"):
        yield "hostname"


def furnish(netns: typing.Any) -> None:
    """Four NICs, up, on a switch: what the examples expect of a host. Their MACs end in their numbers."""
    for number in "1234":
        nic = f"eth{number}"
        netns.ip("link", "add", nic, "address", f"02:00:5e:10:00:0{number}", "type", "veth", "peer", f"switch{number}")
        netns.ip("link", "set", f"switch{number}", "mtu", "9216", "up")
        netns.ip("link", "set", nic, "up")


def picture(netns: typing.Any, root: pathlib.Path) -> dict[str, typing.Any]:
    """The host as other programs than ours see it, without what changes by itself.

    Left out: IPv6 link-local addresses, which the kernel makes anew, and the routes that come with them; comments of
    files, into which Linkhold writes its name; the rule for VRFs, which the kernel adds with the first one and keeps.
    """
    links = netns.ip_json("link", "show")
    names = {link["ifname"]: link for link in links}
    return {
        "links": {name: _link(link) for name, link in sorted(names.items())},
        "addresses": {one["ifname"]: _addresses(one) for one in netns.ip_json("address", "show")},
        "routes": sorted(_routes(netns, "-4") + _routes(netns, "-6")),
        "rules": _rules(netns, "-4") + _rules(netns, "-6"),
        "features": {nic: _command(netns, "ethtool", "-k", nic) for nic in sorted(names) if nic.startswith("eth")},
        "classes": {nic: _command(netns, "tc", "class", "show", "dev", nic) for nic in sorted(names)},
        "endpoints": _command(netns, "ip", "mptcp", "endpoint") if MPTCP.exists() else "",
        "files": {path.name: _sentences(path) for path in sorted((root / "etc").iterdir())},
    }


def _sentences(path: pathlib.Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def _command(netns: typing.Any, *words: str) -> str:
    with netns.entered():
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def _link(link: dict[str, typing.Any]) -> list[typing.Any]:
    up = "UP" in link["flags"], "PROMISC" in link["flags"]
    own = [link.get(key) for key in ("mtu", "address", "master", "altnames", "promiscuity", "inet6_addr_gen_mode")]
    return [*up, *own, link.get("linkinfo", {}).get("info_kind")]


def _addresses(interface: dict[str, typing.Any]) -> list[str]:
    return [f"{one['local']}/{one['prefixlen']}" for one in interface["addr_info"] if one.get("scope") != "link"]


def _routes(netns: typing.Any, family: str) -> list[str]:
    routes = netns.ip_json(family, "route", "show", "table", "all")
    kept = [one for one in routes if one.get("protocol") != "kernel" and not one["dst"].startswith(("fe80", "ff00"))]
    return [json.dumps({key: one[key] for key in sorted(one) if key != "flags"}) for one in kept]


def _rules(netns: typing.Any, family: str) -> list[str]:
    rules = netns.ip_json(family, "rule", "show")
    return [json.dumps(one, sort_keys=True) for one in rules if "l3mdev" not in one]
