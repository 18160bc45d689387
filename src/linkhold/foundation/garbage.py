"""Work that makes many thousand values and throws none away."""

import functools
import gc
import typing

_P = typing.ParamSpec("_P")
_T = typing.TypeVar("_T")


def uncollected(function: typing.Callable[_P, _T]) -> typing.Callable[_P, _T]:
    """The function, run without the collector of cyclic garbage.

    The collector looks at all that is alive whenever its number has grown by a quarter: while a large state is read,
    planned or compared that happens again and again, and finds nothing.
    """

    @functools.wraps(function)
    def undisturbed(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        if not gc.isenabled():
            return function(*args, **kwargs)
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            gc.enable()

    return undisturbed
