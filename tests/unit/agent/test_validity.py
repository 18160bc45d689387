"""Certificates read from their bytes, against the library that made them."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from linkhold.agent.enrolment import keys, validity
from linkhold.foundation.failures import Permanent
from tests.unit.agent.authority import Authority

AUTHORITY = Authority()
REQUEST = keys.new_request("host.example").request


@pytest.mark.parametrize(
    ("begins", "ends"),
    [((2000, 1, 1), (2049, 12, 31, 23, 59, 59)), ((2049, 1, 1), (2050, 1, 1)), ((1999, 2, 3, 4, 5, 6), (2100, 1, 1))],
)
def test_moments_before_and_after_2050(begins: tuple[int, ...], ends: tuple[int, ...]) -> None:
    first, last = (datetime.datetime(*one, tzinfo=datetime.UTC) for one in (begins, ends))  # type: ignore[arg-type,misc]
    pem = AUTHORITY.sign(REQUEST, begins=first, ends=last)
    assert validity.life(pem) == (first, last)


def test_the_fingerprint_is_that_of_the_library() -> None:
    pem = AUTHORITY.sign(REQUEST)
    assert validity.fingerprint(pem) == x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex()
    assert validity.fingerprint(b"text before\n" + pem + AUTHORITY.pem) == validity.fingerprint(pem)


@given(st.binary(max_size=200))
def test_what_is_no_certificate_is_told(data: bytes) -> None:
    with pytest.raises(Permanent):
        validity.life_of(data)
    with pytest.raises(Permanent):
        validity.fingerprint(data)


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_one_raises_nothing_else(at: int, byte: int) -> None:
    content = bytearray(validity.der(AUTHORITY.pem))
    content[at % len(content)] = byte
    try:
        validity.life_of(bytes(content))
    except Permanent:
        pass


def test_a_base64_that_is_none() -> None:
    with pytest.raises(Permanent, match="no certificate in PEM"):
        validity.der(b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----")


def test_reading_them_needs_no_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "import linkhold.agent.service, linkhold.agent.enrolment.renewal\n"
        "from linkhold.agent.enrolment import validity; print(validity.life(sys.stdin.buffer.read()).ends.year > 2000)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=AUTHORITY.pem, capture_output=True, check=False)
    assert done.stdout == b"True\n", done.stderr
