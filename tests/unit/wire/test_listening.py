"""Addresses as text, and where a server listens."""

import socket

import pytest

from linkhold.foundation.failures import Refused
from linkhold.wire import listening


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (("192.0.2.1", 5), "192.0.2.1"),
        (("::ffff:192.0.2.1", 5, 0, 0), "192.0.2.1"),
        (("2001:db8::1", 5, 0, 0), "2001:db8::1"),
        (("fe80::1%eth0", 5, 0, 2), "fe80::1%eth0"),
    ],
)
def test_addresses(address, text):
    assert listening.text_of(address) == text


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_what_one_attacker_has(address, origin):
    assert listening.neighbourhood(address) == origin


def test_a_port_that_is_taken_is_a_failure():
    with listening.listen("127.0.0.1", 0) as sock, pytest.raises(Refused):
        listening.listen("127.0.0.1", sock.getsockname()[1])


def test_without_ipv6_it_is_ipv4(monkeypatch):
    real = socket.socket

    def without_ipv6(family=-1, *arguments, **more):
        if family == socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        return real(family, *arguments, **more)

    monkeypatch.setattr(listening.socket, "socket", without_ipv6)
    with listening.listen("::", 0) as sock:
        assert sock.getsockname()[0] == "0.0.0.0"
    with pytest.raises(Refused):
        listening.listen("::1", 0)
