"""The committed document: all that a host was told so far, kept in the journal of the last transaction that was committed."""

import typing

from linkhold.foundation.diagnostics import Misread
from linkhold.foundation.failures import Permanent
from linkhold.foundation.record import Record
from linkhold.foundation.remembered import remembered
from linkhold.planning.references import names_in
from linkhold.state.fields import KernelDetail, fields_of
from linkhold.state.forms import is_record_type, read_record, write_record
from linkhold.state.interfaces.common import virtual_function_of
from linkhold.state.network import NetworkState
from linkhold.transaction.folder import Folder, Named
from linkhold.transaction.journal import head_of, last_line

Plain = typing.Any


def committed(folder: Folder) -> NetworkState:
    """What `restore` applies; empty when nothing was ever committed.

    Raises:
        Permanent: the newest committed journal can't be read.
    """
    newest = _newest(folder)
    if newest is None:
        return NetworkState()
    mistakes = Misread()
    state = read_record(NetworkState, head_of(newest.path).get("document", {}), (), mistakes)
    if mistakes.errors():
        raise Permanent(f"{newest.path} does not hold a document that can be read: {mistakes[0]}")
    return typing.cast("NetworkState", state)


def fingerprint(text: str | bytes) -> str:
    """What tells the text of a document from any other."""
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text).hexdigest()


def last_asked(folder: Folder) -> str:
    """The fingerprint of the document by which the last transaction was committed; '' when that is not known."""
    newest = _newest(folder)
    if newest is None:
        return ""
    line = last_line(newest.path)
    return str(line.data.get("asked", "")) if line is not None and line.event == "confirmed" else ""


def attached(folder: Folder) -> tuple[str, dict[str, Plain]] | None:
    """The newest data that was committed beside a document (`Options.attached`), after the name of its transaction."""
    for one in reversed(folder.history()):
        if one.state == "committed":
            data = head_of(one.path).get("attached")
            if data is not None:
                return one.name, data
    return None


def to_plain(document: NetworkState) -> dict[str, Plain]:
    """A document for the journal, with its secrets."""
    return write_record(document, secrets=True)


def _newest(folder: Folder) -> Named | None:
    return next((one for one in reversed(folder.history()) if one.state == "committed"), None)


def details_of(document: NetworkState) -> frozenset[str]:
    """The groups of details that have to be read for planning: those that a document speaks of, and those that the kernel
    drops along with an interface."""
    groups: set[str] = set()
    for interface in document.interfaces if isinstance(document.interfaces, tuple) else ():
        _collect(interface, groups)
        groups.add("qos")  # an interface that is made again has to have its classes again, one that goes has none
        if any(virtual_function_of(name) for name in names_in(interface)):
            groups.add("sr-iov")  # to know which interface that is
    return frozenset(groups)


def _collect(record: Record, groups: set[str]) -> None:
    raw = record.__dict__.get("raw")
    if isinstance(raw, dict):  # its kind is not known yet: look at everything its keys may mean
        groups.update(_RAW_KEYS[key] for key in raw if key in _RAW_KEYS)
        if "ethernet" in raw:
            groups.add("sr-iov")
    values = record.__dict__
    marked, deeper = _details_in(type(record))
    groups.update(group for name, group in marked.items() if name in values)
    for name in deeper:
        if isinstance(values.get(name), Record):
            _collect(values[name], groups)


@remembered
def _details_in(cls: type[Record]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The group of details by field, and the sections that may hold more."""
    marked: dict[str, str] = {}
    deeper: list[str] = []
    for name, field in fields_of(cls).items():
        marker = field.marker(KernelDetail)
        if marker is not None:
            marked[name] = marker.group
        elif is_record_type(field.base) and any(_details_in(field.base)):
            deeper.append(name)
    return marked, tuple(deeper)


_RAW_KEYS: typing.Final = {"ethtool": "ethtool", "ethernet": "ethtool", "mptcp": "mptcp"}
"""Keys of an interface whose kind is not known yet, and the group of details each of them may mean."""
