"""IPv4 addresses come in the order in which the kernel lists them, whatever order a document puts them in."""

import pytest

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.state.document import read, to_plain
from linkhold.state.normalise import normalised


def listed(family, *texts):
    addresses = [{"ip": one.split("/")[0], "prefix-length": int(one.split("/")[1])} for one in texts]
    document = {"interfaces": [{"name": "eth1", "type": "ethernet", family: {"enabled": True, "address": addresses}}]}
    section = to_plain(normalised(read(document), Diagnostics()))["interfaces"][0][family]
    return [f"{one['ip']}/{one['prefix-length']}" for one in section["address"]]


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        (["192.0.2.2/24", "192.0.2.1/24"], ["192.0.2.2/24", "192.0.2.1/24"]),
        (
            ["192.0.2.2/24", "192.0.2.1/24", "198.51.100.1/24"],
            ["192.0.2.2/24", "198.51.100.1/24", "192.0.2.1/24"],
        ),
        # another length is another network to the kernel
        (["192.0.2.2/24", "192.0.2.1/25", "192.0.2.3/24"], ["192.0.2.2/24", "192.0.2.1/25", "192.0.2.3/24"]),
    ],
)
def test_the_first_of_each_network_comes_first(said, canonical):
    assert listed("ipv4", *said) == canonical


def test_ipv6_knows_no_secondary_addresses():
    said = ["2001:db8::2/64", "2001:db8::1/64", "2001:db8:1::1/64"]
    assert listed("ipv6", *said) == said
