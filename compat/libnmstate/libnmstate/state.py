"""Comparing states as nmstate does: what is desired has to be there, what else is there does not matter."""

import collections.abc
import typing


def state_match(desire: typing.Any, current: typing.Any) -> bool:
    """Whether `current` is as `desire` says: each key of a map, each element of a list in its place, each value."""
    if isinstance(desire, collections.abc.Mapping):
        return isinstance(current, collections.abc.Mapping) and all(
            state_match(value, current.get(key)) for key, value in desire.items()
        )
    if isinstance(desire, collections.abc.Sequence) and not isinstance(desire, str):
        return (
            isinstance(current, collections.abc.Sequence)
            and not isinstance(current, str)
            and len(current) == len(desire)
            and all(state_match(one, other) for one, other in zip(desire, current, strict=True))
        )
    return bool(desire == current)


def merge_dict(dict_to: dict[str, typing.Any], dict_from: collections.abc.Mapping[str, typing.Any]) -> None:
    """Put into `dict_to` what `dict_from` has and it has not, map by map."""
    for key, value in dict_from.items():
        if key not in dict_to:
            dict_to[key] = value
        elif isinstance(dict_to[key], dict) and isinstance(value, collections.abc.Mapping):
            merge_dict(dict_to[key], value)
