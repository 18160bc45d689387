"""Documents applied to hosts where NetworkManager runs, by the whole of Linkhold, and seen with `ip` and `nmcli`."""

import asyncio
import os
import pathlib
import typing

import pytest

import linkhold
from linkhold.providers.networkmanager.bus import Bus, Call
from linkhold.providers.networkmanager.dbus import I_SETTINGS, SETTINGS
from linkhold.state.document import to_plain
from tests.lab import namespaces
from tests.services.managed import Document, addresses, files, interface, settings, static
from tests.services.rigs.daemons import tool
from tests.services.rigs.networkmanager import PROFILES, NetworkManager


def test_a_card_gets_a_profile(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    routes = {
        "config": [{"destination": "198.51.100.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.9"}]
    }
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24", mtu=1400)], "routes": routes})
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert netns.ip_json("route", "show", "198.51.100.0/24")[0]["gateway"] == "192.0.2.9"
    profile = settings(nm, "eth1")
    assert profile["ipv4.addresses"] == "192.0.2.1/24"
    assert profile["802-3-ethernet.mtu"] == "1400"
    assert "198.51.100.0/24" in profile["ipv4.routes"]
    (file,) = PROFILES.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    shown = interface("eth1")
    assert (shown["provider"], shown["profile-name"]) == ("networkmanager", "eth1")


def test_the_same_document_again_changes_nothing(nm: NetworkManager) -> None:
    document = {"interfaces": [static("eth1", "192.0.2.1/24")]}
    linkhold.apply(document)
    assert linkhold.apply(document).outcome == "unchanged"


def test_an_address_is_added_without_a_flap(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24")]})
    before = nm.nmcli("-g", "GENERAL.CON-PATH", "connection", "show", "eth1")
    active = nm.nmcli("-g", "GENERAL.DBUS-PATH", "connection", "show", "eth1")
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24", "203.0.113.1/24")]})
    assert addresses(netns, "eth1") == ["192.0.2.1/24", "203.0.113.1/24"]
    assert nm.nmcli("-g", "GENERAL.CON-PATH", "connection", "show", "eth1") == before
    assert nm.nmcli("-g", "GENERAL.DBUS-PATH", "connection", "show", "eth1") == active


def test_a_bridge_takes_over_the_address_of_its_port(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24")]})
    bridge = {
        **static("br0", "192.0.2.1/24"),
        "type": "linux-bridge",
        "bridge": {"port": [{"name": "eth1"}, {"name": "eth2"}], "options": {"stp": {"enabled": False}}},
    }
    linkhold.apply({"interfaces": [bridge, static("eth1"), static("eth2")]})
    assert addresses(netns, "br0") == ["192.0.2.1/24"]
    assert addresses(netns, "eth1") == []
    assert {one["ifname"] for one in netns.ip_json("link", "show", "master", "br0")} == {"eth1", "eth2"}
    assert {name: device for name, device in nm.profiles().items() if device != "lo"} == {
        "br0": "br0",
        "eth1": "eth1",
        "eth2": "eth2",
    }
    linkhold.apply({"interfaces": [{"name": "br0", "type": "linux-bridge", "state": "absent"}]})
    assert not [one for one in netns.ip_json("link") if one["ifname"] == "br0"]
    assert "br0" not in nm.profiles()


@pytest.mark.parametrize(
    "document",
    [
        {
            "name": "x0",
            "type": "vxlan",
            "vxlan": {"id": 7, "remote": "192.0.2.9", "destination-port": 4789, "base-iface": "eth1"},
        },
        {"name": "x0", "type": "mac-vlan", "mac-vlan": {"base-iface": "eth1", "mode": "bridge", "promiscuous": True}},
        {"name": "x0", "type": "veth", "veth": {"peer": "x1"}},
        {"name": "x0", "type": "linux-bridge", "bridge": {"port": []}},
    ],
    ids=lambda document: typing.cast("str", document["type"]),
)
def test_a_virtual_interface_comes_and_goes(
    nm: NetworkManager, netns: namespaces.Namespace, document: Document
) -> None:
    whole = {**document, "state": "up", "ipv4": static("x0", "203.0.113.1/24")["ipv4"], "ipv6": {"enabled": False}}
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24"), whole]})
    assert addresses(netns, "x0") == ["203.0.113.1/24"]
    assert interface("x0")["provider"] == "networkmanager"
    linkhold.apply({"interfaces": [{"name": "x0", "type": document["type"], "state": "absent"}]})
    assert "x0" not in {one["ifname"] for one in netns.ip_json("link")}
    assert "x0" not in nm.profiles()


def test_a_profile_of_nmcli_is_modified_in_place(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    nm.nmcli(
        "connection add type ethernet con-name office ifname eth1 ip4 192.0.2.1/24 ipv6.method disabled connection.zone dmz "
        "connection.autoconnect-priority 7 ipv4.dns 192.0.2.53 connection.stable-id mine"
    )
    _add_user_data(nm, "office", {"org.example.who": "installer"})
    nm.nmcli("connection up office")
    uuid = settings(nm, "office")["connection.uuid"]
    linkhold.apply({"interfaces": [{"name": "eth1", "mtu": 1400}]})
    after = settings(nm, "office")
    assert after["connection.uuid"] == uuid
    assert after["connection.zone"] == "dmz"
    assert after["connection.autoconnect-priority"] == "7"
    assert after["connection.stable-id"] == "mine"
    assert "org.example.who=installer" in next(text for text in files().values() if "id=office" in text)
    assert after["ipv4.dns"] == "192.0.2.53"
    assert after["ipv4.addresses"] == "192.0.2.1/24"
    assert after["802-3-ethernet.mtu"] == "1400"
    assert netns.ip_json("link", "show", "eth1")[0]["mtu"] == 1400


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("ipv4.addresses 192.0.2.77/24", "ipv4.address"),
        ("+ipv4.routes '203.0.113.0/24 192.0.2.9'", "routes"),
        ("802-3-ethernet.mtu 1400", "mtu"),
        ("ipv4.method auto", "ipv4.dhcp"),
    ],
)
def test_a_profile_that_says_otherwise_than_what_is_in_force_is_mended(
    nm: NetworkManager, netns: namespaces.Namespace, said: str, path: str
) -> None:
    """Somebody saved it and did not bring it up: a reboot would."""
    document = {"interfaces": [static("eth1", "192.0.2.1/24", mtu=1450)]}
    linkhold.apply(document)
    meant = files()
    nm.nmcli(f"connection modify eth1 {said}")
    saved = files()
    assert saved != meant
    (change,) = linkhold.plan(document).plan.changes
    assert [one.path for one in change.differences] == ["interfaces[eth1].unstored"]
    assert any(one.startswith(path) for one in change.before.unstored)
    linkhold.apply(document, commit=False)
    linkhold.rollback()
    assert files() == saved
    active = nm.nmcli("-g", "GENERAL.DBUS-PATH", "connection", "show", "eth1")
    linkhold.apply(document)
    assert files() == meant
    assert linkhold.apply(document).outcome == "unchanged"
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert nm.nmcli("-g", "GENERAL.DBUS-PATH", "connection", "show", "eth1") == active


def test_what_only_its_owner_saved_in_a_profile_stays(nm: NetworkManager) -> None:
    """No document has words for it, or none that was applied spoke of it."""
    document = {"interfaces": [static("eth1", "192.0.2.1/24")]}
    linkhold.apply({"interfaces": [*document["interfaces"], static("eth2", "198.51.100.1/24")]})
    nm.nmcli("connection modify eth1 connection.zone dmz connection.id office")
    nm.nmcli("connection modify eth2 ipv4.addresses 198.51.100.77/24")
    assert linkhold.apply(document).outcome == "unchanged"
    nm.nmcli("connection modify office ipv4.addresses 192.0.2.77/24")
    assert linkhold.apply(document).outcome == "committed"
    kept = settings(nm, "office")
    assert (kept["connection.zone"], kept["ipv4.addresses"]) == ("dmz", "192.0.2.1/24")
    assert settings(nm, "eth2")["ipv4.addresses"] == "198.51.100.77/24"


def test_other_profiles_of_the_interface_are_retired(nm: NetworkManager) -> None:
    nm.nmcli("connection add type ethernet con-name first ifname eth1 ip4 192.0.2.1/24 autoconnect no")
    nm.nmcli("connection add type ethernet con-name second ifname eth1 ip4 192.0.2.2/24 autoconnect no")
    nm.nmcli("connection up first")
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.7/24")]})
    assert nm.profiles()["first"] == "eth1"
    assert "second" not in nm.profiles()


def test_what_others_set_up_is_kept_when_it_is_taken_over(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    nm.nmcli("device set eth1 managed no")
    netns.ip("address", "add", "192.0.2.1/24", "dev", "eth1")
    netns.ip("link", "set", "eth1", "up")
    nm.wait_for_state("eth1", "unmanaged")
    assert interface("eth1")["state"] == "ignore"
    linkhold.apply({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1400}]})
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert settings(nm, "eth1")["ipv4.addresses"] == "192.0.2.1/24"
    nm.wait_for_state("eth1", "connected")


def test_down_keeps_the_profile_and_absent_does_not(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24")]})
    linkhold.apply({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "down"}]})
    assert addresses(netns, "eth1") == []
    assert nm.profiles()["eth1"] == ""
    assert interface("eth1")["state"] == "down"
    linkhold.apply({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up"}]})
    assert nm.profiles()["eth1"] == "eth1"
    linkhold.apply({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "absent"}]})
    assert "eth1" not in nm.profiles()


