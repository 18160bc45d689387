"""Stages `remove` and `discard`: interfaces are deleted; hardware, which can't be, is left without settings."""

from __future__ import annotations

from linkhold.providers.kernel import traffic
from linkhold.providers.kernel.applying.batch import GONE, Batch, Question, complain
from linkhold.providers.kernel.links import KINDS
from linkhold.providers.kernel.netlink import address, group, link, qdisc
from linkhold.providers.kernel.netlink.message import u32
from linkhold.providers.kernel.netlink.socket import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host
    from linkhold.providers.kernel.netlink.link import LinkMessage

_FEW = 3  # from here on one deletion of a group is quicker than one for each link
_BRIDGE = "bridge"
_INFINIBAND = "ipoib"
_LOOPBACK_MTU = 65536
LOOPBACK_ADDRESSES = (("127.0.0.1", 8), ("::1", 128))
"""What the kernel itself gives the loopback interface."""


def remove_links(host: Host, changes: Sequence[Change]) -> None:
    """Delete the interfaces that go or are replaced. Of a veth pair both ends are gone after either was deleted.

    An interface that meanwhile is of another kind than planned is not deleted: somebody else made it.
    """
    host.forget()
    going: list[tuple[Change, LinkMessage]] = []
    for change in changes:
        present = host.links.get(change.name)
        if change.action not in ("-", "±") or present is None:
            continue
        if _is_made(change, present):
            if KINDS.get(present.kind or "", "unknown") == change.before.kind:
                going.append((change, present))
        elif not change.before.virtual:
            _unconfigure(host, change, present)
    host.forget()
    _delete(host, going)


def discard_links(host: Host, changes: Sequence[Change]) -> None:
    """Delete the interfaces that go; those that are replaced are there anew by now."""
    remove_links(host, [change for change in changes if change.action == "-"])


def _is_made(change: Change, present: LinkMessage) -> bool:
    """Whether it can be deleted: it is of a virtual kind, or a partition of an InfiniBand card."""
    if change.before.virtual:
        return present.kind is not None
    return present.kind == _INFINIBAND and bool(present.parent)


def _delete(host: Host, going: list[tuple[Change, LinkMessage]]) -> None:
    quick = [one for one in going if one[1].kind != _BRIDGE]
    slow = [one for one in going if one[1].kind == _BRIDGE]
    for some in (quick, slow):
        messages = [message for _, message in some]
        if len(some) <= _FEW or some is slow:
            outcomes = group.delete_singly(host.netlink, [message.index for message in messages])
        else:
            outcomes = group.delete_links(host.netlink, messages)
        refused = [
            (Question(change, f"delete {change.name}", link.delete(message.index)), outcome)
            for (change, message), outcome in zip(some, outcomes, strict=True)
            if isinstance(outcome, Refusal)
        ]
        complain(refused)


def _unconfigure(host: Host, change: Change, present: LinkMessage) -> None:
    """Hardware without settings: no controller, no addresses, down; the loopback with its own addresses, up."""
    loopback = present.arphrd_type == link.ARPHRD_LOOPBACK
    batch = Batch(host.netlink)
    if any(one.is_root and traffic.is_ours(one) for one in traffic.disciplines(host.netlink, present.index)):
        request = qdisc.remove(present.index, handle=traffic.ROOT)
        batch.ask(change, f"take the classes of {change.name} away", request, GONE)
    if present.controller:
        batch.ask(change, f"detach {change.name} from its controller", link.set_controller(present.index, 0), GONE)
    for one in address.dump(host.netlink, index=present.index):
        if not (loopback and (one.address, one.prefix_length) in LOOPBACK_ADDRESSES):
            request = address.remove(present.index, one.address, one.prefix_length, peer=one.peer)
            batch.ask(change, f"take {one.address}/{one.prefix_length} off {change.name}", request, GONE)
    if not loopback:
        batch.ask(change, f"take {change.name} down", link.set_down(present.index))
    else:
        mtu = u32(link.IFLA_MTU, _LOOPBACK_MTU)
        up = link.change(present.index, mtu, flags=link.IFF_UP, mask=link.IFF_UP)
        batch.ask(change, f"reset {change.name}", up)
        for text, length in LOOPBACK_ADDRESSES:
            scope = address.RT_SCOPE_HOST
            request = address.add(present.index, text, length, replace=True, scope=scope)
            batch.ask(change, f"give {change.name} the address {text}/{length}", request)
    batch.run()
