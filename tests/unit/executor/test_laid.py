"""Waiting until a service has laid addresses."""

import asyncio
import typing

from linkhold.executor import laid
from linkhold.providers.contract import Scope
from linkhold.state.document import read
from linkhold.state.network import NetworkState


def host(*addresses: str) -> NetworkState:
    entries = [{"ip": one, "prefix-length": 24} for one in addresses]
    return read({"interfaces": [{"name": "eth1", "type": "dummy", "ipv4": {"enabled": True, "address": entries}}]})


class Kernel:
    """Shows one state after the other, the last one for ever."""

    def __init__(self, *states: NetworkState) -> None:
        self.states, self.looks = list(states), 0

    async def observe(self, scope: Scope) -> NetworkState:
        assert scope.names == {"eth1"}
        self.looks += 1
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


def looks(*states: NetworkState) -> int:
    kernel = Kernel(*states)
    before, after = host("192.0.2.7"), host("192.0.2.8")
    asyncio.run(laid.addresses_laid(typing.cast("typing.Any", kernel), ["eth1"], before, after))
    return kernel.looks


def test_what_is_laid_already_is_not_waited_for() -> None:
    assert looks(host("192.0.2.8")) == 1


def test_the_old_address_has_to_be_gone_and_the_new_one_there() -> None:
    assert looks(host("192.0.2.7"), host("192.0.2.7", "192.0.2.8"), host(), host("192.0.2.8")) == 4


def test_addresses_of_others_are_nobodys_business() -> None:
    assert looks(host("192.0.2.8", "198.51.100.1")) == 1


def test_patience_ends() -> None:
    assert looks(host("192.0.2.7")) == round(laid.PATIENCE / laid.LOOK)
