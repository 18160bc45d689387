"""The journal survives what disks do: torn lines, full disks, errors of fsync, two who want to end it."""

import errno
import os
import pathlib

import pytest

from linkhold.transaction import journal
from linkhold.transaction.folder import Folder
from linkhold.transaction.journal import Gone, Journal, JournalFailure, last_line, read


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> Folder:
    made = Folder(str(tmp_path / "state"))
    made.prepare()
    return made


def begun(folder: Folder) -> Journal:
    return Journal.create(folder.new_path(), {"plan": {}, "text": 'a ",sum":" inside'})


def test_what_is_written_is_read_back(folder: Folder) -> None:
    written = begun(folder)
    written.write("checkpoint-taken", guards=[1])
    written.write("level", index=0, name="ä\udcff")
    written.close()
    account = read(written.path)
    assert [(line.number, line.event) for line in account.lines] == [
        (1, "began"),
        (2, "checkpoint-taken"),
        (3, "level"),
    ]
    assert account.head["text"] == 'a ",sum":" inside'
    assert account.lines[2].data["name"] == "ä\udcff"
    assert account.state == "applying"
    assert not account.torn
    assert os.stat(written.path).st_mode & 0o777 == 0o600


def test_every_torn_tail_is_told_from_what_is_whole(folder: Folder) -> None:
    written = begun(folder)
    whole = os.path.getsize(written.path)
    written.write("checkpoint-taken")
    written.close()
    content = pathlib.Path(written.path).read_bytes()
    for size in range(whole + 1, len(content)):
        pathlib.Path(written.path).write_bytes(content[:size])
        account = read(written.path)
        assert (len(account.lines), account.torn, account.size) == (1, True, whole)


def test_nothing_after_a_damaged_line_is_believed(folder: Folder) -> None:
    written = begun(folder)
    for event in ("checkpoint-taken", "all-applied"):
        written.write(event)
    written.close()
    content = pathlib.Path(written.path).read_bytes()
    pathlib.Path(written.path).write_bytes(content.replace(b"checkpoint-taken", b"checkpoint-takem"))
    account = read(written.path)
    assert (account.state, account.torn) == ("drafted", True)


def test_going_on_after_a_torn_line_cuts_it_off(folder: Folder) -> None:
    written = begun(folder)
    written.close()
    with open(written.path, "ab") as file:
        file.write(b'{"number":2,"event":"checkpo')
    again = Journal.reopen(written.path)
    again.write("owner-died")
    again.close()
    account = read(written.path)
    assert [line.event for line in account.lines] == ["began", "owner-died"]
    assert not account.torn


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_journal_that_can_not_be_begun_leaves_nothing_behind(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def fail(fd: int) -> None:
        raise OSError(error, os.strerror(error))

    for call in ("fdatasync", "fsync", "write"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, lambda *_: fail(0))
            with pytest.raises(JournalFailure, match=os.strerror(error)):
                begun(folder)
        assert os.listdir(folder.pending_path) == []


def test_half_a_line_on_a_full_disk_is_taken_away(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    written = begun(folder)
    real = os.write
    calls: list[int] = []

    def half(fd: int, data: bytes) -> int:
        calls.append(len(data))
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data[: len(data) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(JournalFailure):
            written.write("checkpoint-taken")
    assert written.state == "drafted"
    written.write("owner-died")  # there is space again
    written.close()
    assert [line.event for line in read(written.path).lines] == ["began", "owner-died"]


def test_one_of_two_renames_wins(folder: Folder) -> None:
    written = begun(folder)
    name = os.path.basename(written.path).removesuffix(".jsonl")
    other = Journal.reopen(written.path)
    written.rename(folder.ended(name, "committed"))
    with pytest.raises(Gone):
        other.rename(folder.claimed(name))
    with pytest.raises(Gone):
        other.check()
    written.close()
    other.close()
    assert folder.pending() == []
    assert [one.state for one in folder.history()] == ["committed"]


def test_numbers_go_on_and_the_last_commit_is_never_pruned(folder: Folder) -> None:
    for ending in ("committed", "rolled-back", "rolled-back", "stranded"):
        one = begun(folder)
        one.rename(folder.ended(os.path.basename(one.path).removesuffix(".jsonl"), ending))  # type: ignore[arg-type]
        one.close()
    folder.prune(2)
    assert [(one.number, one.state) for one in folder.history()] == [
        (1, "committed"),
        (3, "rolled-back"),
        (4, "stranded"),
    ]
    assert os.path.basename(folder.new_path()).startswith("000005-")


def test_the_head_alone_is_read_without_the_rest(folder: Folder) -> None:
    written = begun(folder)
    written.close()
    with open(written.path, "ab") as file:
        file.write(b"garbage\n")
    assert journal.head_of(written.path)["plan"] == {}
    pathlib.Path(written.path).write_bytes(b"garbage\n")
    with pytest.raises(JournalFailure, match="first line"):
        journal.head_of(written.path)


def test_the_last_line_is_read_from_the_end(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "000001-a.jsonl"
    journal = Journal.create(str(path), {"filler": "x" * 20_000})
    journal.write("checkpoint-taken", guards=[1])
    journal.close()
    line = last_line(str(path))
    assert line is not None
    assert (line.event, line.data) == ("checkpoint-taken", {"guards": [1]})
    with path.open("ab") as file:
        file.write(b'{"torn')
    assert last_line(str(path)) is None
