"""A state directory on a real file system that is really full: nothing is touched, or all of it is taken back."""

import asyncio
import pathlib
import subprocess

from linkhold.executor import verbs
from linkhold.providers.memory.provider import Memory
from linkhold.state.network import NetworkState
from linkhold.transaction.ground import Ground
from linkhold.transaction.journal import JournalFailure
from linkhold.transaction.options import Options
from tests.unit.transaction.stage import DOCUMENT, HOST, document, ordered


def small(path: pathlib.Path) -> Ground:
    """A host whose state is on a file system of 64 KiB."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(path)], check=True)
    assert isinstance(HOST.interfaces, tuple)
    described = tuple(one.replace(description="as before") for one in HOST.interfaces)
    return verbs.standing(str(path), provider=Memory(HOST.replace(interfaces=described)))._replace(arm=None)


def fill(ground: Ground, leave: int) -> None:
    """Take all space but some bytes (the file system gives whole pages)."""
    with open(pathlib.Path(ground.folder.path) / "filler", "wb", buffering=0) as file:
        written = 0
        try:
            while True:
                written += file.write(bytes(4096))
        except OSError:
            file.truncate(written - leave)


def state(ground: Ground) -> NetworkState:
    assert isinstance(ground.provider, Memory)
    return ordered(ground.provider.host.state())


def outcome(ground: Ground, padding: int) -> str:
    """How an application ends; "refused" when it did not begin. The padding makes the first line of the journal longer."""
    text = DOCUMENT.replace("  mtu: 1400\n", f"  mtu: 1400\n  description: {'x' * padding}\n")
    try:
        return asyncio.run(verbs.apply(document(text), Options(), ground=ground)).outcome
    except JournalFailure:
        return "refused"


def test_a_full_disk_never_leaves_anything_half_done(netns: object, tmp_path: pathlib.Path) -> None:
    """The less space, the earlier it is full: first all is done, then all is taken back, then nothing is touched."""
    outcomes = []
    for padding in range(1, 3000, 150):
        ground = small(tmp_path / str(padding))
        before = state(ground)
        ground.folder.prepare()
        fill(ground, 4 * 4096)
        outcomes.append(outcome(ground, padding))
        assert ground.folder.pending() == []
        assert (state(ground) == before) is (outcomes[-1] != "committed")
    assert list(dict.fromkeys(outcomes)) == ["committed", "rolled-back", "refused"]
