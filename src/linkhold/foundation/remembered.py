"""Answers that are worked out once for each argument."""

import functools
import typing

_F = typing.TypeVar("_F", bound=typing.Callable[..., typing.Any])


def remembered(function: _F) -> _F:
    """`functools.cache` with the signature of the function (to mypy a class is no hashable argument)."""
    return typing.cast("_F", functools.cache(function))
