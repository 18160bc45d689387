"""A program written for vdsm's network verbs: it knows requests, replies and error numbers, and nothing of what is behind them.

After each request that succeeded it compares what it asked for with the capabilities, the kernel and what is stored
(agreement.py); after one that was refused, all of these with what they were before.
"""

import asyncio
import collections.abc
import typing

import pytest

from linkhold.wire import tls
from linkhold.wire.call import RpcError
from linkhold.wire.client import Client
from tests.agent.functional import agreement
from tests.agent.functional.shared import SharedHost
from tests.agent.pair import PORT

Plain = dict[str, typing.Any]

UNCHECKED = {"connectivityCheck": False}
DONE = {"code": 0, "message": "Done"}
REMOVE: Plain = {"remove": True}


class Stranger:
    """One connection to the agent; `networks` and `bonds` are what it has asked for and not removed again."""

    def __init__(self, host: SharedHost, files: tls.Files | None = None) -> None:
        self.host = host
        self.files = files or host.centre
        self.networks: dict[str, Plain] = {}
        self.bonds: dict[str, Plain] = {}
        self.foreign: set[str] = set()
        """Interfaces that the test itself has made."""
        self._loop = asyncio.new_event_loop()
        self._client: Client | None = None

    # -- calls --------------------------------------------------------------------------------------------------------

    def call(self, verb: str, params: typing.Any = None) -> typing.Any:
        """The result of a verb. Raises RpcError."""
        return self.during(lambda client: client.call(verb, params))

    def during(self, work: collections.abc.Callable[[Client], collections.abc.Awaitable[typing.Any]]) -> typing.Any:
        """What somebody gets who is connected."""

        async def whole() -> typing.Any:
            return await work(await self.connected())

        with self.host.netns.entered():
            return self._loop.run_until_complete(whole())

    async def connected(self) -> Client:
        """The connection, made anew where it was lost."""
        if self._client is not None and self._client._why_over:
            await self._client.close()
            self._client = None
        if self._client is None:
            context = tls.client_context(self.files, check_name=False)
            self._client = await Client.connect("::1", PORT, context)
        return self._client

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._loop.run_until_complete(self._client.close())
        self._loop.close()

    def caps(self) -> Plain:
        """``Host.getCapabilities``."""
        return typing.cast(Plain, self.call("Host.getCapabilities"))

    # -- requests -----------------------------------------------------------------------------------------------------

    def setup(self, networks: Plain, bonds: Plain | None = None, **options: typing.Any) -> Plain:
        """Ask for networks; everything agrees afterwards. The capabilities then."""
        params = {"networks": networks, "bondings": bonds or {}, "options": {**UNCHECKED, **options}}
        try:
            assert self.call("Host.setupNetworks", params) == DONE
        except RpcError as error:
            raise AssertionError(f"{error.code} {error.message} {error.data}") from error
        self.remember(networks, bonds or {})
        return self.agree()

    def remember(self, networks: Plain, bonds: Plain) -> None:
        """That a request was carried out."""
        for asked, known in ((networks, self.networks), (bonds, self.bonds)):
            for name, attributes in asked.items():
                if attributes.get("remove"):
                    known.pop(name, None)
                else:
                    known[name] = attributes

    def agree(self) -> Plain:
        """Compare everything with everything; the capabilities. AssertionError with all that differs."""
        caps = self.caps()
        found = agreement.differences(self.host, self.networks, self.bonds, caps, self.foreign)
        assert not found, "\n".join(found)
        return caps

    def refused(self, networks: Plain, bonds: Plain | None = None, **options: typing.Any) -> RpcError:
        """Ask for what can't be; nothing is touched by it. The error."""
        before = self._picture()
        params = {"networks": networks, "bondings": bonds or {}, "options": {**UNCHECKED, **options}}
        with pytest.raises(RpcError) as caught:
            self.call("Host.setupNetworks", params)
        found = agreement.unlike(before, self._picture())
        assert not found, "\n".join([caught.value.message, *found])
        return caught.value

    def _picture(self) -> Plain:
        caps = self.caps()
        told = {key: caps[key] for key in ("networks", "bondings", "vlans", "nameservers", "netConfigDirty")}
        stored = {name: self.host.stored(name) for name in ("running", "safe")}
        return {**told, **stored, **agreement.picture(self.host)}

    def leave(self) -> None:
        """Remove what the test has made, then whatever is reported, as a test suite does; and keep that."""
        there = {link["ifname"] for link in self.host.netns.ip_json("link")}
        for name in self.foreign & there:
            if name in {link["ifname"] for link in self.host.netns.ip_json("link")}:  # a cable has two ends
                self.host.netns.ip("link", "del", name)
        self.foreign.clear()
        self.remove_all()
        assert self.call("Host.setSafeNetworkConfig") is True

    def remove_all(self) -> None:
        """Remove all networks, and all bonds that are ours."""
        running = self.host.stored("running")
        gone = dict.fromkeys(running["networks"], REMOVE), dict.fromkeys(running["bonds"], REMOVE)
        if any(gone):
            self.setup(*gone)
