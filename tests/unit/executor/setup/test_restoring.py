"""Restore: one transaction, idempotent, with what is missing told; vdsm's files taken over; all taken off again."""

import json
import pathlib
import typing

import pytest

from linkhold.executor.setup import importing, restoring
from linkhold.executor.setup.store import Held, Unreadable
from linkhold.foundation.diagnostics import Invalid
from linkhold.foundation.failures import Permanent
from linkhold.networks.configuration import Configuration, Network
from tests.unit.executor.setup.bench import Bench, bench, run

RED = Network(interface="eth0", vlan=7, ipaddr="203.0.113.7", prefix=24, nameservers=())
GREEN = Network(interface="eth1", mtu=1400, nameservers=())
LOST = Network(interface="eth9", nameservers=())


@pytest.fixture
def here(tmp_path: pathlib.Path) -> Bench:
    return bench(tmp_path)


def safe(here: Bench, **networks: Network) -> None:
    here.store.save(Held(Configuration(networks=networks)))


def restore(here: Bench, vdsm: str = "/nowhere") -> restoring.Restored:
    return typing.cast(
        "restoring.Restored", run(restoring.restore(here.store, here.stage.ground, here.eyes.look, vdsm=vdsm))
    )


def names(here: Bench) -> set[str]:
    return {name for name, _ in here.stage.host.host.state().by_key}


def test_a_host_that_never_kept_anything_is_left_alone(here: Bench) -> None:
    assert restore(here) == restoring.Restored(None)
    assert here.stage.folder.pending() == here.stage.folder.history() == []


def test_all_networks_come_in_one_transaction_and_run_then(here: Bench) -> None:
    safe(here, red=RED, green=GREEN)
    restored = restore(here)
    assert restored.result is not None
    assert restored.result.outcome == "committed"
    assert restored.missing == ()
    assert {"red", "green", "eth0.7"} <= names(here)
    assert len(here.stage.folder.history()) == 1
    assert here.store.running().configuration == Configuration(networks={"red": RED, "green": GREEN})
    assert not here.store.dirty


def test_done_again_there_is_nothing_to_do(here: Bench) -> None:
    safe(here, red=RED, green=GREEN)
    restore(here)
    again = restore(here)
    assert again.result is not None
    assert again.result.outcome == "unchanged"
    assert len(here.stage.folder.history()) == 1


def test_what_the_host_lacks_is_told_and_the_rest_restored(here: Bench) -> None:
    safe(here, red=RED, lost=LOST)
    restored = restore(here)
    assert restored.result is not None
    assert restored.result.good
    [missing] = restored.missing
    assert "eth9" in missing
    assert "lost" in missing
    assert "red" in names(here)
    assert "lost" not in here.store.running().configuration.networks
    assert here.store.dirty, "a reboot with the card in its place brings more"


def test_networks_that_were_not_kept_are_taken_off(here: Bench) -> None:
    safe(here, red=RED, green=GREEN)
    restore(here)
    safe(here, green=GREEN)
    restore(here)
    assert "red" not in names(here)
    assert "eth0.7" not in names(here)
    assert "green" in names(here)


def test_a_change_that_somebody_made_is_repaired(here: Bench) -> None:
    safe(here, green=GREEN)
    restore(here)
    here.stage.host.later(0, lambda host: host.put(host.interfaces["green", ""].replace(mtu=1300)))
    restored = restore(here)
    assert restored.result is not None
    assert restored.result.outcome == "committed"
    assert here.mtu("green") == 1400


def test_a_file_that_is_not_understood_takes_nothing_off_the_host(here: Bench) -> None:
    safe(here, green=GREEN)
    restore(here)
    pathlib.Path(here.store.path, "safe.json").write_text("rubbish")
    with pytest.raises(Unreadable):
        restore(here)
    assert "green" in names(here)


def vdsm_folder(path: pathlib.Path, **nets: typing.Any) -> str:
    for part in ("nets", "bonds", "devices"):
        (path / part).mkdir(parents=True)
    for name, content in nets.items():
        (path / "nets" / name).write_text(content if isinstance(content, str) else json.dumps(content, indent=4))
    return str(path)


