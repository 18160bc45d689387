"""What the agent does beside answering goes on, whatever mistake of ours breaks off one of these works."""

import asyncio
import json
import typing

from linkhold.agent.service import AGAIN, endless
from linkhold.foundation.logs import Log
from tests.unit.agent.hosts import Clock


def test_work_that_a_mistake_of_ours_breaks_off_is_told_and_begun_again() -> None:
    lines: list[dict[str, typing.Any]] = []
    log = Log("agent", write=lambda line: lines.append(json.loads(line)), journal=False)
    clock, begun = Clock(), []

    async def work() -> None:
        begun.append(clock.at)
        if len(begun) < 3:
            raise KeyError("state")
        await asyncio.Event().wait()

    async def watched() -> None:
        task = asyncio.create_task(endless("events", work, log, clock))
        while len(begun) < 3:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()

    asyncio.run(watched())
    assert begun == [1000.0, 1000.0 + AGAIN, 1000.0 + 2 * AGAIN]
    assert [(line["event"], line["task"], line["error"]) for line in lines] == [
        ("task-died", "events", "KeyError('state')")
    ] * 2
