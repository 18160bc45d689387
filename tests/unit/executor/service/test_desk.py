"""The desk: a closed table, checked params, and every way in which something goes wrong as a coded error."""

import asyncio
import json
import typing

import pytest

from linkhold.executor.service.access import Access
from linkhold.executor.service.desk import Desk, Verb
from linkhold.executor.service.params import whole
from linkhold.executor.setup.outcome import Unsuccessful
from linkhold.foundation.diagnostics import Diagnostics, Invalid
from linkhold.foundation.failures import Busy, Refused
from linkhold.foundation.logs import Log
from linkhold.networks import codes
from linkhold.networks.request import Rejected
from linkhold.wire.call import RpcError
from linkhold.wire.local_server import Credentials, LocalCall


def log_to(lines: list[bytes]) -> Log:
    return Log("executor", write=lines.append, journal=False)


def call(verb: str, **params: typing.Any) -> LocalCall:
    return LocalCall(verb, params, "r1", Credentials(7, 0, 0), typing.cast("typing.Any", None))


def desk(
    work: typing.Callable[[LocalCall], typing.Any], lines: list[bytes] | None = None, *, quiet: bool = False
) -> Desk:
    async def answer(asked: LocalCall) -> object:
        return work(asked)

    return Desk({"count": Verb({"many": whole(3)}, answer, quiet)}, log_to([] if lines is None else lines))


def ask(at: Desk, asked: LocalCall) -> object:
    return asyncio.run(at.answer(asked))


def error_of(problem: BaseException, lines: list[bytes] | None = None) -> RpcError:
    def fail(asked: LocalCall) -> typing.NoReturn:
        raise problem

    with pytest.raises(RpcError) as caught:
        ask(desk(fail, lines), call("count"))
    return caught.value


def test_a_verb_is_given_its_params_with_defaults() -> None:
    assert ask(desk(lambda asked: asked.params), call("count")) == {"many": 3}
    assert ask(desk(lambda asked: asked.params), call("count", many=5)) == {"many": 5}


def test_there_are_no_other_verbs() -> None:
    with pytest.raises(RpcError) as caught:
        ask(desk(lambda asked: 1), call("cuont"))
    assert caught.value.code == -32601
    assert "did you mean 'count'?" in caught.value.message


@pytest.mark.parametrize("name", ["__class__", "answer", "", "x" * 100_000])
def test_names_that_mean_something_elsewhere_mean_nothing(name: str) -> None:
    with pytest.raises(RpcError) as caught:
        ask(desk(lambda asked: 1), call(name))
    assert caught.value.code == -32601
    assert len(caught.value.message) < 300


def test_wrong_params_are_refused_before_anything_is_done() -> None:
    done: list[LocalCall] = []
    with pytest.raises(RpcError) as caught:
        ask(desk(done.append), call("count", many="5"))
    assert caught.value.code == -32602
    assert done == []


def rejected() -> Rejected:
    found = Diagnostics()
    found.error("bad-vlan", ("networks",), "VLAN id out of range")
    return Rejected(found)


def invalid() -> Invalid:
    found = Diagnostics()
    found.error("kind", ("interfaces",), "no such kind")
    return Invalid(found)


@pytest.mark.parametrize(
    ("problem", "code", "words"),
    [
        (rejected(), codes.BAD_VLAN, "VLAN id out of range"),
        (invalid(), codes.BAD_PARAMS, "no such kind"),
        (Busy("process 7"), codes.UNAVAILABLE, "Resource unavailable"),
        (Refused("the kernel said no", answer="EPERM"), codes.FAILED_IFUP, "the kernel said no"),
        (Unsuccessful(10, "connectivity check failed", {"a": 1}), 10, "connectivity check failed"),
        (RpcError(-32602, "no"), -32602, "no"),
        (ZeroDivisionError("oh"), -32603, "ZeroDivisionError: oh"),
    ],
    ids=["rejected", "invalid", "busy", "refused", "unsuccessful", "own", "bug"],
)
def test_what_goes_wrong_has_a_number_and_words(problem: Exception, code: int, words: str) -> None:
    error = error_of(problem)
    assert error.code == code
    assert words in error.message


def test_the_answer_of_the_kernel_is_among_the_data() -> None:
    error = error_of(Refused("no", answer="EPERM"))
    assert typing.cast("dict[str, object]", error.data)["answer"] == "EPERM"


def test_a_mistake_of_ours_is_logged_with_its_traceback() -> None:
    lines: list[bytes] = []
    error_of(ZeroDivisionError("oh"), lines)
    told = [json.loads(line) for line in lines]
    assert [line["event"] for line in told] == ["bug", "answered"]
    assert any("test_desk" in part for part in told[0]["traceback"])
    assert told[0]["request"] == "r1"


def test_what_is_asked_all_the_time_is_not_logged_unless_it_fails() -> None:
    lines: list[bytes] = []
    ask(desk(lambda asked: 1, lines, quiet=True), call("count"))
    assert lines == []
    with pytest.raises(RpcError):
        ask(desk(lambda asked: int("x"), lines, quiet=True), call("count"))
    assert lines


@pytest.mark.parametrize(
    ("uid", "agent", "admitted"),
    [(0, 990, True), (990, 990, True), (1000, 990, False), (0, None, True), (990, None, False), (65534, None, False)],
)
def test_who_may_ask(uid: int, agent: int | None, admitted: bool) -> None:
    lines: list[bytes] = []
    assert Access(agent, log_to(lines)).admits(uid, 7) is admitted
    assert [json.loads(line)["uid"] for line in lines] == ([] if admitted else [uid])
