"""Looking at this host: its state by the providers, and the facts of the same moment.

Which services run may change while we live, so the providers are found anew whenever other ones may have something to show.
"""

import asyncio
import os
import typing

from linkhold.executor import host
from linkhold.executor.setup.aside import Aside
from linkhold.executor.setup.snapshot import Seen
from linkhold.foundation.failures import Failure
from linkhold.networks.facts import Facts
from linkhold.providers.contract import ALL_DETAILS, Provider, Scope, Watch
from linkhold.state.network import NetworkState

_T = typing.TypeVar("_T")

SCOPE: typing.Final = Scope(details=(ALL_DETAILS - {"lldp", "mptcp"}) | {"carrier", "qos"}, idle=True)
"""All that networks are made of and reports tell. What neighbours announce changes all the time, and has a verb of its own."""

LISTEN: typing.Final = 5.0
"""Seconds after which it is seen whether other services run than before, if nothing was told."""


def facts() -> Facts:
    """The facts of this host; none of one that is simulated.

    Raises:
        Failure: it can't be read.
    """
    if (os.environ.get("LINKHOLD_PROVIDER") or "").startswith("memory:"):
        return Facts()
    from linkhold.providers.kernel import facts as kernel

    return kernel.read(root=os.environ.get("LINKHOLD_ROOT", ""))


class Gaze:
    """The providers as they were found, and a watch over them. Used by one thread."""

    def __init__(self) -> None:
        self.found = host.showing()
        self.provider: Provider = host.provider(to_look=True)
        self.watch: Watch = self.provider.watch()

    def close(self) -> None:
        """Let go of all."""
        self.watch.close()
        self.provider.close()


class HostEyes:
    """Implements `Eyes` of the snapshot; all is done `aside`."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self._gaze: Gaze | None = None

    async def look(self) -> Seen:
        """The host now.

        Raises:
            Failure: it can't be read.
        """
        return await self._aside.do(self._look)

    async def news(self) -> bool:
        """Whether anything was told of since the last look."""
        return await self._aside.do(self._news)

    async def show(self, scope: Scope) -> NetworkState:
        """The host as far as somebody asks.

        Raises:
            Failure: it can't be read.
        """

        async def shown() -> NetworkState:
            return await self._present().provider.observe(scope)

        return await self._aside.do(shown)

    async def think(self, work: typing.Callable[[Provider], typing.Coroutine[typing.Any, typing.Any, _T]]) -> _T:
        """What follows from what is there; however long thinking of it takes, it keeps nobody from being answered."""
        return await self._aside.do(lambda: work(self._present().provider))

    async def _look(self) -> Seen:
        gaze = self._present()
        try:
            state = await gaze.provider.observe(SCOPE)
            return Seen(state, facts())
        except Failure:
            self._drop()
            raise

    async def _news(self) -> bool:
        if self._gaze is None or host.showing() != self._gaze.found:
            return True
        return await self._gaze.watch.changed(0)

    def _present(self) -> Gaze:
        if self._gaze is not None and host.showing() != self._gaze.found:
            self._drop()
        if self._gaze is None:
            self._gaze = Gaze()
        return self._gaze

    def _drop(self) -> None:
        if self._gaze is not None:
            self._gaze.close()
            self._gaze = None


class HostNews:
    """Implements `News` of the watchman. What is begun `aside` is never broken off: whoever comes next waits for the same."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self._gaze: Gaze | None = None
        self._listening: asyncio.Future[bool] | None = None

    async def changed(self, seconds: float) -> bool:
        """Wait for news, at most so long.

        Raises:
            Failure: nothing can be heard.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            if self._listening is None:
                self._listening = asyncio.ensure_future(self._aside.do(self._listen))
            done, _ = await asyncio.wait([self._listening], timeout=max(0.0, until - loop.time()))
            if not done:
                return False
            listened, self._listening = self._listening, None
            if listened.result():
                return True

    async def _listen(self) -> bool:
        """Hear what comes, for a while. Other services than before are news."""
        if self._gaze is not None and host.showing() == self._gaze.found:
            return await self._gaze.watch.changed(LISTEN)
        if self._gaze is not None:
            self._gaze.close()
        self._gaze = Gaze()
        return True
