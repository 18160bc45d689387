"""Host QoS (vdsm's ``hostQos``): service curves of HFSC in ``out``, read and written.

Bounds are those of the kernel: a ``tc_service_curve`` holds bytes a second and microseconds in 32 bits each
(``include/uapi/linux/pkt_sched.h``); a share counts as bytes already.
"""

import typing

from linkhold.networks.configuration import Curve, HostQos
from linkhold.networks.mistakes import Stage
from linkhold.networks.said import Said
from linkhold.state.scalars import Plain

_MOST: typing.Final = 2**32 - 1
_CURVES: typing.Final = ("ls", "ul", "rt")
_MEMBERS: typing.Final = ("m1", "d", "m2")


def read_host_qos(said: Said) -> HostQos | None:
    """The curves of a network; None where nothing was said of any."""
    outer = Said(said.section("hostQos"), (*said.at, "hostQos"), said.found)
    outer.warn_of_unknown(frozenset({"out"}))
    inner = Said(outer.section("out"), (*outer.at, "out"), said.found)
    inner.warn_of_unknown(frozenset(_CURVES))
    curves = {name: _read_curve(inner, name) for name in _CURVES if inner.has(name)}
    for one in (outer, inner):
        if one.unread:
            said.unread.add("hostQos")
    if not curves or inner.unread:
        return None
    qos = HostQos(**curves)
    _check(qos, inner)
    return qos


def _read_curve(said: Said, name: str) -> Curve:
    members = Said(said.section(name), (*said.at, name), said.found)
    members.warn_of_unknown(frozenset(_MEMBERS))
    values = {}
    for one in _MEMBERS:
        most = _MOST if one == "d" or name == "ls" else _MOST * 8
        expected = f"a whole number from 0 to {most}"
        number = members.whole(one, code="bad-params", expected=expected)
        if number is not None and not 0 <= number <= most:
            members.wrong(one, f"{number} is out of range", code="bad-params", stage=Stage.NETWORK, expected=expected)
        values[one] = number or 0
    if members.unread:
        said.unread.add(name)
    return Curve(**values)


def _check(qos: HostQos, said: Said) -> None:
    """What the kernel refuses (``hfsc_change_class``): a class needs a share or a guarantee, a limit needs a share."""
    if not any(curve is not None and (curve.m1 or curve.m2) for curve in (qos.ls, qos.rt)):
        message, hint = "neither a share nor a guarantee is above 0", "give ls or rt an m2"
        said.found.error(Stage.NETWORK, "bad-params", said.at, message, hint=hint)
    if qos.ul is not None and qos.ls is None:
        message = "an upper limit needs a share"
        said.found.error(Stage.NETWORK, "bad-params", (*said.at, "ul"), message, hint="give ls an m2 as well")
    for name in _CURVES:
        curve = getattr(qos, name)
        if curve is not None and curve.m1 and not curve.d:
            message = "m1 without d says nothing: for how long?"
            where = (*said.at, name, "d")
            said.found.error(Stage.NETWORK, "bad-params", where, message, expected="microseconds above 0")


def write_host_qos(qos: HostQos) -> dict[str, Plain]:
    """As vdsm writes it, all members of each curve."""
    curves = {name: getattr(qos, name) for name in _CURVES}
    members = {
        name: {one: getattr(curve, one) for one in _MEMBERS} for name, curve in curves.items() if curve is not None
    }
    return {"out": members}
