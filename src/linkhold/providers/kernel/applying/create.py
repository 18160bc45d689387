"""Stages `create` and `attach`: new interfaces are made, with all that can be said at once, and join their controllers."""

from __future__ import annotations

import errno

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.applying import ipv6_policy
from linkhold.providers.kernel.applying.batch import Batch, answer_of, complain
from linkhold.providers.kernel.applying.host import after_of, before_of, controller_of
from linkhold.providers.kernel.links import leaf
from linkhold.providers.kernel.netlink import link
from linkhold.providers.kernel.netlink.message import NLM_F_CREATE, NLM_F_EXCL, attribute, i32, mac, nested, string, u32
from linkhold.providers.kernel.netlink.socket import Refusal
from linkhold.state.interfaces.veth import Veth, VethConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host
    from linkhold.providers.kernel.netlink.message import Request
    from linkhold.state.interfaces.common import Interface

VETH_INFO_PEER = 1  # include/uapi/linux/veth.h


def create_links(host: Host, changes: Sequence[Change]) -> None:
    """Make the new and replaced interfaces, down. One that is there already, of the kind it shall have, is accepted.

    The kernel takes an alias and the IPv6 policy only for a link that exists, so each gets a second message.
    """
    new = {change.name: change for change in changes if change.action in ("+", "±") and after_of(change) is not None}
    made: set[str] = set()
    batch = Batch(host.netlink)
    _grow(batch, changes)
    for name, change in new.items():
        if name in made or change.after.userspace:
            continue
        batch.ask(change, f"make {name}", _creation(host, change, new))
        made.update((name, _peer(change.after)))
    refused = batch.send()
    taken = [one for one in refused if one[1].errno == errno.EEXIST]
    complain([one for one in refused if one[1].errno != errno.EEXIST])
    host.forget()
    for question, refusal in taken:
        _accept(host, question.change, refusal)
    finish_links(host, new.values())


def finish_links(host: Host, changes: Iterable[Change]) -> None:
    """Set what the kernel takes only for a link that exists, of links just made, by us or by another provider."""
    batch = Batch(host.netlink)
    born = ipv6_policy.birthright()
    for change in changes:
        if not change.after.userspace:
            ipv6_policy.write_settings(change, None, change.after, born)
            _finish(batch, change)
    batch.run()


def _grow(batch: Batch, changes: Sequence[Change]) -> None:
    """Parents that are there get a greater MTU before something is made on them that counts on it."""
    for change in changes:
        if change.action == "~" and isinstance(change.after.mtu, int):
            mtu = by_name(change.name, u32(link.IFLA_MTU, change.after.mtu))
            batch.ask(change, f"set the MTU of {change.name}", mtu)


def by_name(name: str, payload: bytes, flags: int = 0, mask: int = 0) -> Request:
    """A change of the link of this name, for which nobody has to know its index."""
    return link.RTM_NEWLINK, 0, link.header(0, flags, mask) + string(link.IFLA_IFNAME, name) + payload


def _creation(host: Host, change: Change, new: dict[str, Change]) -> Request:
    after = change.after
    kind = leaf(after.kind)
    if not kind.KERNEL_KIND:
        raise Refused(f"{change.name} can't be made: an interface of type {after.kind} is hardware", change=change)
    inside = string(link.IFLA_INFO_KIND, kind.KERNEL_KIND)
    data = _data(host, change, kind, new)
    if data:
        inside += nested(link.IFLA_INFO_DATA, data)
    parent = _parent(host, change, kind)
    payload = string(link.IFLA_IFNAME, change.name) + _common(after, free=not parent) + parent
    return link.RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link.header() + payload + nested(link.IFLA_LINKINFO, inside)


def _common(after: Interface, *, free: bool) -> bytes:
    """MAC and MTU. The MTU of what rides on another link waits until that has its own; that of a controller, for ports."""
    payload = b""
    if isinstance(after.mac_address, str) and after.has_own_mac:
        payload += mac(link.IFLA_ADDRESS, after.mac_address)
    if isinstance(after.mtu, int) and free and not after.is_controller:
        payload += u32(link.IFLA_MTU, after.mtu)
    return payload


