"""One spelling for each address, agreed with the standard library on whatever is thrown at it."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.state.spellings import IP_ADDRESS, ip_address, ip_network, is_ipv6, is_link_local, mac, or_empty

near_ipv4 = st.lists(
    st.integers(0, 300).map(str) | st.sampled_from(["", "00", "01", "a", "²"]), min_size=3, max_size=5
).map(".".join)
anything = near_ipv4 | st.ip_addresses().map(str) | st.text("0123456789abcdef:./%", max_size=20)


@given(anything)
def test_addresses(text: str) -> None:
    try:
        expected = str(ipaddress.ip_address(text))
    except ValueError:
        expected = ""
    if "%" in text or not expected:
        with pytest.raises(ValueError):
            ip_address(text)
    else:
        assert ip_address(text) == expected


@given(anything, st.integers(0, 140).map(str) | st.sampled_from(["", "a", "024", "255.255.255.0"]))
def test_networks(text: str, length: str) -> None:
    text = f"{text}/{length}"
    try:
        expected = str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        with pytest.raises(ValueError):
            ip_network(text)
    else:
        assert ip_network(text) == expected


@given(st.binary(min_size=6, max_size=6))
def test_macs(raw: bytes) -> None:
    assert mac(raw.hex("-")) == mac(raw.hex(":").upper()) == raw.hex(":").upper()


def test_infiniband_macs_have_20_bytes() -> None:
    assert mac(":".join(["0a"] * 20)) == ":".join(["0A"] * 20)
    with pytest.raises(ValueError):
        mac(":".join(["0a"] * 8))


def test_families() -> None:
    assert [is_ipv6(text) for text in ("192.0.2.1", "::1", "::/0", "0.0.0.0/0")] == [False, True, True, False]
    assert [is_link_local(text) for text in ("fe80::1", "febf::1", "fec0::1", "fe00::1", "2001:fe80::1")] == [
        True, True, False, False, False
    ]  # fmt: skip


def test_nothing_can_be_a_value() -> None:
    form = or_empty(IP_ADDRESS)
    assert form.parse("") == ""
    assert form.parse("2001:DB8::1") == "2001:db8::1"
