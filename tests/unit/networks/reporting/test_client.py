"""Over which interface the centre talks to us."""

import pytest

from linkhold.networks.reporting.client import last_client_interface
from linkhold.state.document import read

HOST = read(
    {
        "interfaces": [
            {
                "name": "lo",
                "type": "loopback",
                "ipv4": {"enabled": True, "address": [{"ip": "127.0.0.1", "prefix-length": 8}]},
            },
            {
                "name": "red",
                "type": "linux-bridge",
                "ipv4": {"enabled": True, "address": [{"ip": "192.0.2.7", "prefix-length": 24}]},
                "ipv6": {
                    "enabled": True,
                    "address": [{"ip": "fe80::7", "prefix-length": 64}, {"ip": "2001:db8::7", "prefix-length": 64}],
                },
            },
            {
                "name": "blue",
                "type": "linux-bridge",
                "ipv6": {"enabled": True, "address": [{"ip": "fe80::7", "prefix-length": 64}]},
            },
        ]
    }
)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.7", "red"),
        ("::ffff:192.0.2.7", "red"),
        ("2001:db8:0::7", "red"),
        ("fe80::7%blue", "blue"),
        ("fe80::7%red", "red"),
        ("127.0.0.1", "lo"),
        ("192.0.2.8", ""),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_the_interface_that_holds_our_address(address, name):
    assert last_client_interface(HOST, address) == name


def test_a_host_without_interfaces_has_none():
    assert last_client_interface(read({}), "192.0.2.7") == ""
