"""Stage `configure`: every setting that an existing link takes.

What the kernel refuses only because the link is up (EBUSY), or because a bond has ports (ENOTEMPTY), is done again with the
link down, or without them: the kernel's own answer decides, not a table of ours of what its drivers demand.
"""

from __future__ import annotations

import errno

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.applying import create, ipv6_policy, ports
from linkhold.providers.kernel.applying.batch import GONE, Batch, complain
from linkhold.providers.kernel.applying.host import after_of, before_of, differs
from linkhold.providers.kernel.links import leaf
from linkhold.providers.kernel.netlink import link
from linkhold.providers.kernel.netlink.message import attribute, mac, nested, string, u32
from linkhold.state.interfaces.ip import Ipv6

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.batch import Question
    from linkhold.providers.kernel.applying.host import Host
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.netlink.socket import Refusal
    from linkhold.state.interfaces.common import Interface

_STILL = (errno.EBUSY, errno.ENOTEMPTY)
_SAID_AT_ONCE = frozenset({"name", "state", "description", "mac_address", "ipv4", "ipv6", "controller"})


def configure_links(host: Host, changes: Sequence[Change]) -> None:
    """Set what differs; of new interfaces what could not be said when they were made."""
    present = [
        change
        for change in changes
        if after_of(change) is not None and not change.after.userspace and not _is_complete(change)
    ]
    for change in present:
        if change.name not in host.links:
            text = f"{change.name} can't be configured: there is no such interface"
            raise Refused(text, change=change, answer=f"ENODEV: {change.name}")
        before = before_of(change)
        if before is not None:  # new ones got theirs when they were made
            ipv6_policy.write_settings(change, before, change.after)
    create.finish_links(host, [change for change in present if before_of(change) is None and _made_elsewhere(change)])
    batch = Batch(host.netlink)
    for change in present:  # all of them first: one interface may get the name of another
        _drop_names(host, batch, change)
    for change in present:
        for what, payload in _settings(host, change):
            batch.ask(change, f"set {what} of {change.name}", link.change(host.indexes[change.name], payload))
        _promiscuous(host, batch, change)
        _give_names(host, batch, change)
    refused = batch.send()
    moving = {question.change.name for question, refusal in refused if refusal.errno in _STILL}
    complain([one for one in refused if one[0].change.name not in moving])
    _set_still(host, refused)
    for change in present:
        ports.configure_ports(host, batch, change)
    batch.run()
    ports.configure_vlans(host, present)
    for change in present:
        _details(host, change)
    _set_classes(host, present)


def _is_complete(change: Change) -> bool:
    """Whether all that is said of a new interface could be said when it was made (`create_links`)."""
    after = change.after
    if before_of(change) is not None or after.is_controller or _made_elsewhere(change) or _token(after) is not None:
        return False
    later: set[str] = after.__dict__.keys() - _SAID_AT_ONCE
    return later <= {leaf(after.kind).SECTION}


def _made_elsewhere(change: Change) -> bool:
    """Whether netlink can't make its kind: whoever did, the settings of a new link are ours all the same."""
    return change.after.virtual and not leaf(change.after.kind).KERNEL_KIND


def _settings(host: Host, change: Change) -> list[tuple[str, bytes]]:
    """What to set, in words, and the attributes."""
    before, after = before_of(change), change.after
    found: list[tuple[str, bytes]] = []
    if before is not None:
        if (
            after.has_own_mac
            and differs(before, after, "mac_address")
            and after.mac_address != _mac(host.links[change.name])
        ):
            found.append(("the MAC address", mac(link.IFLA_ADDRESS, after.mac_address)))
        if differs(before, after, "description"):
            found.append(("the description", _alias(after.description)))
    copied = _copied_mac(host, change)
    if copied:
        found.append(("the MAC address", mac(link.IFLA_ADDRESS, copied)))
    if isinstance(after.mtu, int) and after.mtu != host.links[change.name].mtu:
        found.append(("the MTU", u32(link.IFLA_MTU, after.mtu)))
    found += _kind(host, change)
    token, old = _token(after), _token(before)
    if token is not None and token != (old or "::") and ipv6_policy.listens(change.name):
        found.append(("the IPv6 token", ipv6_policy.token(token)))
    return found


def _kind(host: Host, change: Change) -> list[tuple[str, bytes]]:
    before, after = before_of(change), change.after
    kind = leaf(after.kind)
    if not kind.KERNEL_KIND:
        return []
    found = []
    try:
        data = bytes(kind.encode(before, after, host.indexes)) if before is not None else b""
        late = bytes(kind.encode_late(before, after, host.indexes)) if hasattr(kind, "encode_late") else b""
    except KeyError as missing:
        name = str(missing.args[0])
        text = f"{change.name} can't be configured: there is no interface {name}"
        raise Refused(text, change=change, answer=f"ENODEV: {name}") from None
    for payload in (data, late):
        if payload:
            inside = string(link.IFLA_INFO_KIND, kind.KERNEL_KIND) + nested(link.IFLA_INFO_DATA, payload)
            found.append((f"{after.kind} options", nested(link.IFLA_LINKINFO, inside)))
    return found


