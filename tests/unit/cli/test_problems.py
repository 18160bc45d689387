"""What goes wrong, in words and as JSON, with its exit code."""

import json

import pytest

from linkhold.cli import codes
from linkhold.cli.interrupts import Interrupted
from linkhold.cli.problems import guarded
from linkhold.foundation import failures
from linkhold.foundation.diagnostics import Diagnostics, Invalid, Key
from linkhold.transaction.confirm import NothingToConfirm
from linkhold.transaction.result import SENTENCES


def raising(problem):
    def work():
        raise problem

    return work


def mistakes(*found):
    collected = Diagnostics()
    for code, message in found:
        collected.error(code, ("interfaces", Key("eth1"), "mtu"), message, expected="a number", hint="say 1500")
    return Invalid(collected)


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (failures.Busy("taken"), codes.BUSY),
        (failures.NotPermitted("no"), codes.NOT_PERMITTED),
        (failures.Unsupported("no module"), codes.UNAVAILABLE),
        (failures.RollbackFailed("half"), codes.STRANDED),
        (failures.Refused("no"), codes.FAILED),
        (failures.TimedOut("late"), codes.FAILED),
        (NothingToConfirm("none"), codes.FAILED),
        (mistakes(("value", "wrong")), codes.INVALID),
        (mistakes(("unsupported", "not here")), codes.UNAVAILABLE),
        (mistakes(("unsupported", "not here"), ("value", "wrong")), codes.INVALID),
        (KeyboardInterrupt(), codes.INTERRUPTED),
        (Interrupted(15, SENTENCES["rolled-back"]), 143),
        (Interrupted(2, SENTENCES["stranded"] + "\ninterfaces[eth1].mtu"), codes.STRANDED),
    ],
    ids=repr,
)
def test_exit_codes(problem, code, capsys):
    assert guarded(raising(problem)) == code
    assert code in codes.EXIT_CODES or code == 143
    text, complaint = capsys.readouterr()
    assert text == ""
    assert "linkhold: " in complaint


def test_a_failure_in_words(capsys):
    guarded(raising(failures.Refused("eth1 can't have that", answer="EINVAL")))
    assert capsys.readouterr().err == "linkhold: Refused: eth1 can't have that\n    answer: EINVAL\n"


def test_a_plain_failure_needs_no_class(capsys):
    guarded(raising(failures.Permanent("can't read x.yml: No such file or directory")))
    assert capsys.readouterr().err == "linkhold: can't read x.yml: No such file or directory\n"


def test_a_failure_as_json_is_all_there_is(capsys):
    assert guarded(raising(failures.Busy("taken", answer="by him")), as_json=True) == 75
    text, complaint = capsys.readouterr()
    assert complaint == ""
    assert json.loads(text) == {"error": "Busy", "message": "taken", "exit-code": 75, "answer": "by him"}


def test_mistakes_as_json(capsys):
    assert guarded(raising(mistakes(("value", "wrong"))), as_json=True) == 65
    told = json.loads(capsys.readouterr().out)
    assert told["error"] == "Invalid"
    assert told["diagnostics"] == [
        {
            "severity": "error",
            "code": "value",
            "path": "interfaces[eth1].mtu",
            "source": "",
            "line": 0,
            "column": 0,
            "message": "wrong",
            "expected": "a number",
            "hint": "say 1500",
        }
    ]


def test_mistakes_in_words(capsys):
    guarded(raising(mistakes(("value", "wrong"), ("range", "too much"))))
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "linkhold: 2 mistakes; nothing was touched"
    assert "error[value] interfaces[eth1].mtu: wrong" in lines
    assert "    hint: say 1500" in lines


def test_a_traceback_where_it_was_asked_for(capsys):
    guarded(raising(failures.Permanent("no")), traceback=True)
    assert "Traceback" in capsys.readouterr().err


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        guarded(lambda: 1 // 0)
