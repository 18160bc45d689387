"""A socket of ours in a network namespace of each test's own."""

import pytest

from linkhold.providers.kernel.netlink.socket import Netlink


@pytest.fixture
def netlink(netns):
    with Netlink() as opened:
        yield opened
