"""The plugin by which processes share the tests: each file goes to exactly one of them, and none is left out."""

import collections
import json
import pathlib
import subprocess
import sys

from tests.architecture import source
from tests.lab import shares

FILES = 12
TESTS = "import time, pytest\n@pytest.mark.parametrize('n', range(3))\ndef test_it(n): time.sleep(0.01)\n"


def processes(folder: pathlib.Path, count: int) -> list[tuple[int, list[str]]]:
    """Run so many side by side over the files in a folder; the status of each, and the tests that it ran."""
    (folder / "share").mkdir()
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(source.REPOSITORY / "pyproject.toml"),
        "--rootdir",
        str(folder),
    ]
    plugins = [*("-p", "no:cacheprovider"), *("-p", "tests.lab.places"), *("-p", "tests.lab.shares")]
    started = [
        subprocess.Popen(
            [*command, *plugins, "--ledger", f"{folder}/{number}", "--share", str(folder / "share"), str(folder)],
            cwd=source.REPOSITORY,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        for number in range(count)
    ]
    found = []
    for number, one in enumerate(started):
        status = one.wait()
        found.append((status, [json.loads(line)["node"] for line in (folder / str(number)).read_text().splitlines()]))
    return found


def test_each_file_goes_to_one_process_and_all_of_it(tmp_path: pathlib.Path) -> None:
    for number in range(FILES):
        (tmp_path / f"test_{number}.py").write_text(TESTS)
    ran = processes(tmp_path, 3)
    assert {status for status, _ in ran} <= {0, 5}
    times = collections.Counter(node for _, nodes in ran for node in nodes)
    assert len(times) == 3 * FILES
    assert set(times.values()) == {1}
    holders = collections.Counter(file for _, nodes in ran for file in {node.partition("::")[0] for node in nodes})
    assert set(holders.values()) == {1}


def test_what_was_taken_is_taken(tmp_path: pathlib.Path) -> None:
    assert shares.take(tmp_path / "7")
    assert not shares.take(tmp_path / "7")
