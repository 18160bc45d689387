"""What differs between two snapshots, in the words of the event."""

import pytest

from linkhold.executor.setup.differing import changed
from linkhold.executor.setup.snapshot import Seen
from linkhold.networks.facts import InterfaceFacts
from linkhold.state.interfaces.ip import IpAddress, Ipv4
from tests.unit.executor.setup.test_snapshot import ETH0, leased, seen
from tests.unit.transaction.stage import card

OTHER = IpAddress(ip="192.0.2.77", prefix_length=24, valid_life_time="50sec", preferred_life_time="50sec")


@pytest.mark.parametrize(
    ("before", "after", "names", "what"),
    [
        (seen(ETH0), seen(ETH0), (), ()),
        (seen(ETH0), seen(card("eth0", "192.0.2.9")), ("eth0",), ("address",)),
        (seen(ETH0), seen(ETH0.replace(mtu=1400)), ("eth0",), ("link",)),
        (seen(ETH0), seen(ETH0, card("eth1", "192.0.2.2")), ("eth1",), ("address", "link")),
        (seen(ETH0), seen(), ("eth0",), ("address", "link")),
        (seen(ETH0.replace(carrier=True)), seen(ETH0.replace(carrier=False)), ("eth0",), ("carrier",)),
        (seen(leased("9sec")), seen(leased("8sec")), (), ()),
        (
            seen(leased("9sec")),
            seen(leased("9sec").replace(ipv4=Ipv4(enabled=True, dhcp=True, address=(OTHER,)))),
            ("eth0",),
            ("address", "lease"),
        ),
        (
            seen(ETH0, eth0=InterfaceFacts(active_port="a")),
            seen(ETH0, eth0=InterfaceFacts(active_port="b")),
            ("eth0",),
            ("active-port",),
        ),
    ],
    ids=["nothing", "address", "mtu", "came", "went", "carrier", "lifetime", "lease", "failover"],
)
def test_words(before: Seen, after: Seen, names: tuple[str, ...], what: tuple[str, ...]) -> None:
    assert changed(before, after) == (names, what)
