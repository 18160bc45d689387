"""Random values of the state model, made from its own description: forms, markers and each class's `check`.

`records(cls)` gives valid instances of any record class, `interfaces(kinds)` interfaces, `states(kinds)` whole networks. What
they give is canonical and well-formed by itself; rules *between* objects (a parent that does not exist) may be broken.
"""

import base64
import typing

from hypothesis import reject
from hypothesis import strategies as st

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics
from linkhold.foundation.record import UNSET, Record
from linkhold.state.dns import FLAG_OPTIONS
from linkhold.state.fields import Field, Names, fields_of
from linkhold.state.forms import (
    Choice,
    Flag,
    Form,
    Hidden,
    ListOf,
    MapOf,
    Parsed,
    Section,
    Text,
    Whole,
    form_of,
    read_record,
    write_record,
)
from linkhold.state.interfaces import KINDS, kind_class
from linkhold.state.interfaces.bridge_vlan import TrunkTag
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ethtool import Features
from linkhold.state.interfaces.lldp import Told
from linkhold.state.network import NetworkState
from linkhold.state.ovs import BridgeMapping
from linkhold.state.routes import Route
from linkhold.state.rules import Hexadecimal, RouteRule
from linkhold.state.spellings import ip_address, ip_network

Drawn = st.SearchStrategy[typing.Any]

NAMES = st.from_regex(r"\A[a-z][a-z0-9._-]{0,11}\Z")
"""Names that the kernel takes for an interface."""

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)

_HEX = st.sampled_from("0123456789abcdef")
_MACS = st.binary(min_size=6, max_size=6).map(lambda raw: ":".join(f"{byte:02X}" for byte in raw))
_ADDRESSES = st.one_of(st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(lambda one: one.exploded)).map(
    ip_address
)
_NETWORKS = st.one_of(
    st.tuples(st.ip_addresses(v=4).map(str), st.integers(0, 32)),
    st.tuples(st.ip_addresses(v=6).map(lambda one: one.exploded), st.integers(0, 128)),
).map(lambda pair: ip_network(f"{pair[0]}/{pair[1]}"))
_TOKENS = st.integers(0, 2**64 - 1).map(
    lambda number: ip_address(
        "::" + f"{number:016x}"[:4] + "".join(":" + f"{number:016x}"[start : start + 4] for start in (4, 8, 12))
    )
)

SPECIMENS: dict[str, Drawn] = {
    "a PCI address, as in 0000:00:1f.6": st.sampled_from(["0000:00:1f.6", "10000:e1:00.0"]),
    "a MAC address": _MACS,
    "an IP address": _ADDRESSES,
    "an IP network, as in 192.0.2.0/24": _NETWORKS,
    "an IP address, or '' for none": st.just("") | _ADDRESSES,
    "an IP network, as in 192.0.2.0/24, or '' for none": st.just("") | _NETWORKS,
    "an IPv6 address whose first 64 bits are zero, or '' for none": _TOKENS,
    "the IP address of a name server": _ADDRESSES | NAMES.map(lambda name: f"fe80::1%{name}"),
    "an option of resolv.conf": st.sampled_from(sorted(FLAG_OPTIONS)) | st.integers(0, 15).map("ndots:{}".format),
    "IPv4 addresses with commas between": st.lists(st.ip_addresses(v=4).map(str), max_size=3).map(",".join),
    "32 hexadecimal digits": st.text(_HEX, min_size=32, max_size=32),
    "an even number of hexadecimal digits, from 2 to 64": st.integers(1, 32).flatmap(
        lambda half: st.text(_HEX, min_size=2 * half, max_size=2 * half)
    ),
    "a key of 32 bytes in base64": st.binary(min_size=32, max_size=32).map(lambda raw: base64.b64encode(raw).decode()),
}
"""By what a `Parsed` form expects: canonical texts of it. A new grammar needs a line here."""


def values(form: Form, field: Field | None = None) -> Drawn:
    """Values that this form writes and reads back unchanged."""
    for kind, make in _MAKERS:
        if isinstance(form, kind):
            return make(form, field)
    raise TypeError(f"no values are known for {form!r}")


def _texts(form: Text, field: Field | None) -> Drawn:
    named = field is not None and (field.name == "name" or field.has(Names))
    return NAMES if named else WORDS.filter(lambda text: _fits(form, text))


def _features(form: Features, field: Field | None) -> Drawn:
    return st.dictionaries(st.sampled_from(["rx-gro", "rx-checksum", "tx-nocache-copy"]), st.booleans()).map(_sorted)


