"""Facts survive the way through JSON."""

import json

import pytest

from linkhold.networks.facts import Card, Facts, InterfaceFacts, Virtual
from linkhold.networks.facts_form import from_plain, to_plain

FULL = Facts(
    ipv6=False,
    cards={"0000:05:00.0": Card(vendor="Intel Corporation", vendor_number="0x8086", virtual_functions_most=8)},
    bond_defaults={"802.3ad": {"miimon": "0"}},
    interfaces={
        "bond0": InterfaceFacts(bond_options={"mode": ("802.3ad", "4")}, aggregator="1", active_port="eth1"),
        "eth1": InterfaceFacts(
            speed=1000,
            duplex="full",
            virtual_functions_most=8,
            virtual_functions=(Virtual("0000:05:10.0", "eth1v0"), Virtual("0000:05:10.1", "")),
        ),
        "lo": InterfaceFacts(),
    },
)


@pytest.mark.parametrize("facts", [FULL, Facts()])
def test_what_was_written_is_read(facts: Facts) -> None:
    back = from_plain(json.loads(json.dumps(to_plain(facts))))
    assert back == facts
    assert all(isinstance(one, Virtual) for one in back.about("eth1").virtual_functions)


def test_what_is_no_such_data_is_refused() -> None:
    with pytest.raises(KeyError):
        from_plain({"interfaces": {"eth1": {"sped": 1}}})
