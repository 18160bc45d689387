"""Links lead somewhere; promises name tests that exist; documents in pages are right."""

import argparse
import pathlib
import re
import shlex

import pytest
import yaml

from linkhold.cli import main
from linkhold.state.document import parse

REPOSITORY = pathlib.Path(__file__).parents[2]
PAGES = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), *(REPOSITORY / "examples").rglob("*.md")]
)
PROMISES = REPOSITORY / "docs/explanation/promises.md"
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def name(path: pathlib.Path) -> str:
    return str(path.relative_to(REPOSITORY))


def links(text: str) -> list[str]:
    return _LINK.findall(_FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """The places of a page that a link can lead to, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
    return made | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    broken = []
    for link in links(page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, place = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (place and target.suffix == ".md" and place not in anchors(target.read_text())):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_whole_documents_in_pages_are_right(page):
    """Those with a title are used by the commands around them, some because they are wrong."""
    for body in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        if re.match(r"(#.*\n)*(interfaces|routes|route-rules|dns-resolver|hostname):", body):
            parse(body)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_yaml_in_pages_is_yaml(page):
    for body in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        yaml.safe_load(body)


def command_lines(text: str) -> list[str]:
    """The command lines of ours in blocks of code and in backquotes, without what they are piped to."""
    blocks = [line for block in _FENCE.findall(text) for line in block.splitlines()]
    shown = [line.removeprefix("$ ").removeprefix("# ") for line in blocks if re.match(r"[$#] linkhold ", line)]
    spoken = re.findall(r"`(linkhold [a-z][^`]*)`", _FENCE.sub("", text))
    return [re.split(r" [|<>&]|[|;>]", line)[0] for line in (*shown, *spoken)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_command_lines_are_possible(page):
    for line in command_lines(page.read_text()):
        command, words = main.named(shlex.split(line.replace("…", "gateway"), comments=True)[1:])
        if command.startswith("-") or command.isupper() or command in main.GROUPS:
            continue
        parser = main.parser_of(command)
        parser.exit_on_error = False
        try:
            parser.parse_args([word.replace("SECONDS", "60").replace("NUMBER", "7") for word in words])
        except (SystemExit, argparse.ArgumentError):
            if words != ["--help"]:
                pytest.fail(f"{name(page)}: {line}")


def named_tests() -> list[str]:
    return sorted(set(re.findall(r"`(tests/\S+?::\S+?)`", PROMISES.read_text())))


def test_each_promise_names_tests():
    parts = re.split(r"^## (?=P\d)", PROMISES.read_text(), flags=re.MULTILINE)[1:]
    assert [part[:2] for part in parts] == ["P1", "P2", "P3", "P4", "P5", "P6", "P7"]
    for part in parts:
        assert re.search(r"`tests/\S+::\S+`", part), part.splitlines()[0]


@pytest.mark.parametrize("test", named_tests())
def test_the_tests_that_hold_a_promise_exist(test):
    file, *parts = test.split("::")
    text = (REPOSITORY / file).read_text()
    function = parts[-1].split("[")[0]
    assert re.search(rf"^\s*(async )?def {re.escape(function)}\(", text, re.MULTILINE)
    for scope in parts[:-1]:
        assert re.search(rf"^class {re.escape(scope)}\b", text, re.MULTILINE)


def test_files_that_pages_speak_of_exist():
    """`src/…`, `tests/…`, `docs/…`, `examples/…` and `packaging/…` in backquotes."""
    missing = []
    for page in PAGES:
        for path in re.findall(r"`((?:src|tests|docs|examples|packaging)/[\w./-]+)`", _FENCE.sub("", page.read_text())):
            if not (REPOSITORY / path).exists():
                missing.append(f"{name(page)}: {path}")
    assert missing == []


def test_make_targets_that_pages_speak_of_exist():
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z]+)", page.read_text())) <= targets, name(page)
