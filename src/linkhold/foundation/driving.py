"""Running a coroutine from plain code."""

import typing

_T = typing.TypeVar("_T")


def drive(work: typing.Coroutine[typing.Any, typing.Any, _T]) -> _T:
    """The result of a coroutine that never has to wait, found without an event loop (whose import alone takes longer than
    showing a host).

    Raises:
        RuntimeError: it did wait; run it with `asyncio.run`.
    """
    try:
        work.send(None)
    except StopIteration as done:
        return typing.cast("_T", done.value)
    work.close()
    raise RuntimeError("this work waits for something: run it in an event loop")


def run(work: typing.Coroutine[typing.Any, typing.Any, _T]) -> _T:
    """The result of a coroutine, in an event loop of its own; in a thread of its own where this one runs a loop already
    (plain code that was called by a coroutine, which waits meanwhile).
    """
    import asyncio

    results: list[_T] = []

    async def whole() -> None:  # returns nothing: asyncio.run spells out its task, and what that returns, twice
        results.append(await work)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(whole())
    else:
        _aside(lambda: asyncio.run(whole()))
    return results[0]


def _aside(work: typing.Callable[[], None]) -> None:
    """Do some work in another thread, to its end."""
    import concurrent.futures

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()
