"""Running and safe: what the journal says, what files say, and what becomes of files that nobody understands."""

import asyncio
import json
import os
import pathlib
import typing

import pytest

from linkhold.executor.setup.by_command import FORM
from linkhold.executor.setup.store import Held, Store, Unreadable
from linkhold.foundation.failures import Permanent
from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.transaction import owner, runner
from linkhold.transaction.options import Options
from tests.unit.transaction.stage import Stage, document

RED = Configuration(networks={"red": Network(interface="eth0", vlan=7, nameservers=())})
BLUE = Configuration(
    networks={"blue": Network(bonding="bond0", ipaddr="192.0.2.7", prefix=24, nameservers=())},
    bondings={"bond0": Bonding(ports=("eth1", "eth2"), options={"mode": "802.3ad"})},
    devices={"0000:05:00.0": 4},
)


@pytest.fixture
def stage(tmp_path: pathlib.Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def store(stage: Stage) -> Store:
    return Store(stage.folder, FORM)


def commit(stage: Stage, store: Store, configuration: Configuration, mtu: int, **options: typing.Any) -> str:
    """A transaction with a configuration."""
    options = {"attached": store.attachment(configuration), "memory_only": True, **options}
    text = f"interfaces: [{{name: eth0, mtu: {mtu}}}]"
    return asyncio.run(runner.run(document(text), stage.ground, Options(**options))).transaction


def file_of(store: Store, name: str) -> pathlib.Path:
    return pathlib.Path(store.path, name)


def test_a_new_host_has_nothing_and_is_clean(store: Store) -> None:
    assert store.running() == Held(Configuration())
    assert store.safe() is None
    assert not store.dirty


def test_running_is_what_was_committed(stage: Stage, store: Store) -> None:
    name = commit(stage, store, RED, 1400)
    assert store.running() == Held(RED, name, owner.boot_id())
    assert store.dirty


def test_running_is_what_was_committed_also_for_another_process_without_any_copy(stage: Stage, store: Store) -> None:
    commit(stage, store, RED, 1400)
    assert not file_of(store, "running.json").exists()
    assert Store(stage.folder, FORM).running().configuration == RED


def test_what_waits_for_confirmation_does_not_run_yet(stage: Stage, store: Store) -> None:
    commit(stage, store, RED, 1400)
    commit(stage, store, BLUE, 1300, confirming="later")
    assert store.running().configuration == RED


def test_the_copy_is_of_use_when_the_history_was_cut(stage: Stage, store: Store) -> None:
    name = commit(stage, store, BLUE, 1400)
    store.promote()
    for one in stage.folder.history():
        os.unlink(one.path)
    assert Store(stage.folder, FORM).running() == Held(BLUE, name, owner.boot_id())


def test_the_journal_comes_before_a_copy_that_was_not_made_in_time(stage: Stage, store: Store) -> None:
    commit(stage, store, RED, 1400)
    store.promote()
    commit(stage, store, BLUE, 1300)
    assert Store(stage.folder, FORM).running().configuration == BLUE


def test_keeping_makes_it_clean_and_lasts(stage: Stage, store: Store) -> None:
    name = commit(stage, store, BLUE, 1400)
    store.keep()
    again = Store(stage.folder, FORM)
    assert again.safe() == Held(BLUE, name, owner.boot_id())
    assert not again.dirty


def test_being_dirty_outlives_a_restart(stage: Stage, store: Store) -> None:
    commit(stage, store, RED, 1400)
    store.keep()
    commit(stage, store, BLUE, 1300)
    assert Store(stage.folder, FORM).dirty
    commit(stage, store, RED, 1400)
    assert not Store(stage.folder, FORM).dirty, "it is what a reboot brings back"


def test_files_say_their_version_and_are_for_root_alone(stage: Stage, store: Store) -> None:
    name = commit(stage, store, RED, 1400)
    store.keep()
    body = json.loads(file_of(store, "safe.json").read_text())
    assert (body["version"], body["boot"], body["transaction"]) == (1, owner.boot_id(), name)
    assert body["configuration"]["networks"]["red"]["vlan"] == 7
    assert file_of(store, "safe.json").stat().st_mode & 0o777 == 0o600
    assert os.listdir(store.path) == ["safe.json"], "nothing is left beside it"


@pytest.mark.parametrize(
    "content",
    [b"", b"rubbish", b"[]", b'{"version": 1}', b'{"version": 1, "boot": "", "transaction": "", "configuration": 7}'],
    ids=["empty", "rubbish", "list", "half", "no map"],
)
def test_a_safe_file_that_is_not_understood_is_no_reason_to_guess(store: Store, content: bytes) -> None:
    os.makedirs(store.path)
    file_of(store, "safe.json").write_bytes(content)
    with pytest.raises(Unreadable, match=r"safe\.json"):
        store.safe()
    assert file_of(store, "safe.json").read_bytes() == content


def test_a_later_version_is_named(store: Store) -> None:
    os.makedirs(store.path)
    file_of(store, "safe.json").write_text('{"version": 2, "everything": "else"}')
    with pytest.raises(Unreadable, match="version 2"):
        store.safe()


def test_what_is_not_understood_is_set_aside_before_it_is_written_over(stage: Stage, store: Store) -> None:
    commit(stage, store, RED, 1400)
    os.makedirs(store.path)
    for content in (b"first", b"second"):
        file_of(store, "safe.json").write_bytes(content)
        store.keep()
    assert store.safe() is not None
    assert file_of(store, "safe.json.unreadable-1").read_bytes() == b"first"
    assert file_of(store, "safe.json.unreadable-2").read_bytes() == b"second"


def test_a_copy_that_is_not_understood_does_not_hide_the_journal(stage: Stage, store: Store) -> None:
    commit(stage, store, RED, 1400)
    os.makedirs(store.path)
    file_of(store, "running.json").write_bytes(b"rubbish")
    assert store.running().configuration == RED
    store.promote()
    assert file_of(store, "running.json.unreadable-1").exists()


def test_a_disk_that_takes_nothing_leaves_what_was(stage: Stage, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(stage, store, RED, 1400)
    store.keep()
    commit(stage, store, BLUE, 1300)

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Permanent, match="No space"):
        store.keep()
    monkeypatch.undo()
    safe = store.safe()
    assert safe is not None
    assert safe.configuration == RED


def test_a_configuration_in_the_journal_that_is_none_is_told(stage: Stage, store: Store) -> None:
    options = Options(attached={"configuration": {"networks": []}}, memory_only=True)
    asyncio.run(runner.run(document("interfaces: [{name: eth0, mtu: 1400}]"), stage.ground, options))
    with pytest.raises(Unreadable, match="transaction 000001"):
        store.running()


def test_what_others_attach_is_none_of_ours(stage: Stage, store: Store) -> None:
    options = Options(attached={"something": "else"}, memory_only=True)
    asyncio.run(runner.run(document("interfaces: [{name: eth0, mtu: 1400}]"), stage.ground, options))
    assert store.running().configuration == Configuration()


def test_what_another_process_kept_is_seen(stage: Stage, store: Store) -> None:
    commit(stage, store, RED, 1400)
    store.keep()
    assert store.safe() is store.safe()
    commit(stage, store, BLUE, 1300)
    Store(stage.folder, FORM).keep()
    kept = store.safe()
    assert kept is not None
    assert kept.configuration == BLUE
    file_of(store, "safe.json").unlink()
    assert store.safe() is None


def test_a_configuration_is_written_as_plain_data_once(store: Store) -> None:
    assert store.plain(RED) is store.plain(RED)
    assert store.plain(BLUE) == FORM.write(BLUE)
    assert store.plain(RED) == FORM.write(RED)
