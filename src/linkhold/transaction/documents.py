"""The committed document: all that a host was told so far, kept in the journal of the last transaction that was committed."""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.failures import Permanent
from linkhold.foundation.record import Record
from linkhold.state.fields import KernelDetail, fields_of
from linkhold.state.forms import read_record, write_record
from linkhold.state.network import NetworkState
from linkhold.transaction.folder import Folder
from linkhold.transaction.journal import head_of

Plain = typing.Any


def committed(folder: Folder) -> NetworkState:
    """What `restore` applies; empty when nothing was ever committed.

    Raises:
        Permanent: the newest committed journal can't be read.
    """
    newest = next((one for one in reversed(folder.history()) if one.state == "committed"), None)
    if newest is None:
        return NetworkState()
    mistakes = Diagnostics()
    state = read_record(NetworkState, head_of(newest.path).get("document", {}), (), mistakes)
    if mistakes.errors():
        raise Permanent(f"{newest.path} does not hold a document that can be read: {mistakes[0]}")
    return typing.cast("NetworkState", state)


def to_plain(document: NetworkState) -> dict[str, Plain]:
    """A document for the journal, with its secrets."""
    return write_record(document, secrets=True)


def details_of(document: NetworkState) -> frozenset[str]:
    """The groups of details that a document speaks of, which have to be read for planning."""
    groups: set[str] = set()
    for interface in document.interfaces if isinstance(document.interfaces, tuple) else ():
        _collect(interface, groups)
    return frozenset(groups)


def _collect(record: Record, groups: set[str]) -> None:
    raw = record.__dict__.get("raw")
    if isinstance(raw, dict):  # its kind is not known yet: look at everything its keys may mean
        groups.update(
            {"ethtool": "ethtool", "ethernet": "ethtool", "mptcp": "mptcp"}[key] for key in raw if key in _RAW_KEYS
        )
        if "ethernet" in raw:
            groups.add("sr-iov")
    known = fields_of(type(record))
    for name, value in record.__dict__.items():
        marker = known[name].marker(KernelDetail)
        if marker is not None:
            groups.add(marker.group)
        elif isinstance(value, Record):
            _collect(value, groups)


_RAW_KEYS: typing.Final = frozenset({"ethtool", "ethernet", "mptcp"})
