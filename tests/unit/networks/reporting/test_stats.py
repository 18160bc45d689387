"""Statistics: text where a centre expects text, and each sum under its own name."""

from linkhold.networks.reporting.stats import statistics
from linkhold.networks.traffic import Traffic

ETH0 = Traffic("eth0", True, 10000, "full", 1, 2, 3, 4, 5, 6)
LO = Traffic("lo", False, 0, "unknown", 10, 20, 30, 40, 50, 60)


def test_every_link_is_told_in_text():
    assert statistics([ETH0], 12.5)["network"] == {
        "eth0": {
            "name": "eth0",
            "state": "up",
            "speed": "10000",
            "duplex": "full",
            "rx": "1",
            "tx": "2",
            "rxErrors": "3",
            "txErrors": "4",
            "rxDropped": "5",
            "txDropped": "6",
            "sampleTime": 12.5,
        }
    }


def test_a_link_without_a_speed_has_the_usual_one():
    lo = statistics([LO], 0.0)["network"]["lo"]
    assert (lo["state"], lo["speed"], lo["duplex"]) == ("down", "1000", "unknown")


def test_the_sums_are_not_swapped():
    told = statistics(iter([ETH0, LO]), 0.0)
    assert (told["rxDropped"], told["txDropped"]) == (55, 66)
    assert set(told["network"]) == {"eth0", "lo"}


def test_no_links_are_no_drops():
    assert statistics([], 0.0) == {"network": {}, "rxDropped": 0, "txDropped": 0}
