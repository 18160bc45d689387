"""One at a time: the requests that write, of all clients together. A second one is refused at once, as vdsm does."""

import contextlib
import typing

from linkhold.networks.codes import UNAVAILABLE
from linkhold.wire.call import RpcError


class Writing:
    """Who writes now. `ended` is called after each, for what had to wait for it."""

    def __init__(self) -> None:
        self._verb = ""
        self._ended: list[typing.Callable[[], None]] = []

    @property
    def busy(self) -> bool:
        """Whether somebody does."""
        return bool(self._verb)

    def when_ended(self, told: typing.Callable[[], None]) -> None:
        """Call this after each."""
        self._ended.append(told)

    @contextlib.contextmanager
    def alone(self, verb: str) -> typing.Iterator[None]:
        """Be the one who writes.

        Raises:
            RpcError: 40, somebody else is.
        """
        if self._verb:
            raise RpcError(UNAVAILABLE, "Resource unavailable", {"reason": f"{self._verb} is being carried out"})
        self._verb = verb
        try:
            yield
        finally:
            self._verb = ""
            for told in self._ended:
                told()