def _data(host: Host, change: Change, kind: ModuleType, new: dict[str, Change]) -> bytes:
    peer = new.get(_peer(change.after))
    if peer is not None and peer.after.kind == "veth":
        far = link.header() + string(link.IFLA_IFNAME, peer.name) + _common(peer.after, free=True)
        return attribute(VETH_INFO_PEER, far)
    try:
        return bytes(kind.encode(None, change.after, host.indexes))
    except KeyError as missing:
        raise _absent(change, str(missing.args[0])) from None


def _parent(host: Host, change: Change, kind: ModuleType) -> bytes:
    name = kind.parent(change.after) if hasattr(kind, "parent") else UNSET
    if not isinstance(name, str) or not name:
        return b""
    index = host.indexes.get(name)
    if index is None:
        raise _absent(change, name)
    return i32(link.IFLA_LINK, index)


def _absent(change: Change, name: str) -> Refused:
    return Refused(
        f"{change.name} can't be made: there is no interface {name}", change=change, answer=f"ENODEV: {name}"
    )


def _peer(interface: Interface) -> str:
    """The name of the other end of a pair, '' for none."""
    section = interface.veth if isinstance(interface, Veth) else UNSET
    return section.peer if isinstance(section, VethConfig) and isinstance(section.peer, str) else ""


def _accept(host: Host, change: Change, refusal: Refusal) -> None:
    """Raise Refused unless the link of this name is what shall be made: by an earlier attempt, or by its peer."""
    present = host.links.get(change.name)
    peer = _peer(change.after)
    expected = leaf(change.after.kind).KERNEL_KIND
    if present is None or present.kind != expected:
        found = f", of kind {present.kind or 'hardware'}" if present is not None else ""
        text = f"{change.name} can't be made: the name is taken{found}"
        raise Refused(text, change=change, answer=answer_of(refusal))
    if peer and (peer not in host.indexes or host.indexes[peer] != present.parent):
        raise Refused(f"{change.name} is there, but its peer is not {peer}", change=change, answer=answer_of(refusal))


def _finish(batch: Batch, change: Change) -> None:
    """Ask for what the kernel takes only for a link that exists."""
    after = change.after
    policy = ipv6_policy.generation(after)
    if policy:  # a link without IPv6 (too small an MTU, or none in this kernel) needs no policy
        fine = () if ipv6_policy.is_enabled(after) else (errno.EAFNOSUPPORT,)
        batch.ask(change, f"set the IPv6 policy of {change.name}", by_name(change.name, policy), fine)
    if isinstance(after.description, str) and after.description:
        alias = attribute(link.IFLA_IFALIAS, after.description.encode("utf-8", "surrogateescape"))
        batch.ask(change, f"set the description of {change.name}", by_name(change.name, alias))


def attach_ports(host: Host, changes: Sequence[Change]) -> None:
    """Let ports join their controllers. Bonds take only ports that are down; those that they have already stay up."""
    if not any(after_of(change) is not None for change in changes):
        return
    batch = Batch(host.netlink)
    done: set[str] = set()
    for change in changes:
        after = after_of(change)
        if after is None or after.userspace:
            continue
        if controller_of(after) and controller_of(after) not in host.switches:
            _attach(host, batch, change, change.name, controller_of(after), done)
        for port in after.ports if isinstance(after.ports, tuple) else ():
            if _joins(before_of(change), port) and port in host.links:
                _attach(host, batch, change, port, change.name, done)
    batch.run()
    host.forget()


def _joins(before: Interface | None, port: str) -> bool:
    ports = UNSET if before is None else before.ports
    return not isinstance(ports, tuple) or port not in ports


def _attach(host: Host, batch: Batch, change: Change, port: str, controller: str, done: set[str]) -> None:
    target, present = host.links.get(controller), host.links.get(port)
    for name, found in ((controller, target), (port, present)):
        if found is None:
            text = f"{port} can't join {controller}: there is no interface {name}"
            raise Refused(text, change=change, answer=f"ENODEV: {name}")
    assert target is not None
    assert present is not None
    if port in done or present.controller == target.index:
        return
    done.add(port)
    host.joined.add(port)
    if target.kind == "bond" and present.is_up:
        batch.ask(change, f"take {port} down for its bond", link.set_down(present.index))
        host.flapped.add(port)
    batch.ask(change, f"attach {port} to {controller}", link.set_controller(present.index, target.index))
