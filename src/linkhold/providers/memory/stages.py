"""What each stage does to one change (see the table of stages in ARCHITECTURE.md)."""

import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.planning.change import Change
from linkhold.providers.memory.host import Host
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route
from linkhold.state.rules import RouteRule


def carry_out(host: Host, stage: str, change: Change) -> None:
    """Carry out one stage of one change.

    Raises:
        Refused: a kernel would say no.
    """
    if change.subject == "interface":
        _INTERFACE.get(stage, _nothing)(host, change)
    elif change.subject == "route":
        _route(host, stage, change)
    elif change.subject == "rule":
        _rule(host, stage, change)
    else:
        field = {"dns": "dns", "hostname": "hostname", "ovs-db": "ovs_db", "ovn": "ovn"}[change.subject]
        host.others = NetworkState(**{**host.others.said(), field: _settled(change)})


def _settled(change: Change) -> typing.Any:
    """DNS that was set is at once in use, unless the value says otherwise."""
    value = change.after
    if change.subject == "dns" and isinstance(value, Record) and value.get("config") is not UNSET:
        return value.replace(running=value.get("config"))
    return value


def _release(host: Host, change: Change) -> None:
    interface = _there(host, change)
    if interface is None:
        return
    if change.action in ("-", "±"):
        host.set_down(interface)
    elif interface.controller not in (UNSET, "", _after(change).controller):
        host.detach(interface)


def _remove(host: Host, change: Change) -> None:
    if change.action in ("-", "±"):
        before: Interface = change.before
        host.delete(before.name, before)


def _create(host: Host, change: Change) -> None:
    if change.action in ("+", "±"):
        host.make(_after(change))


def _attach(host: Host, change: Change) -> None:
    if change.after is not UNSET and (controller := _after(change).controller) not in (UNSET, ""):
        host.attach(_needed(host, change), str(controller))


def _configure(host: Host, change: Change) -> None:
    if change.after is not UNSET:
        host.configure(_needed(host, change), _after(change))


def _activate(host: Host, change: Change) -> None:
    if change.after is UNSET:
        return
    if _after(change).state == "down":
        host.set_down(_needed(host, change))
    else:
        host.set_up(_needed(host, change))


def _address(host: Host, change: Change) -> None:
    if change.after is not UNSET:
        host.address(_needed(host, change), _after(change))


def _nothing(host: Host, change: Change) -> None:
    """The stage has nothing to do for interfaces."""


_INTERFACE: typing.Final[dict[str, typing.Callable[[Host, Change], None]]] = {
    "release": _release,
    "remove": _remove,
    "create": _create,
    "attach": _attach,
    "configure": _configure,
    "activate": _activate,
    "address": _address,
    "discard": _remove,
}


def _route(host: Host, stage: str, change: Change) -> None:
    before: Route | Unset = change.before
    if not isinstance(before, Unset) and before != change.after:
        host.delete_route(before)
    if stage == "route" and change.after is not UNSET:
        host.add_route(change.after)


def _rule(host: Host, stage: str, change: Change) -> None:
    before: RouteRule | Unset = change.before
    if not isinstance(before, Unset) and before != change.after:
        host.rules.pop(before, None)
    if stage == "rule" and change.after is not UNSET:
        host.rules[change.after] = None


def _after(change: Change) -> Interface:
    return typing.cast("Interface", change.after)


def _there(host: Host, change: Change) -> Interface | None:
    value: Interface = change.before if change.after is UNSET else change.after
    return host.find(value.name, value)


def _needed(host: Host, change: Change) -> Interface:
    interface = _there(host, change)
    if interface is None:
        raise Refused(f"{change.name} is not there", answer="No such device (ENODEV)")
    return interface