def _maps(form: MapOf, field: Field | None) -> Drawn:
    inner = values(form.inner) | st.none() if form.nulls else values(form.inner)
    return st.dictionaries(WORDS, inner, max_size=3).map(_sorted)


def _fits(form: Text, text: str) -> bool:
    found = Diagnostics()
    form.read(text, (), found)
    return not found


def _sorted(mapping: dict[str, typing.Any]) -> dict[str, typing.Any]:
    return dict(sorted(mapping.items()))


def _lists(form: ListOf, field: Field | None) -> Drawn:
    if form.unordered:
        return st.lists(values(form.inner, field), unique=True, max_size=3).map(lambda found: tuple(sorted(found)))
    keys = form.keyed.names if form.keyed else ()
    unique = (lambda one: tuple(one.get(name) for name in keys)) if keys else None
    return st.lists(values(form.inner, field), unique_by=unique, max_size=3).map(tuple)


def _section(form: Section) -> Drawn:
    return records(form.cls)


_MAKERS: tuple[tuple[type[Form], typing.Callable[..., Drawn]], ...] = (
    (Hidden, lambda form, field: values(form.inner, field)),
    (Flag, lambda form, field: st.booleans()),
    (Whole, lambda form, field: st.integers(form.least, form.most)),
    (Hexadecimal, lambda form, field: st.integers(0, 2**32 - 1)),
    (Choice, lambda form, field: st.sampled_from(form.words)),
    (Parsed, lambda form, field: SPECIMENS[form.expected]),
    (Text, _texts),
    (Told, lambda form, field: st.sampled_from([(), (({"type": 5, "system-name": "switch1"},),)])),
    (Features, _features),
    (MapOf, _maps),
    (ListOf, _lists),
    (Section, lambda form, field: _section(form)),
)
"""How values of each form are made; a subclass stands before its base."""

ESSENTIAL: dict[type[Record], tuple[str, ...]] = {
    BridgeMapping: ("bridge",),
    Route: ("destination", "next_hop_interface"),
    RouteRule: ("family",),
    TrunkTag: ("id",),
}
"""Fields without which a value of the class is not valid, though each is optional for itself."""


@st.composite
def records(draw: st.DrawFn, cls: type[Record], most: int = 6, never: frozenset[str] = frozenset()) -> typing.Any:
    """A valid instance of a record class, with at most so many of its optional fields, and `never` some of them."""
    known = fields_of(cls)
    wanted = {name for name, field in known.items() if field.required}.union(ESSENTIAL.get(cls, ()))
    optional = [name for name in known if name not in wanted and name not in never]
    chosen = wanted | (draw(st.sets(st.sampled_from(optional), max_size=most)) if optional else set())
    said = {name: draw(values(form_of(known[name]), known[name])) for name in known if name in chosen}
    return valid(cls(**said), wanted)


def valid(record: Record, wanted: typing.Collection[str] = ()) -> Record:
    """The record without those fields that its own `check` complains of; those wanted stay."""
    names = {key: field.name for field in fields_of(type(record)).values() for key in (field.key, *field.aliases)}
    while complaints := _complaints(record):
        droppable = [name for name in record.said() if name not in wanted]
        if not droppable:
            reject()
        blamed = names.get(str(complaints[0].path[0])) if complaints[0].path else None
        record = record.replace(**{blamed if blamed in droppable else droppable[-1]: UNSET})
    return record


def _complaints(record: Record) -> list[Diagnostic]:
    check = getattr(record, "check", None)
    found = Diagnostics()
    if check is not None:
        check((), found)
    return found.errors()


def interfaces(kinds: typing.Iterable[str] = tuple(KINDS)) -> st.SearchStrategy[Interface]:
    """Interfaces of some kinds; of one that is absent only name, kind and state are kept, as when it is read."""
    return st.sampled_from(sorted(kinds)).flatmap(lambda kind: records(kind_class(kind))).map(_as_read)


def _as_read(interface: Interface) -> Interface:
    return type(interface)(name=interface.name, state="absent") if interface.state == "absent" else interface


@st.composite
def states(draw: st.DrawFn, kinds: typing.Iterable[str] = tuple(KINDS), most: int = 4) -> NetworkState:
    """Whole networks with at most so many interfaces."""
    state: NetworkState = draw(records(NetworkState, never=frozenset({"interfaces"})))
    found = draw(st.lists(interfaces(kinds), unique_by=lambda one: one.key, max_size=most))
    return state.replace(interfaces=tuple(found))


def again(record: Record) -> typing.Any:
    """The record after writing it, secrets and all, and reading that."""
    found = Diagnostics()
    result = read_record(type(record), write_record(record, secrets=True), (), found)
    assert found == []
    return result