def test_what_vdsm_kept_is_taken_over_once(here: Bench, tmp_path: pathlib.Path) -> None:
    folder = vdsm_folder(
        tmp_path / "netconf",
        red={
            "nic": "eth0",
            "vlan": 7,
            "bridged": True,
            "stp": False,
            "mtu": 1500,
            "bootproto": "none",
            "dhcpv6": False,
            "ipv6autoconf": False,
            "ipaddr": "203.0.113.7",
            "netmask": "255.255.255.0",
            "defaultRoute": False,
            "nameservers": [],
            "switch": "legacy",
        },
    )
    restored = restore(here, folder)
    assert restored.imported
    assert here.store.running().configuration == Configuration(networks={"red": RED})
    assert not here.store.dirty
    assert not restore(here, folder).imported


def test_what_we_kept_comes_before_what_vdsm_kept(here: Bench, tmp_path: pathlib.Path) -> None:
    safe(here, green=GREEN)
    folder = vdsm_folder(tmp_path / "netconf", red={"nic": "eth0"})
    assert not restore(here, folder).imported
    assert "red" not in names(here)


def test_bonds_and_cards_are_read_as_well(tmp_path: pathlib.Path) -> None:
    folder = pathlib.Path(vdsm_folder(tmp_path / "netconf"))
    (folder / "bonds" / "bond0").write_text('{"nics": ["eth0", "eth1"], "options": "mode=4", "switch": "legacy"}')
    (folder / "devices" / "0000:05:00.0").write_text('{"sriov": {"numvfs": 4}}')
    assert importing.read_folder(str(folder)) == {
        "networks": {},
        "bonds": {"bond0": {"nics": ["eth0", "eth1"], "options": "mode=4", "switch": "legacy"}},
        "devices": {"0000:05:00.0": {"sriov": {"numvfs": 4}}},
    }


def test_a_folder_of_something_else_is_refused(here: Bench, tmp_path: pathlib.Path) -> None:
    with pytest.raises(Permanent, match="neither nets, bonds nor devices"):
        importing.take_over(here.store, str(tmp_path))


def test_a_broken_file_is_named_and_nothing_is_kept(here: Bench, tmp_path: pathlib.Path) -> None:
    folder = vdsm_folder(tmp_path / "netconf", red='{"nic": "eth0"', green={"nic": "eth1"})
    with pytest.raises(Permanent, match="nets/red"):
        importing.take_over(here.store, folder)
    assert here.store.safe() is None


def test_a_wrong_file_is_told_with_its_mistakes(here: Bench, tmp_path: pathlib.Path) -> None:
    folder = vdsm_folder(tmp_path / "netconf", red={"nic": "eth0", "vlan": "abc", "mtu": "big"})
    with pytest.raises(Invalid) as caught:
        importing.take_over(here.store, folder)
    assert len(caught.value.diagnostics.errors()) == 2
    assert here.store.safe() is None


def clear(here: Bench, *exclude: str) -> typing.Any:
    return run(restoring.clear(here.store, here.stage.ground, here.eyes.look, exclude=exclude))


def test_clearing_takes_all_off_for_good(here: Bench) -> None:
    safe(here, red=RED, green=GREEN)
    restore(here)
    assert clear(here).outcome == "committed"
    assert names(here).isdisjoint({"red", "green", "eth0.7"})
    kept = here.store.safe()
    assert kept is not None
    assert kept.configuration == here.store.running().configuration == Configuration()


def test_clearing_leaves_what_is_excluded(here: Bench) -> None:
    safe(here, red=RED, green=GREEN)
    restore(here)
    clear(here, "green")
    assert "green" in names(here)
    kept = here.store.safe()
    assert kept is not None
    assert kept.configuration == Configuration(networks={"green": GREEN})


def test_a_name_that_is_none_is_a_mistake(here: Bench) -> None:
    safe(here, red=RED)
    restore(here)
    with pytest.raises(Permanent, match="no network gren; there are: red"):
        clear(here, "gren")
    assert "red" in names(here)


def test_a_file_where_vdsm_has_a_folder_is_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "bonds").write_text("")
    with pytest.raises(Permanent, match="bonds"):
        importing.read_folder(str(tmp_path))
