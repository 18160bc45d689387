"""One change at a time in this process: whoever comes second is told at once, not made to wait."""

import contextlib
import typing

from linkhold.foundation.failures import Busy


class Turn:
    """Who changes the host (or what is stored of it) now."""

    def __init__(self) -> None:
        self.holder = ""

    @contextlib.contextmanager
    def taken(self, holder: str) -> typing.Iterator[None]:
        """Have the turn for the length of a with block. `holder` says what for.

        Raises:
            Busy: somebody has it.
        """
        if self.holder:
            raise Busy(f"{self.holder} is being carried out")
        self.holder = holder
        try:
            yield
        finally:
            self.holder = ""