def _mac(present: LinkMessage) -> str:
    return (present.address or "").upper()


def _alias(text: object) -> bytes:
    """IFLA_IFALIAS; one of no length takes it away."""
    return attribute(link.IFLA_IFALIAS, str(text).encode("utf-8", "surrogateescape") if text else b"")


def _copied_mac(host: Host, change: Change) -> str:
    """The MAC to take from another interface, its permanent one if it has one; '' for none, or where it is there already."""
    after = change.after
    source = host.links.get(after.copy_mac_from) if isinstance(after.copy_mac_from, str) else None
    if source is None or differs(before_of(change), after, "mac_address"):
        return ""
    wanted = source.permanent_address or source.address or ""
    return "" if wanted == host.links[change.name].address else wanted


def _token(interface: Interface | None) -> str | None:
    section = UNSET if interface is None else interface.ipv6
    if not isinstance(section, Ipv6) or section.enabled is not True or not isinstance(section.token, str):
        return None
    return section.token or "::"


def _promiscuous(host: Host, batch: Batch, change: Change) -> None:
    wanted = change.after.accept_all_mac_addresses
    present = host.links[change.name]
    if wanted is UNSET or bool(present.flags & link.IFF_PROMISC) == wanted:
        return
    if not differs(before_of(change), change.after, "accept_all_mac_addresses"):
        return  # a switch it joined meanwhile has switched it on
    request = link.change(present.index, flags=link.IFF_PROMISC if wanted else 0, mask=link.IFF_PROMISC)
    batch.ask(change, f"set promiscuous mode of {change.name}", request)


def _drop_names(host: Host, batch: Batch, change: Change) -> None:
    """Alternative names that are said to be absent, or that it had before and has no longer."""
    if not isinstance(change.after.alt_names, tuple):
        return
    present = host.links[change.name]
    before = before_of(change)
    known = before.alt_names if before is not None and isinstance(before.alt_names, tuple) else ()
    gone = {one.name for one in [*known, *change.after.alt_names]} - _wanted_names(change.after)
    for name in sorted(gone & set(present.alternative_names)):
        request = link.remove_alternative_names(present.index, [name])
        batch.ask(change, f"take the name {name} from {change.name}", request, (*GONE, errno.EINVAL))


def _give_names(host: Host, batch: Batch, change: Change) -> None:
    present = host.links[change.name]
    for name in sorted(_wanted_names(change.after) - set(present.alternative_names)):
        batch.ask(change, f"give {change.name} the name {name}", link.add_alternative_names(present.index, [name]))


def _wanted_names(after: Interface) -> set[str]:
    said = after.alt_names if isinstance(after.alt_names, tuple) else ()
    return {one.name for one in said if one.state != "absent"}


def _set_still(host: Host, refused: Sequence[tuple[Question, Refusal]]) -> None:
    """Do again all that was refused of these links (one setting may need another), now with the link down.

    Where it matters also without its ports; then everything is as it was.
    """
    by_name: dict[str, list[tuple[Question, Refusal]]] = {}
    for one in refused:
        by_name.setdefault(one[0].change.name, []).append(one)
    for name, some in by_name.items():
        change, present = some[0][0].change, host.links[name]
        empty = any(why.errno == errno.ENOTEMPTY for _, why in some)
        held = [one for one in host.links.values() if empty and one.controller == present.index]
        before, work, after = Batch(host.netlink), Batch(host.netlink), Batch(host.netlink)
        before.ask(change, f"take {name} down", link.set_down(present.index))
        for port in held:
            before.ask(change, f"detach {port.name}", link.set_controller(port.index, 0), GONE)
        for question, _ in some:
            work.ask(change, question.what, question.request)
        for port in held:
            after.ask(change, f"take {port.name} down", link.set_down(port.index), GONE)
            after.ask(change, f"attach {port.name} again", link.set_controller(port.index, present.index), GONE)
            if port.is_up:
                after.ask(change, f"take {port.name} up", link.set_up(port.index), GONE)
        if present.is_up:
            after.ask(change, f"take {name} up", link.set_up(present.index))
        host.flapped.update((name, *(port.name for port in held)))
        host.joined.update(port.name for port in held)
        before.run()
        try:
            work.run()
        finally:
            after.run()


def _set_classes(host: Host, changes: Sequence[Change]) -> None:
    """Classes of what is sent."""
    speaking = [change for change in changes if any(side.qos is not UNSET for side in _sides(change))]
    if speaking:
        from linkhold.providers.kernel.applying import traffic

        traffic.set_classes(host, speaking)


def _sides(change: Change) -> tuple[Interface, ...]:
    before = before_of(change)
    return (change.after,) if before is None else (before, change.after)


def _details(host: Host, change: Change) -> None:
    """Settings of the hardware."""
    after, before = change.after, before_of(change)
    if differs(before, after, "ethtool") or differs(before, after, "ethernet"):
        from linkhold.providers.kernel.applying import hardware

        hardware.configure_hardware(host, change, before, after)
