"""Filters that put frames into classes: RTM_*TFILTER, `include/uapi/linux/pkt_cls.h`, `linux/tc_ematch/tc_em_meta.h`.

Two are known here: `basic` with one match of the VLAN tag, and `u32` that matches everything.
"""

from __future__ import annotations

import struct
import sys

from linkhold.providers.kernel.netlink.message import (
    NLM_F_CREATE,
    NLM_F_EXCL,
    Request,
    attribute,
    attributes,
    nested,
    string,
    to_string,
    to_u32,
    u32,
    unpack,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.socket import Netlink

RTM_NEWTFILTER = 44
RTM_DELTFILTER = 45
RTM_GETTFILTER = 46

TCA_KIND = 1
TCA_OPTIONS = 2
TCA_BASIC_CLASSID = 1
TCA_BASIC_EMATCHES = 2
TCA_EMATCH_TREE_HDR = 1
TCA_EMATCH_TREE_LIST = 2
TCA_EM_META_HDR = 1
TCA_EM_META_LVALUE = 2
TCA_EM_META_RVALUE = 3
TCA_U32_CLASSID = 1
TCA_U32_SEL = 5
TC_U32_TERMINAL = 1

TCF_EM_META = 4
TCF_EM_OPND_EQ = 0
TCF_META_TYPE_INT = 1
TCF_META_ID_VALUE = 0
TCF_META_ID_VLAN_TAG = 46
VLAN_VID_MASK = 0x0FFF

ETH_P_ALL = 0x0003
_ALL = int.from_bytes(ETH_P_ALL.to_bytes(2, "big"), sys.byteorder)

_TCMSG = struct.Struct("=BxxxiIII")
_TREE_HEADER = struct.Struct("=HH")
_MATCH_HEADER = struct.Struct("=HHHH")
_META_HEADER = struct.Struct("=HBBHBB")
_SELECTOR = struct.Struct("=BBBxHHhhI")  # struct tc_u32_sel, before its keys
_KEY = struct.Struct("=IIii")


class FilterMessage:
    """One filter of a link. `parent` is the handle of the discipline or class it belongs to."""

    __slots__ = ("attributes", "handle", "index", "info", "parent")

    def __init__(self, data: bytes) -> None:
        _, self.index, self.handle, self.parent, self.info = unpack(_TCMSG, data)
        self.attributes = attributes(data, _TCMSG.size)

    @property
    def kind(self) -> str:
        return to_string(self.attributes.get(TCA_KIND, b""))

    @property
    def preference(self) -> int:
        """The lower, the earlier it is asked (tc calls it ``pref``)."""
        return self.info >> 16

    @property
    def class_handle(self) -> int:
        """The class it puts frames into; 0 for none (a message that only tells that the preference is in use)."""
        number = {"basic": TCA_BASIC_CLASSID, "u32": TCA_U32_CLASSID}.get(self.kind)
        payload = self._options.get(number) if number is not None else None
        return to_u32(payload) if payload else 0

    @property
    def vlan(self) -> int | None:
        """The tag that it matches, where it is a `basic` filter of nothing but that."""
        tree = attributes(self._options.get(TCA_BASIC_EMATCHES, b"")) if self.kind == "basic" else {}
        count, _ = unpack(_TREE_HEADER, tree.get(TCA_EMATCH_TREE_HDR, b"\0" * _TREE_HEADER.size))
        match = attributes(tree.get(TCA_EMATCH_TREE_LIST, b"")).get(1, b"") if count == 1 else b""
        return _tag(match) if len(match) >= _MATCH_HEADER.size else None

    @property
    def _options(self) -> dict[int, bytes]:
        return attributes(self.attributes.get(TCA_OPTIONS, b""))


def _tag(match: bytes) -> int | None:
    _, kind, flags, _ = unpack(_MATCH_HEADER, match)
    if kind != TCF_EM_META or flags:
        return None
    meta = attributes(match, _MATCH_HEADER.size)
    left, _, operand, right, _, _ = unpack(_META_HEADER, meta.get(TCA_EM_META_HDR, b"\0" * _META_HEADER.size))
    value = meta.get(TCA_EM_META_RVALUE, b"")
    mask = int.from_bytes(meta.get(TCA_EM_META_LVALUE, b""), sys.byteorder)
    if left != _kind(TCF_META_ID_VLAN_TAG) or operand != TCF_EM_OPND_EQ or right != _kind(TCF_META_ID_VALUE):
        return None
    return int.from_bytes(value, sys.byteorder) if mask in (0, VLAN_VID_MASK) else None


def _kind(number: int) -> int:
    return TCF_META_TYPE_INT << 12 | number


def by_vlan(index: int, parent: int, class_handle: int, tag: int) -> Request:
    """Put frames with a tag into a class; the tag is the preference as well. Priorities of frames (802.1p), which are kept
    in the same 16 bits, do not matter."""
    meta = (
        attribute(
            TCA_EM_META_HDR,
            _META_HEADER.pack(_kind(TCF_META_ID_VLAN_TAG), 0, TCF_EM_OPND_EQ, _kind(TCF_META_ID_VALUE), 0, 0),
        )
        + u32(TCA_EM_META_LVALUE, VLAN_VID_MASK)
        + u32(TCA_EM_META_RVALUE, tag)
    )
    match = attribute(1, _MATCH_HEADER.pack(0, TCF_EM_META, 0, 0) + meta)
    tree = attribute(TCA_EMATCH_TREE_HDR, _TREE_HEADER.pack(1, 0)) + nested(TCA_EMATCH_TREE_LIST, match)
    options = u32(TCA_BASIC_CLASSID, class_handle) + nested(TCA_BASIC_EMATCHES, tree)
    return _add(index, parent, tag, "basic", options)


def of_all(index: int, parent: int, class_handle: int, preference: int) -> Request:
    """Put every frame into a class."""
    selector = _SELECTOR.pack(TC_U32_TERMINAL, 0, 1, 0, 0, 0, 0, 0) + _KEY.pack(0, 0, 0, 0)
    options = u32(TCA_U32_CLASSID, class_handle) + attribute(TCA_U32_SEL, selector)
    return _add(index, parent, preference, "u32", options)


def _add(index: int, parent: int, preference: int, kind: str, options: bytes) -> Request:
    header = _TCMSG.pack(0, index, 0, parent, preference << 16 | _ALL)
    return RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, header + string(TCA_KIND, kind) + nested(TCA_OPTIONS, options)


def remove(index: int, parent: int, preference: int) -> Request:
    """Take all filters of one preference away, whatever protocol they are for."""
    return RTM_DELTFILTER, 0, _TCMSG.pack(0, index, 0, parent, preference << 16)


def dump(netlink: Netlink, index: int, parent: int) -> list[FilterMessage]:
    """The filters of one discipline of a link. Raises Refusal, Malformed."""
    found = netlink.dump(RTM_GETTFILTER, _TCMSG.pack(0, index, 0, parent, 0))
    return [FilterMessage(data) for kind, data in found if kind == RTM_NEWTFILTER]
