"""What a document makes use of: features by name, and how its interfaces stand on each other.

The words are those of nmstate (``nmstatectl statistic``), so that what counts them keeps counting.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Invalid
from linkhold.foundation.record import UNSET, Record
from linkhold.insight.topology import topology
from linkhold.planning.planner import plan
from linkhold.planning.references import names_in
from linkhold.state.dns import DnsConfig
from linkhold.state.interfaces.common import Interface, virtual_function_of
from linkhold.state.network import NetworkState
from linkhold.state.rules import RouteRule

_COUNTS: typing.Final = (500, 200, 100, 50, 10)


class Statistic(Record):
    """`topology` has one line for each interface of the document that stands on top: from its addresses down to cards.
    `features` are the words for what is asked for, sorted."""

    topology: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


def statistic(desired: NetworkState, current: NetworkState | None = None) -> Statistic:
    """What a document makes use of on a host like `current` (nothing: an empty one).

    Raises:
        Invalid: the document can't be followed there.
    """
    outcome = plan(desired, current or NetworkState(interfaces=()))
    if outcome.errors:
        raise Invalid(Diagnostics(outcome.diagnostics))
    said = {one.key for one in _tuple(outcome.desired.interfaces)}
    lines = topology(outcome.expected, said)
    return Statistic(topology=lines, features=tuple(sorted(set(features(desired, outcome.desired)))))


def features(document: NetworkState, resolved: NetworkState | None = None) -> typing.Iterator[str]:
    """The features of a document, some of them several times; `resolved` is the same with its kinds known."""
    known = resolved or document
    if _names_functions(document):
        yield "iface-name-refered-by-sriov-vf-id"
    if any(one.identifier == "mac-address" for one in _tuple(document.interfaces)):
        yield "mac-based-identifier"
    for interface in _tuple(known.interfaces):
        if interface.state != "absent":
            yield from _of_interface(interface)
    yield from _of_sections(known)
    count = len(_tuple(known.interfaces))
    reached = next((most for most in _COUNTS if count >= most), 0)
    if reached:
        yield f"iface-count{reached}-plus"


def _names_functions(document: NetworkState) -> bool:
    return any(virtual_function_of(name) for one in _tuple(document.interfaces) for name in names_in(one))


def _of_interface(interface: Interface) -> typing.Iterator[str]:
    for family, word in (("ipv4", "dhcpv4"), ("ipv6", "dhcpv6")):
        if _at(interface, family, "dhcp_custom_hostname") not in (UNSET, ""):
            yield f"{word}-custom-hostname"
    if _at(interface, "lldp", "enabled") is True:
        yield "lldp"
    if _at(interface, "mptcp", "address_flags") is not UNSET:
        yield "mptcp"
    if _at(interface, "ethernet", "sr_iov") is not UNSET:
        yield "sriov"
    if interface.ovs_db is not UNSET:
        yield "ovs-db-interface"
    if interface.kind == "ovs-interface":
        yield from (f"ovs-{name}" for name in ("dpdk", "patch") if interface.get(name) is not UNSET)
    if interface.kind == "ovs-bridge" and any(
        one.bond is not UNSET for one in _tuple(_at(interface, "bridge", "port"))
    ):
        yield "ovs-bond"


def _of_sections(state: NetworkState) -> typing.Iterator[str]:
    config = _at(state, "dns", "config")
    if isinstance(config, DnsConfig):
        words = {"server": "name-server", "search": "search", "options": "option"}
        yield from (f"static-dns-{word}" for name, word in words.items() if _tuple(config.get(name)))
    if _at(state, "hostname", "config") not in (UNSET, ""):
        yield "static-hostname"
    if any(one.state != "absent" for one in _tuple(_at(state, "routes", "config"))):
        yield "static-route"
    rules: list[RouteRule] = [one for one in _tuple(_at(state, "rules", "config")) if one.state != "absent"]
    if rules:
        yield "static-route-rule"
    if any(rule.suppress_prefix_length is not UNSET for rule in rules):
        yield "static-route-rule-suppress-prefix-length"
    if state.ovs_db is not UNSET:
        yield "ovs-db-global"
    if _tuple(_at(state, "ovn", "bridge_mappings")):
        yield "ovn-mapping"


def _at(record: Record, section: str, field: str) -> typing.Any:
    inner = record.get(section)
    return inner.get(field) if isinstance(inner, Record) else UNSET


def _tuple(values: typing.Any) -> tuple[typing.Any, ...]:
    return values if isinstance(values, tuple) else ()
