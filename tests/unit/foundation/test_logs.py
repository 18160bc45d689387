"""The structured log: one JSON object a line, levels, bound fields, no secrets."""

import json
import subprocess
import sys
import typing

import pytest

from linkhold.foundation.logs import HIDDEN, Log, masked
from linkhold.foundation.record import Record
from linkhold.state.fields import Secret, fields_of
from linkhold.state.interfaces import KINDS, kind_class


class Lines(list[bytes]):
    def values(self) -> list[dict[str, typing.Any]]:
        return [json.loads(line) for line in self]


def log_to(lines: Lines, **options: typing.Any) -> Log:
    return Log("executor", write=lines.append, now=lambda: 1_700_000_000.25, journal=False, **options)


def test_a_line_is_one_json_object_with_its_event_and_fields() -> None:
    lines = Lines()
    log_to(lines).info("setup-began", request="r1", networks=["red", "blue"])
    assert lines[0].endswith(b"\n")
    assert lines[0].count(b"\n") == 1
    assert lines.values() == [
        {
            "at": "2023-11-14T22:13:20.250+00:00",
            "level": "info",
            "logger": "executor",
            "event": "setup-began",
            "request": "r1",
            "networks": ["red", "blue"],
        }
    ]


def test_a_text_with_line_ends_stays_one_line() -> None:
    lines = Lines()
    log_to(lines).error("failed", reason="one\ntwo\r\nthree\u2028four")
    assert len(lines[0].splitlines()) == 1
    assert lines.values()[0]["reason"] == "one\ntwo\r\nthree\u2028four"


def test_what_is_bound_stands_in_every_line_and_can_be_overruled() -> None:
    lines = Lines()
    bound = log_to(lines).bound(request="r1", phase="plan")
    bound.info("one")
    bound.warning("two", phase="apply")
    assert [(one["request"], one["phase"], one["level"]) for one in lines.values()] == [
        ("r1", "plan", "info"),
        ("r1", "apply", "warning"),
    ]


def test_lines_below_the_least_level_are_not_written() -> None:
    lines = Lines()
    log = log_to(lines, least="warning")
    log.debug("a")
    log.info("b")
    log.warning("c")
    log.error("d")
    assert [one["event"] for one in lines.values()] == ["c", "d"]


@pytest.mark.parametrize(
    "key", ["password", "private-key-password", "private_key_password", "mka-cak", "psk", "Token", "shared-secret"]
)
def test_secrets_are_hidden_at_any_depth(key: str) -> None:
    lines = Lines()
    log_to(lines).info("desired", document={"interfaces": [{"name": "eth1", "802.1x": {key: "hush"}}]})
    assert b"hush" not in lines[0]
    assert lines.values()[0]["document"] == {"interfaces": [{"name": "eth1", "802.1x": {key: HIDDEN}}]}


def secret_fields() -> set[str]:
    """The keys of all fields of documents that are marked as secrets, and of fields within these."""
    for name in KINDS:
        kind_class(name)
    waiting, found = [Record], set()
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.__module__.startswith("linkhold.state"):
            found |= {one.key for one in fields_of(cls).values() if one.has(Secret)}
    return found


def test_nothing_that_a_document_marks_as_secret_is_told() -> None:
    keys = secret_fields()
    assert {"private-key", "preshared-key", "mka-cak", "psk", "password"} <= keys
    assert masked(dict.fromkeys(keys, "hush")) == dict.fromkeys(keys, HIDDEN)


def test_what_only_sounds_like_a_secret_stays() -> None:
    told = {"passwordless": True, "key": 1, "tokens": 2, "password": "", "token": None, "route-table-id": 254}
    assert masked(told) == told


def test_values_are_not_changed_by_masking() -> None:
    document = {"password": "hush", "list": [{"token": "hush"}]}
    masked(document)
    assert document == {"password": "hush", "list": [{"token": "hush"}]}


def test_a_bug_brings_its_traceback() -> None:
    lines = Lines()
    try:
        raise RuntimeError("oh")
    except RuntimeError as error:
        log_to(lines).bug("bug", error)
    [line] = lines.values()
    assert line["error"] == "RuntimeError('oh')"
    assert any("test_logs" in part for part in line["traceback"])


def test_the_journal_is_told_the_level() -> None:
    lines = Lines()
    Log("agent", write=lines.append, journal=True).warning("slow")
    assert lines[0].startswith(b'<4>{"at"')


def test_it_goes_to_standard_error() -> None:
    code = "from linkhold.foundation.logs import Log; Log('x').info('hello')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stderr.lstrip(b"<6>"))["event"] == "hello"
    assert done.stdout == b""


def test_what_modules_log_by_themselves_is_taken_in() -> None:
    code = (
        "import logging; from linkhold.foundation.logs import Log, take_in; take_in(Log('x'));"
        "logging.getLogger('wire').warning('refused %d', 7); logging.getLogger('wire').debug('no')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    [line] = [json.loads(one.lstrip(b"<4>")) for one in done.stderr.splitlines()]
    assert (line["logger"], line["level"], line["event"], line["message"]) == (
        "wire",
        "warning",
        "message",
        "refused 7",
    )
