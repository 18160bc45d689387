"""Waiting for whichever of several things happens first."""

import asyncio

import pytest

from linkhold.foundation.waiting import first


def test_the_others_have_ended_when_it_returns() -> None:
    ended: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("endless")

    async def quick() -> None:
        ended.append("quick")

    asyncio.run(first(endless(), quick()))
    assert ended == ["quick", "endless"]


def test_what_goes_wrong_first_is_raised() -> None:
    async def wrong() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(first(asyncio.sleep(60), wrong()))
