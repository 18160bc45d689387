"""What is generated from documents: examples, golden files, and that nothing which was said is lost in silence."""

import pathlib
import typing

import pytest

from linkhold.foundation.diagnostics import Diagnostics, Invalid, spell
from linkhold.foundation.record import UNSET
from linkhold.generating.files import FORMATS, Format, Generated, generate
from linkhold.planning.diff import differences
from linkhold.providers.networkmanager.profiles import keyfile
from linkhold.state import document as documents
from linkhold.state.document import parse, read
from linkhold.state.interfaces import needs_kind
from linkhold.state.interfaces.macsec import MacSec, MacSecConfig
from linkhold.state.normalise import normalised

HERE = pathlib.Path(__file__).parent
FOLDERS = (HERE.parents[2] / "examples", HERE / "words")
EXAMPLES = {path.stem: path for folder in FOLDERS for path in sorted(folder.glob("*.yml"))}
"""The last ones say all that such files can hold."""
NO_FILES: dict[Format, set[str]] = {
    "networkmanager": {"xfrm"},
    "networkd": {"hsr", "ipsec", "ovs-bridge", "ovs-interface", "xfrm"},
}
"""Kinds that such files can't describe. All examples without them are generated, but for what `_reason` says."""
GOLDEN = (
    "bridge-on-bond-with-vlans",
    "bridge-vlan-filtering",
    "default-route-and-dns",
    "dhcp",
    "overlay-on-bridge",
    "two-uplinks",
    "virtual-functions",
    "wireguard",
)


def _of(name: str, kind: Format) -> Generated:
    return generate(parse(EXAMPLES[name].read_text(), source=name), kind)


def _reason(name: str, kind: Format) -> str:
    """Why an example is refused; '' where it is not."""
    listed = parse(EXAMPLES[name].read_text()).interfaces
    interfaces = listed if isinstance(listed, tuple) else ()
    if any(one.kind in NO_FILES[kind] and one.wanted for one in interfaces):
        return "no files for"
    for one in interfaces:
        if one.ieee8021x is not UNSET and kind == "networkd":
            return "wpa_supplicant"
        if isinstance(one, MacSec) and isinstance(one.macsec, MacSecConfig):
            keys = one.macsec.mka_cak is not UNSET
            if keys is (kind == "networkd"):
                return "MKA" if keys else "needs the keys"
    return ""


def _together(generated: Generated) -> str:
    said = "".join(f"; {one.severity} {spell(one.path)}: {one.message}\n" for one in generated.diagnostics)
    return said + "\n".join(f"==> {file.name} {file.mode:o}\n{file.text}" for file in generated.files)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_generated_or_refused_with_the_reason(name: str, kind: Format) -> None:
    reason = _reason(name, kind)
    if reason:
        with pytest.raises(Invalid, match=reason):
            _of(name, kind)
        return
    generated = _of(name, kind)
    assert generated == _of(name, kind)
    assert len({file.name for file in generated.files}) == len(generated.files)
    assert generated.files or name in ("hostname", "other", "remove-interfaces", "remove-routes-and-rules")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", GOLDEN)
def test_files_are_as_agreed(name: str, kind: Format) -> None:
    """A change of these is a change for whoever keeps such files under version control: look at it, then copy it here."""
    golden = HERE / "golden" / f"{name}.{kind}"
    assert _together(_of(name, kind)) == golden.read_text()


def _leaves(plain: typing.Any, at: tuple[typing.Any, ...] = ()) -> typing.Iterator[tuple[typing.Any, ...]]:
    """The places of all single values."""
    if isinstance(plain, dict):
        for key, inner in plain.items():
            yield from _leaves(inner, (*at, key))
    elif isinstance(plain, list):
        for index, inner in enumerate(plain):
            yield from _leaves(inner, (*at, index))
    else:
        yield at


def _without(plain: typing.Any, at: tuple[typing.Any, ...]) -> typing.Any:
    step, rest = at[0], at[1:]
    if isinstance(plain, dict):
        if not rest:
            return {key: inner for key, inner in plain.items() if key != step}
        return {key: _without(inner, rest) if key == step else inner for key, inner in plain.items()}
    if not rest:
        return [inner for index, inner in enumerate(plain) if index != step]
    return [_without(inner, rest) if index == step else inner for index, inner in enumerate(plain)]


SAYS_NOTHING = frozenset({"state", "type", "identifier", "enabled", "peer", "controller"})
"""Keys that say what holds anyhow (state: up), or what the other end or the controller says as well."""
SAID_ANYHOW = {
    ("infiniband", "mode"): "datagram",
    ("ipv6", "addr-gen-mode"): "eui64",
    ("config", "route-table"): 254,
    ("config", "table-id"): 254,
}
"""What files say also where a document does not."""


def _means_the_same(plain: dict[str, typing.Any], less: dict[str, typing.Any]) -> bool:
    """Whether a value is what its absence means."""
    found = Diagnostics()
    one, other = normalised(read(plain), found), normalised(read(less), found)
    if one.interfaces == other.interfaces:
        return one.routes == other.routes and one.rules == other.rules and one.dns == other.dns
    assert isinstance(one.interfaces, tuple)
    assert isinstance(other.interfaces, tuple)
    if len(one.interfaces) != len(other.interfaces) or any(map(needs_kind, one.interfaces)):
        return False
    return not any(differences(*pair) for pair in zip(one.interfaces, other.interfaces, strict=True))


def _is_said_anyhow(plain: typing.Any, at: tuple[typing.Any, ...]) -> bool:
    value: typing.Any = plain
    for step in at:
        if isinstance(value, dict) and value.get("state") == "absent":
            return True
        value = value[step]
    words = [step for step in at if isinstance(step, str)]
    return len(words) > 1 and SAID_ANYHOW.get((words[-2], words[-1])) == value


