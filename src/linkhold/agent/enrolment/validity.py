"""When a certificate begins and ends, and its fingerprint: read from its own bytes (X.509, RFC 5280; DER, X.690).

So an agent that has its certificate from elsewhere needs no library for them, and one that is idle keeps none in memory.
"""

import base64
import binascii
import datetime
import hashlib
import re
import typing

from linkhold.foundation.failures import Permanent

RENEW_AT: typing.Final = 2 / 3
"""The part of a certificate's life after which it is renewed."""

_BLOCK: typing.Final = re.compile(rb"-----BEGIN CERTIFICATE-----\s(.*?)-----END CERTIFICATE-----", re.DOTALL)
_SEQUENCE: typing.Final = 0x30
_VERSION: typing.Final = 0xA0
_UTC_TIME: typing.Final = 0x17
_GENERALIZED_TIME: typing.Final = 0x18


class Life(typing.NamedTuple):
    """From when to when a certificate is valid, in UTC."""

    begins: datetime.datetime
    ends: datetime.datetime


def der(pem: bytes) -> bytes:
    """The first certificate of a PEM text.

    Raises:
        Permanent: there is none.
    """
    found = _BLOCK.search(pem)
    if found is None:
        raise Permanent("this is no certificate in PEM: it has no line '-----BEGIN CERTIFICATE-----'")
    try:
        return base64.b64decode(b"".join(found[1].split()), validate=True)
    except binascii.Error as error:
        raise Permanent(f"this is no certificate in PEM: {error}") from error


def alone(pem: bytes) -> bytes:
    """The first certificate of a PEM text, and nothing that came with it: what is trusted has to be what was looked at.

    Raises:
        Permanent: there is none.
    """
    text = base64.b64encode(der(pem))
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""])


def fingerprint(pem: bytes) -> str:
    """The SHA-256 fingerprint of a certificate: 64 hexadecimal digits in lower case.

    Raises:
        Permanent: it is none.
    """
    content = der(pem)
    life_of(content)  # so that what is no certificate has no fingerprint either
    return hashlib.sha256(content).hexdigest()


def plain_fingerprint(text: str) -> str:
    """A fingerprint as people write it (``SHA256:AB:CD:…``), as `fingerprint` gives it."""
    return text.strip().lower().removeprefix("sha256:").removeprefix("sha-256:").replace(":", "").replace(" ", "")


def life(pem: bytes) -> Life:
    """When the first certificate of a PEM text begins and ends.

    Raises:
        Permanent: there is none.
    """
    return life_of(der(pem))


def life_of(content: bytes) -> Life:
    """The same of a certificate in DER. Before its validity stand a version (which may be left out), its number, an
    algorithm and the issuer.

    Raises:
        Permanent: it is none.
    """
    try:
        parts = _parts(_inside(_inside(content, _SEQUENCE), _SEQUENCE))
        tag, _ = parts[0]
        begins, ends = _parts(parts[4 if tag == _VERSION else 3][1])
        return Life(_moment(*begins), _moment(*ends))
    except (IndexError, ValueError) as error:
        raise Permanent(f"this is no certificate: {error}") from error


def due(pem: bytes, now: datetime.datetime) -> bool:
    """Whether two thirds of its life are over."""
    begins, ends = life(pem)
    return now >= begins + (ends - begins) * RENEW_AT


def _inside(data: bytes, expected: int) -> bytes:
    tag, content, _ = _element(data, 0)
    if tag != expected:
        raise ValueError(f"tag {tag:#x} where {expected:#x} should be")
    return content


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of a sequence, each with its tag."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        tag, content, at = _element(data, at)
        found.append((tag, content))
    return found


def _element(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Tag and content of the element that begins there, and where the next one does."""
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + length > len(data):
        raise ValueError("it is cut off")
    return tag, data[at : at + length], at + length


def _moment(tag: int, content: bytes) -> datetime.datetime:
    """A time: ``YYMMDDhhmmssZ`` means 1950 to 2049, later ones have all digits (RFC 5280, 4.1.2.5)."""
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError(f"tag {tag:#x} where a time should be")
    return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.UTC)
