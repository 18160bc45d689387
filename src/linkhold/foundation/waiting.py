"""Waiting for whichever of several things happens first."""

import asyncio
import typing


async def first(*works: typing.Coroutine[typing.Any, typing.Any, object]) -> None:
    """Wait until one of them ends. The others are cancelled, and have ended when this returns.

    Raises: what the one that ended first raised.
    """
    tasks = [asyncio.ensure_future(one) for one in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for one in done:
        one.result()
