"""A pytest plugin: several pytest processes share one collection, each taking the next file that nobody has taken yet.

`--share FOLDER` names a folder that they have in common. A file is taken by making a folder of its number in there, which only
one of them can, also where the folder is the machine's and the processes are in guests (a file could be made twice there:
hostfs leaves out O_EXCL). The tests of a file stay together, for module fixtures are dear in a guest. Whoever has a long file
leaves the short ones to the others.
"""

import collections.abc
import itertools
import pathlib

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("linkhold")
    group.addoption("--share", metavar="FOLDER", help="run only the files that no other process with this folder takes")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """As pytest's own (`_pytest.main.pytest_runtestloop`), over what is taken on the way instead of over everything."""
    folder = session.config.getoption("--share")
    if not folder or session.config.getoption("collectonly"):
        return None
    if session.testsfailed and not session.config.option.continue_on_collection_errors:
        raise session.Interrupted(f"{session.testsfailed} errors during collection")
    mine = taken(session.items, pathlib.Path(folder))
    for item, following in itertools.pairwise(itertools.chain(mine, [None])):
        assert item is not None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
    return True


def taken(items: collections.abc.Iterable[pytest.Item], folder: pathlib.Path) -> collections.abc.Iterator[pytest.Item]:
    """The tests of the files that we get, file by file; a file is taken only when its first test is asked for."""
    for number, (_, group) in enumerate(itertools.groupby(items, key=lambda item: item.path)):
        if take(folder / str(number)):
            yield from group


def take(mark: pathlib.Path) -> bool:
    """Whether it is ours: nobody was there before."""
    try:
        mark.mkdir()
    except FileExistsError:
        return False
    return True
