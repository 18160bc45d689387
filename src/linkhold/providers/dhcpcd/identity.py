"""DHCP Unique Identifiers (RFC 8415, section 11; RFC 6355), which tell this host from others at servers."""

import os
import time
import typing

from linkhold.foundation.machine import identity

KEPT: typing.Final = "/var/lib/linkhold/leases"
"""What has to be the same after a boot: the time in a DUID-LLT."""

_ETHERNET: typing.Final = "00:01"
_EPOCH: typing.Final = 946684800  # 2000-01-01, from which DUIDs count their seconds
_ENTERPRISE: typing.Final = 43793  # systemd's: its DUID-EN is made of the machine's identity just so


def duid(said: str, mac: str, interface: str, *, kept: str = KEPT) -> str:
    """The identifier in bytes (``00:03:…``) for ``ll``, ``llt``, ``en``, ``uuid``, or as it was said.

    `mac` may be '': then all but those said verbatim are made of the machine's identity.

    Raises:
        OSError: the time in it can't be kept.
    """
    if said not in ("ll", "llt", "en", "uuid"):
        return said.lower()
    if said == "uuid" or not mac:
        return _bytes(b"\0\4" + _machine())
    if said == "en":
        return _bytes(b"\0\2" + _ENTERPRISE.to_bytes(4, "big") + _machine()[:8])
    if said == "ll":
        return f"00:03:{_ETHERNET}:{mac.lower()}"
    return f"00:01:{_ETHERNET}:{_bytes(_first_used(interface, kept).to_bytes(4, 'big'))}:{mac.lower()}"


def _bytes(data: bytes) -> str:
    return ":".join(f"{byte:02x}" for byte in data)


def _machine() -> bytes:
    """Sixteen bytes made of machine-id(5), which itself is not to be told to others."""
    import hashlib

    text = identity()
    return hashlib.sha256(text + b"\0dhcp").digest()[:16] if text else bytes(16)


def _first_used(interface: str, kept: str) -> int:
    path = f"{kept}/{interface}.duid-time"
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read()) & 0xFFFFFFFF
    except (FileNotFoundError, ValueError):
        pass  # never used so far, or torn by a power cut
    now = int(time.time()) - _EPOCH & 0xFFFFFFFF
    os.makedirs(kept, exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{now}\n")
        file.flush()
        os.fsync(file.fileno())
    return now
