"""Ctrl-C, SIGTERM and the end of the terminal while the host is being changed: heard once, and answered by going back."""

import signal
import sys
import typing

if typing.TYPE_CHECKING:
    from linkhold.transaction.progress import Progress, Report

_T = typing.TypeVar("_T")
_Coroutine = typing.Coroutine[typing.Any, typing.Any, _T]

_SIGNALS: typing.Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """Work was stopped by a signal; `told` says what state the host is in now."""

    def __init__(self, number: int, told: str) -> None:
        super().__init__(f"interrupted by {signal.Signals(number).name}")
        self.number = number
        self.told = told


class Listener:
    """Between a transaction and whoever draws its progress: knows whether it is on its way back already."""

    def __init__(self, report: "Report", *, going_back: bool = False) -> None:
        self.going_back = going_back
        self._report = report

    def __call__(self, progress: "Progress") -> None:
        """Take note and pass it on."""
        self.going_back = self.going_back or progress.phase == "rollback"
        self._report(progress)


def run(work: _Coroutine[_T], listener: Listener) -> _T:
    """The result of some work on the host. The first signal cancels it: a transaction then goes back, and says so in
    notes to the exception. Whatever goes back already is not stopped, since half a way back is the worst place to stay.

    Raises:
        Interrupted: a signal came.
    """
    import asyncio

    return asyncio.run(_hearing(work, listener))


async def _hearing(work: _Coroutine[_T], listener: Listener) -> _T:
    import asyncio

    heard: list[int] = []
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def hear(number: int) -> None:
        name = signal.Signals(number).name
        if listener.going_back or task is None:
            _tell(f"{name}: it is going back to what was before; that is not stopped half-way")
            return
        heard.append(number)
        listener.going_back = True
        _tell(f"{name}: going back to what was before")
        task.cancel(f"interrupted by {name}")

    heard_of = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # as nohup(1) asks
    for number in heard_of:
        loop.add_signal_handler(number, hear, number)
    try:
        return await work
    except asyncio.CancelledError as cancelled:
        if not heard:
            raise
        notes = getattr(cancelled, "__notes__", None) or ("Nothing was touched.",)
        raise Interrupted(heard[0], "\n".join(notes)) from None
    finally:
        for number in heard_of:
            loop.remove_signal_handler(number)


def _tell(sentence: str) -> None:
    try:
        print(f"\nlinkhold: {sentence}", file=sys.stderr, flush=True)
    except OSError:  # the terminal is gone: that may be why we are here
        pass
