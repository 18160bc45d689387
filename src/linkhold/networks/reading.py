"""A setup-networks request as the centre sends it, read, completed and checked.

Sources: vdsm's ``network/canonicalize.py`` and ``network/validator.py``, and what the engine is known to send.
"""

import math
import typing

from linkhold.foundation.diagnostics import Key, Path
from linkhold.networks import check
from linkhold.networks.bond_attributes import read_bond
from linkhold.networks.completing import complete
from linkhold.networks.configuration import Configuration
from linkhold.networks.drafts import Asked
from linkhold.networks.facts import Facts
from linkhold.networks.mistakes import Mistakes, Stage
from linkhold.networks.network_attributes import read_network
from linkhold.networks.request import Rejected, SetupOptions, SetupRequest
from linkhold.networks.said import Said, flag_of, is_writable
from linkhold.networks.seen import see
from linkhold.state.network import NetworkState
from linkhold.state.scalars import Plain, shown

_SECTIONS: typing.Final = frozenset({"networks", "bondings", "options", "requester"})
_OPTIONS: typing.Final = frozenset({"connectivityCheck", "connectivityTimeout", "commitOnSuccess", "_inRollback"})
LEAST_TIMEOUT: typing.Final = 1.0
"""Seconds; whoever gives less (vdsm takes 0) is waited for as long as this."""
MOST_TIMEOUT: typing.Final = 86_400.0


def read(raw: Plain, running: Configuration, current: NetworkState, facts: Facts) -> SetupRequest:
    """The request that `raw` is (``{"networks": …, "bondings": …, "options": …}``), canonical and complete.

    Raises:
        Rejected: with every mistake that can be seen without carrying it out.
    """
    found = Mistakes()
    if not _can_be_written(raw):
        message, hint = "a text in it can't be written as UTF-8", "half of a surrogate pair, as in \\ud800"
        found.error(Stage.SHAPE, "bad-params", (), message, hint=hint)
        raise Rejected(found.in_order())
    if not isinstance(raw, typing.Mapping):
        found.error(Stage.SHAPE, "bad-params", (), f"{shown(raw)} is not a map", expected="a map")
        raise Rejected(found.in_order())
    said = Said(raw, (), found)
    said.warn_of_unknown(_SECTIONS)
    host = see(current, facts)
    asked = complete(_asked(said), running, host)
    options = _read_options(Said(said.section("options"), ("options",), found))
    switches = check.check(asked, running, host, found)
    mistakes = found.in_order()
    if mistakes.errors():
        raise Rejected(mistakes)
    return SetupRequest(
        networks=dict.fromkeys(asked.removed_networks) | {name: one.network for name, one in asked.networks.items()},
        bondings=dict.fromkeys(asked.removed_bonds) | {name: one.bonding for name, one in asked.bonds.items()},
        options=options,
        switches=switches,
        warnings=found.warnings(),
    )


def _can_be_written(raw: Plain) -> bool:
    """Whether all texts are text, keys and all; level by level, as recursion has its limits and a request may be deep."""
    waiting: list[Plain] = [raw]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and not is_writable(one):
            return False
        if isinstance(one, typing.Mapping):
            waiting += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one
    return True


def _asked(said: Said) -> Asked:
    found = said.found
    asked = Asked({}, {}, {}, {})
    for name, at, inner in _maps(said, "networks", "bad-bridge"):
        if _removed(Said(inner, at, found), may_stay=frozenset({"custom"})):
            asked.removed_networks[name] = at
        else:
            asked.networks[name] = read_network(inner, at, found)
    for name, at, inner in _maps(said, "bondings", "bad-bonding"):
        if _removed(Said(inner, at, found), may_stay=None):
            asked.removed_bonds[name] = at
        else:
            asked.bonds[name] = read_bond(inner, at, found)
    return asked


def _maps(said: Said, section: str, code: str) -> typing.Iterator[tuple[str, Path, dict[str, Plain]]]:
    """Each network or bond by name with its place and its map."""
    for name, inner in said.section(section).items():
        at: Path = (section, Key(name))
        if isinstance(inner, dict):
            yield name, at, inner
        else:
            message = f"{shown(inner)} is not a map"
            said.found.error(Stage.SHAPE, code, at, message, expected="a map of attributes", hint="remove: true?")


def _removed(said: Said, *, may_stay: frozenset[str] | None) -> bool:
    """Whether this is to go; `may_stay` are the attributes that may be said as well, None for any.

    ``remove: false`` says nothing. (vdsm takes it for a removal in some places, and not in others.)
    """
    if not said.has("remove"):
        return False
    if flag_of(said.raw["remove"]) is None:
        said.flag("remove")
        return False
    others = said.names - {"remove"} - (may_stay or frozenset())
    removed = said.flag("remove")
    if removed and others and may_stay is not None:
        message = "Cannot specify any attribute when removing (other than custom properties)"
        hint = "leave out " + ", ".join(sorted(others))
        said.found.error(Stage.NETWORK, "bad-params", said.at, message, expected="remove alone", hint=hint)
    return removed


def _read_options(said: Said) -> SetupOptions:
    said.warn_of_unknown(_OPTIONS)
    return SetupOptions(
        connectivity_check=said.flag("connectivityCheck", True),
        connectivity_timeout=_timeout(said),
        commit_on_success=said.flag("commitOnSuccess"),
    )


def _timeout(said: Said) -> float:
    """Seconds for the centre to be heard, as number or text."""
    name = "connectivityTimeout"
    if not said.has(name):
        return SetupOptions.connectivity_timeout
    seconds = _seconds(said.raw[name])
    if not 0 <= seconds <= MOST_TIMEOUT:  # what is no number compares false
        expected = f"seconds, from 0 to {MOST_TIMEOUT:.0f}"
        message = f"{shown(said.raw[name])} is not a time to wait"
        said.wrong(name, message, code="bad-params", stage=Stage.SHAPE, expected=expected)
        return SetupOptions.connectivity_timeout
    return max(seconds, LEAST_TIMEOUT)


def _seconds(value: Plain) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan
