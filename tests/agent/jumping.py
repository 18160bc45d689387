"""Time that a test moves on, for an event loop with real sockets."""

import asyncio
from collections.abc import Callable, Coroutine


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time the test moves on, so that waiting takes none."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def run_jumping(scene: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run a scene in such a loop."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(scene())


def jump(seconds: float) -> None:
    """Let so much time have passed."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, JumpingLoop)
    loop.ahead += seconds