def test_in_memory_only_leaves_nothing_on_disk(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24")]}, memory_only=True)
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert list(PROFILES.iterdir()) == []
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24", mtu=1400)]})
    assert len(list(PROFILES.iterdir())) == 1


@pytest.mark.parametrize("table", [200, 2**32 - 1])
def test_rules_and_routes_in_tables_of_their_own(nm: NetworkManager, netns: namespaces.Namespace, table: int) -> None:
    document = {
        "interfaces": [static("eth1", "192.0.2.1/24")],
        "routes": {
            "config": [
                {
                    "destination": "0.0.0.0/0",
                    "next-hop-interface": "eth1",
                    "next-hop-address": "192.0.2.9",
                    "table-id": table,
                }
            ]
        },
        "route-rules": {"config": [{"ip-from": "192.0.2.0/24", "route-table": table, "priority": 3200}]},
    }
    linkhold.apply(document)
    assert next(one for one in netns.ip_json("rule") if one["priority"] == 3200)["table"] == str(table)
    assert "3200" in settings(nm, "eth1")["ipv4.routing-rules"]
    assert [one["gateway"] for one in netns.ip_json("route", "show", "table", str(table))] == ["192.0.2.9"]
    assert linkhold.apply(document).outcome == "unchanged"
    linkhold.apply({"route-rules": {"config": [{"state": "absent", "route-table": table}]}})
    assert not [one for one in netns.ip_json("rule") if one["priority"] == 3200]
    assert settings(nm, "eth1")["ipv4.routing-rules"] == ""


def test_name_servers_of_the_host(nm: NetworkManager) -> None:
    config = {"server": ["192.0.2.53", "2001:db8::53"], "search": ["example.com"], "options": ["rotate"]}
    linkhold.apply({"dns-resolver": {"config": config}})
    assert to_plain(linkhold.show())["dns-resolver"]["config"] == config
    assert linkhold.apply({"dns-resolver": {"config": config}}).outcome == "unchanged"
    with pytest.raises(linkhold.NotApplied, match="no interface"):
        linkhold.apply({"dns-resolver": {"config": {"server": []}}})
    assert to_plain(linkhold.show())["dns-resolver"]["config"] == config
    linkhold.apply({"dns-resolver": {"config": {}}})
    assert to_plain(linkhold.show())["dns-resolver"]["config"] == {"server": [], "search": [], "options": []}


def test_search_domains_alone_stand_in_a_profile(nm: NetworkManager) -> None:
    config = {"search": ["example.com"]}
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24")], "dns-resolver": {"config": config}})
    assert to_plain(linkhold.show())["dns-resolver"]["config"]["search"] == ["example.com"]
    assert settings(nm, "eth1")["ipv4.dns-search"] == "example.com"
    linkhold.apply({"dns-resolver": {"config": {}}})
    assert settings(nm, "eth1")["ipv4.dns-search"] == ""


def test_a_link_local_server_stands_with_its_interface(nm: NetworkManager) -> None:
    eth1 = {
        **static("eth1", "192.0.2.1/24"),
        "ipv6": {"enabled": True, "address": [{"ip": "2001:db8::1", "prefix-length": 64}]},
    }
    config = {"server": ["fe80::53%eth1", "192.0.2.53"]}
    linkhold.apply({"interfaces": [eth1], "dns-resolver": {"config": config}})
    assert to_plain(linkhold.show())["dns-resolver"]["config"]["server"] == ["fe80::53%eth1", "192.0.2.53"]
    assert settings(nm, "eth1")["ipv4.dns"] == "192.0.2.53"


@pytest.fixture
def office(nm: NetworkManager) -> NetworkManager:
    """A host whose eth1 was set up by nmcli."""
    nm.nmcli("connection add type ethernet con-name office ifname eth1 ip4 192.0.2.1/24 ipv6.method disabled")
    nm.wait_for_state("eth1", "connected")
    return nm


def test_a_disk_that_takes_no_profile_leaves_everything_as_it_was(
    office: NetworkManager, netns: namespaces.Namespace
) -> None:
    before, links = files(), netns.ip_json("link")
    tool("mount", "--bind", str(PROFILES), str(PROFILES))
    tool("mount", "-o", "remount,bind,ro", str(PROFILES))
    with pytest.raises(linkhold.NotApplied, match=r"refused: (add|change)") as caught:
        linkhold.apply({"interfaces": [static("eth1", "192.0.2.3/24"), static("eth2", "203.0.113.1/24")]})
    assert "Read-only" in caught.value.answer
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert files() == before
    assert [one["ifname"] for one in netns.ip_json("link")] == [one["ifname"] for one in links]


def test_an_activation_that_does_not_end_is_taken_back(
    office: NetworkManager, netns: namespaces.Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linkhold.providers.networkmanager import activation

    monkeypatch.setattr(activation, "PATIENCE", 1.5)
    before = files()
    waits = {**static("eth2"), "ipv4": {"enabled": True, "dhcp": True}, "wait-ip": "ipv4"}
    with pytest.raises(linkhold.NotApplied, match=r"not activated within 2 s: eth2 \(getting its IP settings\)"):
        linkhold.apply({"interfaces": [static("eth1", "192.0.2.3/24"), waits]})
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert files() == before
    assert office.profiles() == {"lo": "lo", "office": "eth1"}


def test_an_unconfirmed_change_is_taken_back(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24")]})
    before = files()
    bridge = {**static("br0", "203.0.113.1/24"), "type": "linux-bridge", "bridge": {"port": [{"name": "eth2"}]}}
    result = linkhold.apply({"interfaces": [static("eth1", "192.0.2.7/24"), bridge, static("eth2")]}, commit=False)
    assert result.outcome == "unconfirmed"
    assert addresses(netns, "eth1") == ["192.0.2.7/24"]
    linkhold.rollback()
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert "br0" not in {one["ifname"] for one in netns.ip_json("link")}
    assert files() == before


def test_a_checkpoint_of_another_program_is_named(nm: NetworkManager) -> None:
    os.system(
        "busctl call org.freedesktop.NetworkManager /org/freedesktop/NetworkManager org.freedesktop.NetworkManager "
        "CheckpointCreate aouu 0 60 0"
    )
    with pytest.raises(linkhold.Busy, match="another program holds NetworkManager's checkpoint 1 of"):
        linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24")]})
    assert "eth1" not in nm.profiles()


def test_nothing_stays_open(nm: NetworkManager) -> None:
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24")]})
    before = len(os.listdir("/proc/self/fd"))
    for number in range(100):
        linkhold.show() if number % 10 else linkhold.apply({"interfaces": [static("eth1", f"192.0.2.{number + 2}/24")]})
    assert len(os.listdir("/proc/self/fd")) == before


def _add_user_data(nm: NetworkManager, profile: str, data: dict[str, str]) -> None:
    (file,) = [one for one in PROFILES.iterdir() if f"id={profile}\n" in one.read_text()]
    lines = [f"{key}={value}" for key, value in data.items()]
    file.write_text("\n".join([file.read_text(), "[user]", *lines, ""]))
    nm.nmcli("connection reload")


def test_an_interface_changes_hands_and_comes_back(
    office: NetworkManager, netns: namespaces.Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pathlib.Path("/etc/linkhold/linkhold.toml")
    table.parent.mkdir()
    table.write_text('[providers]\n"eth1" = "kernel"\n')
    card = {"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up"}]}
    before = files()
    linkhold.apply(card, commit=False)
    assert (addresses(netns, "eth1"), office.profiles()) == (["192.0.2.1/24"], {"lo": "lo"})
    assert office.states()["eth1"] == "unmanaged"
    linkhold.rollback()
    assert (addresses(netns, "eth1"), office.profiles()) == (["192.0.2.1/24"], {"lo": "lo", "office": "eth1"})
    assert files() == before
    linkhold.apply(card)
    office.stop()
    tool("rm", "-r", "/run/NetworkManager")  # as after a reboot
    office.start()
    assert office.states()["eth1"] == "unmanaged"
    assert interface("eth1")["state"] == "up"
    table.unlink()
    linkhold.apply(card)
    assert (addresses(netns, "eth1"), office.profiles()) == (["192.0.2.1/24"], {"lo": "lo", "eth1": "eth1"})
    office.restart()
    office.wait_for_state("eth1", "connected")


def test_a_profile_for_any_card_becomes_that_of_one(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    """Such as an installer makes: with an address in it, no other card may use it."""
    nm.nmcli("connection add type ethernet con-name any ifname * ipv4.method disabled ipv6.method disabled")
    nm.nmcli("connection up any ifname eth1")
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.1/24")]})
    assert nm.profiles()["any"] == "eth1"
    assert settings(nm, "any")["connection.interface-name"] == "eth1"


def test_a_profile_for_the_card_of_a_mac_stays_one(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    mac = netns.ip_json("link", "show", "eth1")[0]["address"]
    nm.nmcli(f"connection add type ethernet con-name card ifname * mac {mac} ipv4.method disabled ipv6.method disabled")
    nm.nmcli("connection up card ifname eth1")
    linkhold.apply({"interfaces": [{"name": "eth1", "mtu": 1400}]})
    assert settings(nm, "card")["connection.interface-name"] == ""
    assert settings(nm, "card")["802-3-ethernet.mtu"] == "1400"
    assert interface("eth1")["identifier"] == "mac-address"


def test_a_profile_whose_interface_is_not_there_goes_too(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    bridge = {**static("br7"), "type": "linux-bridge", "bridge": {"port": []}}
    linkhold.apply({"interfaces": [bridge]})
    linkhold.apply({"interfaces": [{"name": "br7", "type": "linux-bridge", "state": "down"}]})
    assert nm.profiles()["br7"] == ""
    assert "br7" not in {one["name"] for one in to_plain(linkhold.show())["interfaces"]}
    before = files()
    linkhold.apply({"interfaces": [{"name": "br7", "type": "linux-bridge", "state": "absent"}]}, commit=False)
    assert "br7" not in nm.profiles()
    linkhold.rollback()
    assert files() == before
    assert nm.profiles()["br7"] == ""
    linkhold.apply({"interfaces": [{"name": "br7", "type": "linux-bridge", "state": "absent"}]})
    assert files() == {}


def test_what_is_down_comes_up_again_with_what_rides_on_it(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    bridge = {**static("br7", "192.0.2.1/24"), "type": "linux-bridge", "bridge": {"port": [{"name": "eth1"}]}}
    above = {**static("x0", "203.0.113.1/24"), "type": "mac-vlan"}
    above["mac-vlan"] = {"base-iface": "br7", "mode": "bridge", "promiscuous": True}
    linkhold.apply({"interfaces": [bridge, above]})
    down = [{"name": one["name"], "type": one["type"], "state": "down"} for one in (bridge, above)]
    linkhold.apply({"interfaces": down})
    assert {"br7", "x0"}.isdisjoint(one["ifname"] for one in netns.ip_json("link"))
    linkhold.apply({"interfaces": [{**one, "state": "up"} for one in down]})
    assert addresses(netns, "br7") == ["192.0.2.1/24"]
    assert addresses(netns, "x0") == ["203.0.113.1/24"]


def test_what_changes_is_heard(nm: NetworkManager) -> None:
    import asyncio

    from linkhold.providers.networkmanager.provider import NetworkManager as Service

    async def listen() -> list[bool]:
        service = Service()
        await service.capabilities()
        watch = service.watch()
        try:
            heard = [await watch.changed(0.2)]
            nm.nmcli("connection add type bridge con-name br7 ifname br7 ipv4.method disabled ipv6.method disabled")
            heard.append(await watch.changed(5.0))
            while await watch.changed(0.5):
                pass
            heard.append(await watch.changed(0.2))
            nm.kill()
            heard.append(await watch.changed(5.0))
        finally:
            watch.close()
            service.close()
        return heard

    assert asyncio.run(listen()) == [False, True, False, True]


def test_the_name_of_the_host(nm: NetworkManager) -> None:
    before = to_plain(linkhold.show())["hostname"]
    linkhold.apply({"hostname": {"config": "one.example.com", "running": "one"}}, commit=False)
    assert pathlib.Path("/etc/hostname").read_text().strip() == "one.example.com"
    assert os.uname().nodename == "one"
    assert nm.nmcli("general", "hostname").strip() == "one.example.com"
    linkhold.rollback()
    assert to_plain(linkhold.show())["hostname"] == before


def test_a_bus_that_is_slow_to_read_is_waited_for(nm: NetworkManager) -> None:
    """More is said at once than the socket holds while nobody reads."""

    async def many() -> list[str]:
        bus = await Bus.open()
        try:
            nm.bus.freeze()
            asyncio.get_running_loop().call_later(0.5, nm.bus.thaw)
            asked = Call(SETTINGS, I_SETTINGS, "GetConnectionByUuid", "s", ("x" * 4000,))
            answers = await bus.all([asked] * 300)
        finally:
            nm.bus.thaw()
            bus.close()
        return [one.failure.name for one in answers if one.failure is not None]

    assert asyncio.run(many()) == ["org.freedesktop.NetworkManager.Settings.InvalidConnection"] * 300


def test_hardware_that_is_absent_has_no_profile_and_gets_it_back(
    nm: NetworkManager, netns: namespaces.Namespace
) -> None:
    nm.nmcli("connection add type ethernet con-name office ifname eth1 ip4 192.0.2.1/24 ipv6.method disabled")
    nm.wait_for_state("eth1", "connected")
    before = files()
    absent = {"interfaces": [{"name": "eth1", "type": "ethernet", "state": "absent"}]}
    linkhold.apply(absent, commit=False)
    assert "office" not in nm.profiles()
    assert addresses(netns, "eth1") == []
    linkhold.rollback()
    assert files() == before
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    linkhold.apply(absent)
    assert "office" not in nm.profiles()
    assert linkhold.plan(absent).plan.changes == ()
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.9/24")]})
    assert addresses(netns, "eth1") == ["192.0.2.9/24"]
