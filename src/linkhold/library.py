"""The library for plain code: each function of `linkhold.aio`, run to its end before it returns."""

import functools
import typing

from linkhold import aio

if typing.TYPE_CHECKING:
    from linkhold.generating.files import Format

_P = typing.ParamSpec("_P")
_T = typing.TypeVar("_T")
_Coroutine = typing.Coroutine[typing.Any, typing.Any, _T]


def _at_once(function: typing.Callable[_P, _Coroutine[_T]]) -> typing.Callable[_P, _T]:
    """For what only looks: where all providers answer in line, no event loop is needed (importing one takes longer)."""

    @functools.wraps(function)
    def plain(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        from linkhold.executor import host
        from linkhold.foundation.driving import drive, run

        return (run if host.waits() else drive)(function(*args, **kwargs))

    return plain


def _to_the_end(function: typing.Callable[_P, _Coroutine[_T]]) -> typing.Callable[_P, _T]:
    """For what waits: for verification, probes, locks."""

    @functools.wraps(function)
    def plain(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        from linkhold.foundation.driving import run

        return run(function(*args, **kwargs))

    return plain


show = _at_once(aio.show)
plan = _at_once(aio.plan)
apply = _to_the_end(aio.apply)
confirm = _to_the_end(aio.confirm)
commit = confirm
rollback = _to_the_end(aio.rollback)
restore = _to_the_end(aio.restore)
drift = _at_once(aio.drift)
history = _at_once(aio.history)
evaluate_policy = _at_once(aio.evaluate_policy)
generate_differences = _at_once(aio.generate_differences)
generate_inverse = _at_once(aio.generate_inverse)
statistic = _at_once(aio.statistic)
autoconf = _at_once(aio.autoconf)
serve = _to_the_end(aio.serve)


def generate_configurations(
    document: aio.Document, *, kind: "Format" = "networkmanager"
) -> dict[str, list[tuple[str, str]]]:
    """`linkhold.aio.generate_configurations`, which looks at no host and so never waits."""
    from linkhold.foundation.driving import drive

    return drive(aio.generate_configurations(document, kind=kind))
