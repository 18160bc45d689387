"""Documents as tests: what stands in a block of Markdown is run, and what it prints is compared with what stands there.

A block that begins with ```` ```console runnable ```` holds commands (lines that begin with ``$``, continued by lines
that begin with ``>``) and what they print. All such blocks of a file are run in order, by one shell. In expected output
``…`` stands for anything within a line, and alone on a line for any number of lines. A command that fails is a mistake,
unless the next one is ``echo $?``. A block that begins with ```` ```yaml title="NAME" ```` is written to the file NAME.
"""

import pathlib
import re
import subprocess
import typing

MARK = "--- linkhold docs: end of output ---"
_BLOCK = re.compile(r"^```(?P<info>\S.*)\n(?P<body>(?:.*\n)*?)^```$", re.MULTILINE)
_TITLE = re.compile(r'title="([^"]+)"')


class File(typing.NamedTuple):
    """A file to write."""

    name: str
    text: str


class Command(typing.NamedTuple):
    """A command to run, the output it is said to print, and its line in the Markdown file."""

    words: str
    output: str
    line: int


Step = File | Command


def steps(markdown: str) -> list[Step]:
    """What a Markdown file wants done, in order."""
    found: list[Step] = []
    for block in _BLOCK.finditer(markdown):
        info, body = block["info"], block["body"]
        title = _TITLE.search(info)
        if title:
            found.append(File(title[1], body))
        elif info.split() == ["console", "runnable"]:
            found += _commands(body, markdown[: block.start("body")].count("\n") + 1)
    return found


def _commands(body: str, line: int) -> list[Command]:
    found: list[Command] = []
    for number, text in enumerate(body.splitlines(), line):
        if text.startswith("$ "):
            found.append(Command(text[2:], "", number))
        elif not found:
            raise ValueError(f"line {number}: output before the first command")
        elif (text == ">" or text.startswith("> ")) and not found[-1].output:
            found[-1] = found[-1]._replace(words=f"{found[-1].words}\n{text[2:]}")
        else:
            found[-1] = found[-1]._replace(output=f"{found[-1].output}{text}\n")
    return found


class Shell:
    """One shell that runs command after command."""

    def __init__(self, folder: pathlib.Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, words: str) -> tuple[str, int]:
        """What a command prints, and its exit code (which ``$?`` is for the next one)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f'{words}\n__code=$?; printf "\\n%s %s\\n" "{MARK}" $__code; (exit $__code)\n')
        self._process.stdin.flush()
        output = ""
        for line in self._process.stdout:
            if line.startswith(MARK):
                return output.removesuffix("\n"), int(line.split()[-1])
            output += line
        raise EOFError(f"the shell ended while it ran {words!r}")

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def follow(markdown: str, shell: Shell) -> list[str]:
    """Do what a file says; what was not as it says."""
    wrong: list[str] = []
    todo = steps(markdown)
    for number, step in enumerate(todo):
        if isinstance(step, File):
            (shell.folder / step.name).write_text(step.text)
            continue
        output, code = shell.run(step.words)
        following = todo[number + 1] if number + 1 < len(todo) else None
        expected_to_fail = isinstance(following, Command) and following.words == "echo $?"
        if code and not expected_to_fail:
            wrong.append(f"line {step.line}: {step.words!r} ended with {code}:\n{output}")
        elif not matches(step.output, output):
            wrong.append(f"line {step.line}: {step.words!r} printed\n{output}\nand not\n{step.output}")
    return wrong


def matches(expected: str, output: str) -> bool:
    """Whether an output is as said."""
    return re.fullmatch(pattern(expected), _trimmed(output)) is not None


def pattern(expected: str) -> str:
    """A regular expression for an expected output with ``…`` in it."""
    parts = []
    for line in _trimmed(expected).splitlines(keepends=True):
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*")
        else:
            parts.append(".*".join(re.escape(piece) for piece in line.split("…")))
    return "".join(parts)


def _trimmed(text: str) -> str:
    return "".join(line.rstrip() + "\n" for line in text.strip("\n").splitlines())
