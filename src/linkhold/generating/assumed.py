"""The host that a document is generated for: nothing but `lo`, and the hardware that the document speaks of.

Planning runs against that host, so that a document is refused here for the same mistakes as on a real one.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Invalid, Key
from linkhold.foundation.record import UNSET
from linkhold.generating.leaving_out import left_out
from linkhold.planning import planner
from linkhold.planning.feasible import UNSUPPORTED
from linkhold.planning.owning import Capabilities
from linkhold.planning.references import named
from linkhold.state.interfaces import kind_class, needs_kind, retype
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import IpAddress, Ipv4, Ipv6
from linkhold.state.network import NetworkState
from linkhold.state.routes import Routes
from linkhold.state.rules import RouteRules

LOOPBACK: typing.Final = "lo"


class Assumed(typing.NamedTuple):
    """The whole host as it is to be, the bare one, and the interfaces that files are written for."""

    expected: NetworkState
    bare: NetworkState
    written: tuple[Interface, ...]


def assume(document: NetworkState, capabilities: Capabilities, held: frozenset[str], found: Diagnostics) -> Assumed:
    """What a document leads to on a host without anything.

    `capabilities` say what the files can hold of interfaces, routes, rules and DNS, `held` which of the other sections;
    what they can't is among the diagnostics.

    Raises:
        Invalid: the document can't be followed, or not be held by the files.
    """
    known = _known(document, held, found)
    _refuse_kinds(known, capabilities, found)
    if found.errors():
        raise Invalid(found)
    bare = _bare(known, found)
    known = _held(known, capabilities, found)
    outcome = planner.plan(known, bare, capabilities=(capabilities,))
    found += outcome.diagnostics
    if found.errors():
        raise Invalid(found)
    expected = _found_again(known, outcome.expected)
    return Assumed(expected, bare, tuple(_to_write(known, expected, bare)))


_SECTIONS: typing.Final = {"hostname": "hostname", "ovs_db": "ovs-db", "ovn": "ovn"}


def _refuse_kinds(known: NetworkState, capabilities: Capabilities, found: Diagnostics) -> None:
    for one in known.interfaces if isinstance(known.interfaces, tuple) else ():
        if one.state != "ignore" and not needs_kind(one) and capabilities.kinds.get(one.kind) != "":
            at = ("interfaces", Key(one.name), "type")
            found.error(UNSUPPORTED, at, f"{capabilities.provider} has no files for interfaces of kind {one.kind}")


def _known(document: NetworkState, held: frozenset[str], found: Diagnostics) -> NetworkState:
    """Without what is to be absent (on a host without anything it is), and without sections that no file holds."""
    for field, key in _SECTIONS.items():
        if document.get(field) is not UNSET and key not in held:
            found.warning(UNSUPPORTED, (key,), "no file holds it; left out", hint="apply the document to the host")
            document = document.replace(**{field: UNSET})
    listed = document.interfaces if isinstance(document.interfaces, tuple) else ()
    for one in listed:
        if one.state == "absent":
            at = ("interfaces", Key(one.name), "state")
            found.warning("not-generated", at, "files can't take away what is on a host; left out")
    kept = tuple(one for one in listed if one.state != "absent")
    return document.replace(interfaces=kept) if isinstance(document.interfaces, tuple) else document


def _held(known: NetworkState, capabilities: Capabilities, found: Diagnostics) -> NetworkState:
    """With the kinds said, and without what files can't hold."""
    listed: list[Interface] = []
    for one in known.interfaces if isinstance(known.interfaces, tuple) else ():
        typed = retype(one, "ethernet", ("interfaces", Key(one.name)), found) if needs_kind(one) else one
        if typed is not UNSET and typed.copy_mac_from is not UNSET:
            at = ("interfaces", Key(one.name), "copy-mac-from")
            found.warning(UNSUPPORTED, at, "the MAC is known on the host only; left out", hint="give mac-address")
        if typed is not UNSET:
            listed.append(left_out(typed, capabilities, found))
    return known.replace(interfaces=tuple(listed)) if listed else known


def _bare(document: NetworkState, found: Diagnostics) -> NetworkState:
    table: dict[str, Interface] = {LOOPBACK: _loopback()}
    listed = document.interfaces if isinstance(document.interfaces, tuple) else ()
    made = {one.name for one in listed if one.virtual and one.kind != "unknown" and not needs_kind(one)}
    for one in listed:
        if one.name in made or one.name in table or one.state in ("absent", "ignore"):
            continue
        kind = one.kind
        if needs_kind(one):
            kind = "ethernet"
            at = ("interfaces", Key(one.name), "type")
            found.warning("assumed-kind", at, "taken for a network card", hint="say type: ethernet")
        table[one.name] = kind_class(kind)(name=one.name, state="up", **_known_by(one))
    for one in listed:
        for name in _named(one):
            if name not in made and name not in table:
                table[name] = kind_class("ethernet")(name=name, state="up")
    return NetworkState(interfaces=tuple(table.values()), routes=Routes(config=()), rules=RouteRules(config=()))


def _named(interface: Interface) -> typing.Iterable[str]:
    """The interfaces it counts on: ports and parents; the far end of a pair is made with it."""
    if interface.state in ("absent", "ignore") or needs_kind(interface):
        return ()
    ports = interface.ports if isinstance(interface.ports, tuple) else ()
    return [*named(interface, "parent"), *(name for name in ports if name != interface.name)]


def _loopback() -> Interface:
    return kind_class("loopback")(
        name=LOOPBACK,
        state="up",
        ipv4=Ipv4(enabled=True, address=(IpAddress(ip="127.0.0.1", prefix_length=8),)),
        ipv6=Ipv6(enabled=True, address=(IpAddress(ip="::1", prefix_length=128),)),
    )


def _known_by(interface: Interface) -> dict[str, typing.Any]:
    """The address by which an interface is to be found, where that is not its name."""
    if interface.identifier == "mac-address":
        return {"mac_address": interface.mac_address}
    return {"pci_address": interface.pci_address} if interface.identifier == "pci-address" else {}


def _found_again(document: NetworkState, expected: NetworkState) -> NetworkState:
    """With the address said again by which files, too, are to find an interface."""
    listed = document.interfaces if isinstance(document.interfaces, tuple) else ()
    known = {one.name: {"identifier": one.identifier, **_known_by(one)} for one in listed if _known_by(one)}
    if not known or not isinstance(expected.interfaces, tuple):
        return expected
    return expected.replace(interfaces=tuple(one.replace(**known.get(one.name, {})) for one in expected.interfaces))


def _to_write(document: NetworkState, expected: NetworkState, bare: NetworkState) -> typing.Iterator[Interface]:
    said = document.by_key
    for one in expected.interfaces if isinstance(expected.interfaces, tuple) else ():
        if one.key in said or bare.by_key.get(one.key) != one:
            yield one
