"""Notifications of a real kernel, and what happens when there are too many."""

import pytest

from linkhold.providers.kernel.netlink import address, events, link, route
from linkhold.providers.kernel.netlink.events import LOST, Subscription

pytestmark = pytest.mark.needs("ifb")


@pytest.fixture
def subscription(netlink):
    with Subscription() as opened:
        yield opened


def test_events_tell_what_happened_in_order(netlink, subscription):
    assert subscription.read() == []
    netlink.request(*link.create("t0", "ifb", up=True))
    index = link.read(netlink, "t0").index
    netlink.request(*address.add(index, "192.0.2.1", 24))
    netlink.request(*link.delete(index))
    assert subscription.wait(1)
    heard = subscription.read()
    kinds = [each.kind for each in heard]
    assert kinds[0] == link.RTM_NEWLINK
    assert {address.RTM_NEWADDR, route.RTM_NEWROUTE, link.RTM_DELLINK} <= set(kinds)
    added = [each.subject for each in heard if each.kind == address.RTM_NEWADDR]
    assert ("192.0.2.1", index) in [(each.address, each.index) for each in added]
    gone = [each for each in heard if each.kind == link.RTM_DELLINK]
    assert [each.subject.name for each in gone] == ["t0"]
    assert [each.is_removal for each in gone] == [True]
    assert not heard[0].is_removal


def test_waiting_ends_when_time_is_up(subscription):
    assert subscription.wait(0.01) is False


def test_only_the_groups_asked_for_are_heard(netlink):
    with Subscription(events.ADDRESSES) as subscription:
        netlink.request(*link.create("t0", "ifb"))
        netlink.request(*address.add(link.read(netlink, "t0").index, "192.0.2.1", 24))
        assert [each.kind for each in subscription.read()] == [address.RTM_NEWADDR]


def test_a_storm_is_told_as_loss_and_then_it_goes_on(netlink):
    with Subscription(receive_buffer=4096) as subscription:
        netlink.batch(link.create(f"t{number}", "ifb") for number in range(40))
        assert subscription.read() is LOST
        assert subscription.read() == []
        netlink.request(*link.delete(link.read(netlink, "t0").index))
        heard = subscription.read()
        assert heard is not LOST
        assert link.RTM_DELLINK in [each.kind for each in heard]


def test_a_thousand_new_links_are_all_heard(netlink, subscription):
    netlink.batch(link.create(f"t{number}", "ifb") for number in range(1000))
    heard = subscription.read()
    assert heard is not LOST
    assert len({each.subject.index for each in heard if each.kind == link.RTM_NEWLINK}) == 1000
