"""What stands in tutorials and guides happens when one types it."""

import os
import pathlib
import sys

import pytest

from tests.docs import console

REPOSITORY = pathlib.Path(__file__).parents[2]
RUNNABLE = [
    path
    for path in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md")))
    if path.exists() and console.steps(path.read_text())
]


@pytest.fixture
def shell(netns, tmp_path):
    """A shell on a host of its own: two NICs in a fresh namespace, a state directory, files of /etc elsewhere."""
    for number in "12":
        mac = f"02:00:5e:10:00:0{number}"
        netns.ip("link", "add", f"eth{number}", "address", mac, "type", "veth", "peer", f"switch{number}")
        netns.ip("link", "set", f"switch{number}", "up")
    root, folder = tmp_path / "root", tmp_path / "work"
    (root / "etc").mkdir(parents=True)
    folder.mkdir()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("LINKHOLD_")},
        "PATH": f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LINKHOLD_ROOT": str(root),
        "LINKHOLD_STATE_DIR": str(tmp_path / "state"),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
    }
    environment.pop("SSH_CONNECTION", None)
    one = console.Shell(folder, environment)
    yield one
    one.close()


@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: str(path.relative_to(REPOSITORY)))
@pytest.mark.needs("bridge")
@pytest.mark.limit(60)
def test_what_is_said_happens(path, shell):
    wrong = console.follow(path.read_text(), shell)
    assert wrong == [], "\n\n".join(wrong)


def test_the_tutorial_is_among_them():
    assert REPOSITORY / "docs/tutorial/first-network.md" in RUNNABLE


class TestTheRunner:
    def test_commands_and_their_output(self):
        text = (
            'Text.\n\n```console runnable\n$ echo a\na\n$ cat <<X\n> b\n> X\nb\n```\n\n```yaml title="f"\nc: d\n```\n'
        )
        assert console.steps(text) == [
            console.Command("echo a", "a\n", 4),
            console.Command("cat <<X\nb\nX", "b\n", 6),
            console.File("f", "c: d\n"),
        ]

    def test_other_blocks_are_left_alone(self):
        assert console.steps("```console\n$ rm -rf /\n```\n```sh\nfalse\n```\n") == []

    def test_output_is_compared(self):
        assert console.matches("a\n", "a\n")
        assert not console.matches("a\n", "b\n")
        assert not console.matches("", "b\n")
        assert console.matches("took … s\n", "took 0.3 s\n")
        assert not console.matches("took … s\n", "took 0.3 h\n")
        assert console.matches("a\n…\nd\n", "a\nb\nc\nd\n")
        assert console.matches("a\n…\nd\n", "a\nd\n")
        assert not console.matches("a\n…\nd\n", "a\nb\n")

    def test_a_failing_command_is_told(self, shell):
        assert console.follow("```console runnable\n$ false\n```\n", shell)[0].startswith(
            "line 2: 'false' ended with 1"
        )
        assert console.follow("```console runnable\n$ false\n$ echo $?\n1\n```\n", shell) == []

    def test_what_is_printed_and_not_said_is_told(self, shell):
        assert console.follow("```console runnable\n$ echo a\n```\n", shell) != []

    def test_variables_last(self, shell):
        assert console.follow("```console runnable\n$ a=7\n$ echo $a\n7\n```\n", shell) == []
