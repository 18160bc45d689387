"""Queueing disciplines and traffic classes: `struct tcmsg` and TCA_* of `include/uapi/linux/rtnetlink.h`.

Their options differ by kind and are left as bytes.
"""

from __future__ import annotations

import struct

from linkhold.providers.kernel.netlink.message import (
    NLM_F_CREATE,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    Request,
    attribute,
    attributes,
    string,
    to_string,
    unpack,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.socket import Netlink

RTM_NEWQDISC = 36
RTM_DELQDISC = 37
RTM_GETQDISC = 38
RTM_NEWTCLASS = 40
RTM_DELTCLASS = 41
RTM_GETTCLASS = 42

TCA_KIND = 1
TCA_OPTIONS = 2
TCA_INGRESS_BLOCK = 13
TCA_EGRESS_BLOCK = 14

TC_H_ROOT = 0xFFFFFFFF
TC_H_INGRESS = 0xFFFFFFF1
TC_H_CLSACT = TC_H_INGRESS

_TCMSG = struct.Struct("=BxxxiIII")


class QdiscMessage:
    """One discipline or class of a link. `handle` and `parent` hold the major number in their upper 16 bits."""

    __slots__ = ("attributes", "handle", "index", "info", "parent")

    def __init__(self, data: bytes) -> None:
        _, self.index, self.handle, self.parent, self.info = unpack(_TCMSG, data)
        self.attributes = attributes(data, 20)

    def __repr__(self) -> str:
        return f"<QdiscMessage {self.index} {self.kind} {self.handle >> 16:x}:{self.handle & 0xFFFF:x}>"

    @property
    def kind(self) -> str:
        return to_string(self.attributes.get(TCA_KIND, b""))

    @property
    def options(self) -> bytes:
        return self.attributes.get(TCA_OPTIONS, b"")

    @property
    def is_root(self) -> bool:
        return self.parent == TC_H_ROOT


def add(
    index: int, kind: str, *, parent: int = TC_H_ROOT, handle: int = 0, options: bytes = b"", replace: bool = False
) -> Request:
    """Put a discipline onto a link. `options` are the attributes of its kind, already built."""
    payload = _TCMSG.pack(0, index, handle, parent, 0) + string(TCA_KIND, kind)
    if options:
        payload += attribute(TCA_OPTIONS, options)
    return RTM_NEWQDISC, NLM_F_CREATE | (NLM_F_REPLACE if replace else NLM_F_EXCL), payload


def remove(index: int, *, parent: int = TC_H_ROOT, handle: int = 0) -> Request:
    """Take it off: the link's default discipline comes back."""
    return RTM_DELQDISC, 0, _TCMSG.pack(0, index, handle, parent, 0)


def dump(netlink: Netlink, *, index: int = 0) -> list[QdiscMessage]:
    """The disciplines of all links, or of one. Raises Refusal, Malformed."""
    found = netlink.dump(RTM_GETQDISC, _TCMSG.pack(0, index, 0, 0, 0))
    messages = [QdiscMessage(data) for kind, data in found if kind == RTM_NEWQDISC]
    return [each for each in messages if index in (0, each.index)]  # older kernels do not filter


def classes(netlink: Netlink, index: int) -> list[QdiscMessage]:
    """The classes of one link. Raises Refusal, Malformed."""
    found = netlink.dump(RTM_GETTCLASS, _TCMSG.pack(0, index, 0, 0, 0))
    return [QdiscMessage(data) for kind, data in found if kind == RTM_NEWTCLASS]