def _is_told(at: tuple[typing.Any, ...], told: str) -> bool:
    """A diagnostic named it, or the section or list it stands in."""
    steps = [
        step for step in at if isinstance(step, str) and step not in ("interfaces", "config", "ethernet", "bridge")
    ]
    return any(step in told for step in steps)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_that_was_said_is_lost_in_silence(name: str, kind: Format) -> None:
    """Without any one value the files are others, or a diagnostic named it."""
    if _reason(name, kind):
        return
    plain = documents.to_plain(parse(EXAMPLES[name].read_text()), secrets=True)
    whole = generate(read(plain), kind)
    told = " ".join(spell(one.path) for one in whole.diagnostics)
    lost = []
    for at in _leaves(plain):
        if at[-1] in SAYS_NOTHING or _is_said_anyhow(plain, at) or _is_told(at, told):
            continue
        try:
            less = _without(plain, at)
            if not _means_the_same(plain, less) and generate(read(less), kind) == whole:
                lost.append(at)
        except Invalid:
            continue  # needed
    assert lost == []


def test_an_interface_found_by_its_mac_has_no_name_in_the_files() -> None:
    profile = keyfile.read(_of("interface-by-mac", "networkmanager").files[0].text)
    assert profile["802-3-ethernet"]["mac-address"] == bytes.fromhex("02005e100002")
    assert "interface-name" not in profile["connection"]
    unit = _of("interface-by-mac", "networkd").files[0].text
    assert "PermanentMACAddress=02:00:5E:10:00:02" in unit
    assert "Name=" not in unit


def test_an_interface_found_by_its_place_has_no_name_in_the_files() -> None:
    card = {"name": "uplink", "type": "ethernet", "identifier": "pci-address", "pci-address": "0000:03:00.0"}
    document = read({"interfaces": [{**card, "mtu": 1400, "ethernet": {"auto-negotiation": True}}]})
    (profile,) = generate(document).files
    assert keyfile.read(profile.text)["match"] == {"path": ["pci-0000:03:00.0"]}
    assert "interface-name" not in profile.text
    for file in generate(document, "networkd").files:
        assert file.text.startswith("[Match]\nPath=pci-0000:03:00.0\n")


def test_ports_that_are_not_described_get_files_too() -> None:
    bond = {"name": "bond0", "type": "bond", "link-aggregation": {"mode": "802.3ad", "port": ["eth1", "eth2"]}}
    generated = generate(read({"interfaces": [bond]}))
    assert [file.name for file in generated.files] == ["bond0.nmconnection", "eth1.nmconnection", "eth2.nmconnection"]
    assert keyfile.read(generated.files[1].text)["connection"]["master"] == "bond0"


def test_a_parent_that_is_not_described_is_warned_about() -> None:
    vlan = {"name": "eth1.5", "type": "vlan", "vlan": {"base-iface": "eth1", "id": 5}}
    generated = generate(read({"interfaces": [vlan]}), "networkd")
    assert "VLAN=eth1.5" in {file.name: file.text for file in generated.files}["10-eth1.network"]
    assert [one.code for one in generated.diagnostics] == ["undescribed"]


def test_an_entry_without_a_kind_is_taken_for_a_card() -> None:
    generated = generate(read({"interfaces": [{"name": "eth1", "mtu": 1400}]}))
    assert keyfile.read(generated.files[0].text)["connection"]["type"] == "802-3-ethernet"
    assert [one.code for one in generated.diagnostics] == ["assumed-kind"]


def test_mistakes_between_entries_are_told_as_when_applying() -> None:
    vlan = {"name": "eth1.5", "type": "vlan", "vlan": {"id": 5}}
    with pytest.raises(Invalid) as refused:
        generate(read({"interfaces": [vlan]}))
    assert "needs 'vlan.base-iface'" in str(refused.value)


@pytest.mark.parametrize("kind", FORMATS)
def test_name_servers_that_no_interface_can_hold_are_refused(kind: Format) -> None:
    with pytest.raises(Invalid, match="holds"):
        generate(read({"dns-resolver": {"config": {"server": ["192.0.2.53"]}}}), kind)


def test_open_vswitch_has_a_profile_for_each_port_in_between() -> None:
    profiles = {
        one["connection"]["id"]: one
        for one in (keyfile.read(file.text) for file in _of("ovs-bridge", "networkmanager").files)
    }
    port, bridge = profiles["eth1-port"], profiles["ovs0-br"]
    assert port["connection"]["type"] == "ovs-port"
    assert port["connection"]["master"] == bridge["connection"]["uuid"]
    assert profiles["eth1"]["connection"]["master"] == port["connection"]["uuid"]
    assert profiles["eth1"]["connection"]["slave-type"] == "ovs-port"


def test_keys_are_for_their_reader_only() -> None:
    modes = {file.name: (file.mode, file.group) for file in _of("wireguard", "networkd").files}
    assert {mode for name, mode in modes.items() if name.endswith(".netdev")} == {(0o640, "systemd-network")}
    assert {mode for name, mode in modes.items() if name.endswith(".network")} == {(0o644, "")}
    assert {file.mode for file in _of("wireguard", "networkmanager").files} == {0o600}


def test_hops_of_a_multipath_route_are_one_route_of_networkd() -> None:
    texts = [file.text for file in _of("multipath-route", "networkd").files]
    routes = [text for text in texts if "MultiPathRoute=" in text]
    assert len(routes) == 1
    assert routes[0].count("MultiPathRoute=") == 2
