"""Waiting for the network to change."""

import asyncio
import time

import pytest

from linkhold.providers.kernel.netlink.events import Subscription
from linkhold.providers.kernel.provider import Kernel
from linkhold.providers.kernel.watch import KernelWatch


@pytest.fixture
def watch(netns):
    one = Kernel().watch()
    yield one
    one.close()


def test_a_change_before_the_waiting_is_not_missed(watch, netns):
    netns.ip("address", "add", "192.0.2.1/32", "dev", "lo")
    assert asyncio.run(watch.changed(5)) is True
    assert asyncio.run(watch.changed(0)) is False


def test_a_change_while_waiting_ends_it_at_once(watch, netns):
    async def scene():
        async def later():
            await asyncio.sleep(0.05)
            await asyncio.to_thread(netns.ip, "address", "add", "192.0.2.1/32", "dev", "lo")

        change = asyncio.create_task(later())
        began = time.monotonic()
        changed = await watch.changed(10)
        await change
        return changed, time.monotonic() - began

    changed, took = asyncio.run(scene())
    assert changed is True
    assert took < 5


def test_quiet_is_told_when_time_is_up(watch):
    began = time.monotonic()
    assert asyncio.run(watch.changed(0.1)) is False
    assert 0.05 < time.monotonic() - began < 5


def test_a_storm_that_was_lost_is_a_change(netns):
    watch = KernelWatch(Subscription(receive_buffer=1))
    for number in range(1, 60):
        netns.ip("address", "add", f"192.0.2.{number}/32", "dev", "lo")
    assert asyncio.run(watch.changed(5)) is True
    assert watch.recent == ()
    netns.ip("address", "add", "198.51.100.1/32", "dev", "lo")
    assert asyncio.run(watch.changed(5)) is True
    assert watch.recent
    watch.close()


def test_it_can_be_waited_for_again_and_again(watch, netns):
    for number in range(1, 4):
        netns.ip("address", "add", f"192.0.2.{number}/32", "dev", "lo")
        assert asyncio.run(watch.changed(5)) is True
