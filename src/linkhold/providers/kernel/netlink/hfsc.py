"""Hierarchical fair service curves: `struct tc_service_curve`, TCA_HFSC_* of `include/uapi/linux/pkt_sched.h`."""

from __future__ import annotations

import struct

from linkhold.providers.kernel.netlink.message import (
    NLM_F_CREATE,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    Request,
    attribute,
    attributes,
    nested,
    string,
    unpack,
)
from linkhold.providers.kernel.netlink.qdisc import (
    RTM_DELTCLASS,
    RTM_NEWQDISC,
    RTM_NEWTCLASS,
    TC_H_ROOT,
    TCA_KIND,
    TCA_OPTIONS,
    QdiscMessage,
)

KIND = "hfsc"

TCA_HFSC_RSC = 1
TCA_HFSC_FSC = 2
TCA_HFSC_USC = 3

_TCMSG = struct.Struct("=BxxxiIII")
_DEFAULT = struct.Struct("=H")
_CURVE = struct.Struct("=III")

Numbers = tuple[int, int, int]
"""A service curve: m1 in bytes/s, d in microseconds, m2 in bytes/s."""


def add_root(index: int, handle: int, default: int) -> Request:
    """Make it the root of a link, where nobody has put another: the kernel refuses with EEXIST then (no NLM_F_REPLACE).

    `default` is the minor number of the class for what no filter matches.
    """
    options = attribute(TCA_OPTIONS, _DEFAULT.pack(default))
    return RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, _root(index, handle) + options


def impossible(index: int) -> Request:
    """A root without options: the kernel looks for its driver, says ENOENT when there is none, and finds the options
    missing (EINVAL) only then (`hfsc_init_qdisc`), before it would put it in the place of the one that is there. So nothing
    is made in any case. These flags, and no handle, are what makes it look whatever is there (`tc_modify_qdisc`)."""
    return RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_EXCL, _root(index, 0)


def _root(index: int, handle: int) -> bytes:
    return _TCMSG.pack(0, index, handle, TC_H_ROOT, 0) + string(TCA_KIND, KIND)


def set_class(index: int, handle: int, parent: int, curves: dict[int, Numbers]) -> Request:
    """Make a class, or give one new curves (by TCA_HFSC_*); a curve that is not mentioned stays as it is."""
    options = [attribute(number, _CURVE.pack(*curve)) for number, curve in sorted(curves.items())]
    payload = _TCMSG.pack(0, index, handle, parent, 0) + string(TCA_KIND, KIND) + nested(TCA_OPTIONS, *options)
    return RTM_NEWTCLASS, NLM_F_CREATE | NLM_F_REPLACE, payload


def remove_class(index: int, handle: int) -> Request:
    """Delete a class; EBUSY as long as a filter leads into it."""
    return RTM_DELTCLASS, 0, _TCMSG.pack(0, index, handle, 0, 0)


def curves(message: QdiscMessage) -> dict[int, Numbers]:
    """The curves of a class by TCA_HFSC_*. Raises Malformed."""
    found: dict[int, Numbers] = {}
    for number, payload in attributes(message.options).items():
        if number in (TCA_HFSC_RSC, TCA_HFSC_FSC, TCA_HFSC_USC):
            first, time, second = unpack(_CURVE, payload)
            found[number] = first, time, second
    return found


def default_of(message: QdiscMessage) -> int:
    """The minor number of the default class of a root. Raises Malformed."""
    return unpack(_DEFAULT, message.options)[0]
