"""The numbers by which a host tells the centre what was wrong (vdsm's ``network/errors.py``, ``common/exception.py``).

Diagnostics of a setup-networks request carry one of the words of `CODES` as their ``code``; the number is for the wire.
"""

import typing

LOST_CONNECTION: typing.Final = 10
BAD_PARAMS: typing.Final = 21
BAD_ADDR: typing.Final = 22
BAD_INTERFACE: typing.Final = 23
USED_INTERFACE: typing.Final = 24
BAD_BONDING: typing.Final = 25
BAD_VLAN: typing.Final = 26
BAD_BRIDGE: typing.Final = 27
FAILED_IFUP: typing.Final = 29
USED_BOND: typing.Final = 31
OVS_CONNECTION: typing.Final = 32
UNAVAILABLE: typing.Final = 40
HOOK: typing.Final = 78
RECOVERY: typing.Final = 99
EXHAUSTED: typing.Final = 1100

CODES: typing.Final[dict[str, int]] = {
    "bad-params": BAD_PARAMS,
    "bad-address": BAD_ADDR,
    "bad-nic": BAD_INTERFACE,
    "used-nic": USED_INTERFACE,
    "bad-bonding": BAD_BONDING,
    "bad-vlan": BAD_VLAN,
    "bad-bridge": BAD_BRIDGE,
    "used-bond": USED_BOND,
    "ovs-connection": OVS_CONNECTION,
}


def number_of(code: str) -> int:
    """The number of a diagnostic's code; what has none of its own is a bad parameter."""
    return CODES.get(code, BAD_PARAMS)
