"""Which exception stands for which problem, and in which words."""

import typing

import pytest

from libnmstate import error
from libnmstate.causes import kind_of, translated
from linkhold.aio import NotApplied, Stranded
from linkhold.foundation import failures
from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid
from linkhold.foundation.record import UNSET
from linkhold.planning.change import Plan
from linkhold.transaction.confirm import NothingToConfirm
from linkhold.transaction.result import SENTENCES, Result
from linkhold.transaction.why import Explained


def raised(problem: BaseException) -> error.NmstateError:
    with pytest.raises(error.NmstateError) as caught, translated():
        raise problem
    return caught.value


@pytest.mark.parametrize(
    ("failure", "classes", "kind"),
    [
        (failures.Refused("no", answer="EINVAL"), [error.NmstatePluginError], "PluginFailure"),
        (failures.Busy("another"), [error.NmstateConflictError, error.NmstateInternalError], "Bug"),
        (failures.NotPermitted("not root"), [error.NmstatePermissionError, PermissionError], "PermissionError"),
        (failures.Unsupported("no module"), [error.NmstateNotSupportedError], "NotSupportedError"),
        (failures.TimedOut("too slow"), [error.NmstatePluginError], "PluginFailure"),
        (NothingToConfirm("none"), [error.NmstateInternalError, error.NmstateValueError], "Bug"),
        (
            failures.Refused("no", answer="bad (org.freedesktop.NetworkManager.Settings.Connection.InvalidProperty)"),
            [error.NmstateValueError],
            "InvalidArgument",
        ),
        (KeyError("a mistake of ours"), [error.NmstateInternalError], "Bug"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_failures(failure: Exception, classes: list[type[Exception]], kind: str) -> None:
    told = raised(failure)
    assert all(isinstance(told, cls) for cls in classes)
    assert kind_of(told) == kind
    assert told.__cause__ is failure
    answer = getattr(failure, "answer", "")
    assert answer in str(told)


def not_applied(cause: failures.Failure, **more: typing.Any) -> NotApplied:
    result = Result(outcome="rolled-back", sentence=SENTENCES["rolled-back"], plan=Plan(), reason=str(cause), **more)
    problem = NotApplied(result)
    problem.__cause__ = cause
    return problem


def test_what_was_taken_back_is_told_by_what_caused_it() -> None:
    assert isinstance(raised(not_applied(failures.NotPermitted("no"))), error.NmstatePermissionError)
    assert isinstance(raised(not_applied(failures.Refused("no"))), error.NmstatePluginError)


def test_what_could_not_be_put_back_is_told_as_well() -> None:
    missing = (Explained(path="interfaces[eth1].mtu", desired=1500, current=1400),)
    result = Result(outcome="stranded", sentence=SENTENCES["stranded"], plan=Plan(), missing=missing)
    problem = Stranded(result)
    problem.__cause__ = failures.Refused("no")
    assert "Not put back: interfaces[eth1].mtu" in str(raised(problem))


@pytest.mark.parametrize(
    ("path", "desired", "current", "text"),
    [
        ("interfaces[eth1].mtu", 1400, 1500, "Verification failure: eth1.interface.mtu desire '1400', current '1500'"),
        (
            "interfaces[br0].bridge.options.stp.enabled", True, UNSET,
            "Verification failure: br0.interface.bridge.options.stp.enabled desire 'true', current 'null'",
        ),
        ("interfaces[eth1]", "up", UNSET, "Failed to find desired interface eth1"),
        ("interfaces[br0].state", "absent", "up", "Absent/Down interface br0/ still found as up"),
        ("routes.config[0]", {"destination": "x"}, UNSET, 'Desired route {"destination":"x"} not found after apply'),
        ("routes.config[0]", "absent", {"a": 1}, 'Desired absent route still found after apply: {"a":1}'),
        ("route-rules.config[0]", {"a": 1}, UNSET, 'Desired route rule {"a":1} not found after apply'),
        (
            "dns-resolver.config.server", ["1.1.1.1", "8.8.8.8"], [],
            "Failed to apply DNS config: desire name servers '1.1.1.1 8.8.8.8', got ''",
        ),
        ("hostname.config", "a", "b", "Verification fail, desire hostname.config: a, current: b"),
        ("ovs-db.external_ids", {}, UNSET, "Verification failure: ovs-db.external_ids desire '{}', current 'null'"),
    ],
)  # fmt: skip
def test_differences_in_the_words_of_nmstate(path: str, desired: object, current: object, text: str) -> None:
    mismatches = (
        Explained(path=path, desired=desired, current=current, why="because"),
        Explained(path="interfaces[eth9].mtu", desired=1, current=2, advisory=True),
    )
    told = raised(not_applied(failures.VerificationFailed("1 thing", mismatches), mismatches=mismatches))
    assert isinstance(told, error.NmstateVerificationError)
    assert str(told) == f"{text} (because)"
    assert kind_of(told) == "VerificationError"


def mistakes(*codes: str, path: tuple[str | int, ...] = ("interfaces",)) -> Invalid:
    return Invalid(Diagnostics(Diagnostic(code=code, path=path, message=f"wrong: {code}") for code in codes))


def test_mistakes_are_told_all_at_once() -> None:
    told = raised(mistakes("value", "unknown-key"))
    assert isinstance(told, error.NmstateValueError)
    assert {"interfaces: wrong: value", "interfaces: wrong: unknown-key"} == set(str(told).splitlines())


def test_secrets_are_not_told() -> None:
    mismatches = (Explained(path="interfaces[ms0].macsec.mka-cak", desired="word", current="other", secret=True),)
    told = raised(not_applied(failures.VerificationFailed("1 thing", mismatches), mismatches=mismatches))
    assert "word" not in str(told)
