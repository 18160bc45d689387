"""The agent as a process: everything put together, started in order, ended when systemd says so."""

import asyncio
import contextlib
import os
import signal
import typing

from linkhold.agent import certificates, dispatch, events, gauges, link, metrics_server, reports, settings, verbs
from linkhold.agent.enrolment import files, renewal
from linkhold.agent.hooks.points import Hooks
from linkhold.agent.host import Host
from linkhold.agent.machine import capabilities, statistics
from linkhold.agent.metrics import Metrics
from linkhold.agent.snapshots import Snapshots
from linkhold.agent.writing import Writing
from linkhold.foundation.clock import SystemClock
from linkhold.foundation.notify import Notify
from linkhold.networks.configuration import Configuration
from linkhold.providers.kernel import statistics as kernel
from linkhold.wire.call import RpcError
from linkhold.wire.local_client import LocalClient
from linkhold.wire.server import Server

if typing.TYPE_CHECKING:
    import ssl

    from linkhold.agent.settings import Settings
    from linkhold.foundation.clock import Clock
    from linkhold.foundation.logs import Log

Begin = typing.Callable[[], typing.Coroutine[typing.Any, typing.Any, object]]

AGAIN: typing.Final = 5.0
"""Seconds until work is begun again that a mistake of ours has broken off."""


def compose(said: "Settings", log: "Log", client: link.Asking, clock: "Clock") -> Host:
    """The host that verbs work with."""
    executor = link.Executor(client)
    hooks = Hooks(said.hook_folders, log, seconds=said.hook_seconds)
    return Host(
        settings=said,
        executor=executor,
        snapshots=Snapshots(executor),
        hooks=hooks,
        writing=Writing(),
        metrics=Metrics(),
        reports=reports.Reports(reports.patterns_of(said), kernel.read, clock, log),
        log=log,
        clock=clock,
        machine=capabilities.Machine(said, hooks, clock),
        load=statistics.Statistics(clock),
    )


async def run(said: "Settings", log: "Log", clock: "Clock | None" = None) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        Failure: it can't be begun: an address that is taken, say.
    """
    clock = clock or SystemClock()
    stopped, systemd = _stop_signal(), Notify()
    alive = asyncio.create_task(_signs_of_life(systemd, clock))
    found = certificates.Certificates(certificates.files_of(said), log, clock)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, found.look)
    systemd.ready()
    systemd.status("waits for a certificate: linkhold agent enrol")
    try:
        context = await _unless(stopped, found.first())
        if context is not None:
            await _serve(said, log, clock, found, context, stopped, systemd)
    finally:
        systemd.stopping()
        alive.cancel()
        log.info("stopped")


async def _serve(
    said: "Settings",
    log: "Log",
    clock: "Clock",
    found: certificates.Certificates,
    context: "ssl.SSLContext",
    stopped: asyncio.Event,
    systemd: Notify,
) -> None:
    client = LocalClient(said.executor)
    host = compose(said, log, client, clock)
    desk = dispatch.Dispatcher(host, verbs.ALL)
    server = Server(desk, context, address=said.address, port=said.port, welcome=desk.admits)
    found.use = server.replace_context
    await server.start()
    try:
        log.info("listening", address=server.address, port=server.port)
        systemd.status(f"listens on port {server.port}")
        async with _beside(host, server, client, found):
            await stopped.wait()
    finally:
        await server.close()
        await client.close()


@contextlib.asynccontextmanager
async def _beside(
    host: Host, server: Server, client: LocalClient, found: certificates.Certificates
) -> typing.AsyncIterator[None]:
    """What goes on beside answering, until the block ends."""
    told = events.Events(server.publish, host.writing, lambda: _running(host), host.metrics, host.log)
    beginning: set[asyncio.Task[None]] = set()

    def connected() -> None:
        _connected(host, told)
        task = asyncio.create_task(_begun(host, told))
        beginning.add(task)
        task.add_done_callback(beginning.discard)

    host.metrics.before_reading(gauges.refresher(host, server))
    pki = files.files_of(host.settings)
    tasks = [
        asyncio.create_task(endless(name, begin, host.log, host.clock))
        for name, begin in {
            "events": lambda: client.follow(told.heard, connected),
            "changes": told.run,
            "certificates": found.watch,
            "renewal": lambda: renewal.forever(pki, lambda: _reloaded(found), host.log, host.clock),
        }.items()
    ]
    page = await _metrics(host)
    try:
        yield
    finally:
        for task in (*tasks, *beginning):
            task.cancel()
        await asyncio.gather(*tasks, *beginning, return_exceptions=True)
        if page is not None:
            page.close()


async def _metrics(host: Host) -> asyncio.Server | None:
    if not host.settings.metrics:
        return None
    address, port = metrics_server.place(host.settings.metrics)
    return await metrics_server.serve(host.metrics, address, port)


async def _running(host: Host) -> Configuration:
    return (await host.snapshots.now()).running


async def _begun(host: Host, told: events.Events) -> None:
    """Know the host before anybody asks: what belongs to its networks, and whether it has drifted."""
    try:
        await host.snapshots.now()
        drift = await host.executor.ask("drift")
        told.drifted(len(drift["plan"].get("changes", ())) + len(drift.get("missing", ())))
    except RpcError as error:
        host.log.warning("not-known", reason=error.message)


def _connected(host: Host, told: events.Events) -> None:
    """An executor is there, perhaps another one than before: its generations count anew."""
    host.snapshots.forget()
    host.reports.forget()
    host.log.info("executor-connected")
    told.missed()


def _reloaded(found: certificates.Certificates) -> None:
    found.reload()


async def endless(name: str, begin: Begin, log: "Log", clock: "Clock") -> typing.NoReturn:
    """Work that never ends: what a mistake of ours breaks off is told, and begun again after a while."""
    while True:
        try:
            await begin()
        except Exception as bug:  # noqa: BLE001 - told with its traceback; the rest of the agent goes on
            log.bug("task-died", bug, task=name)
        await clock.sleep(AGAIN)


async def _signs_of_life(systemd: Notify, clock: "Clock") -> None:
    """Tell systemd that the event loop still goes round."""
    while systemd.interval:
        systemd.alive()
        await clock.sleep(systemd.interval)


def _stop_signal() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


_T = typing.TypeVar("_T")


async def _unless(stopped: asyncio.Event, work: typing.Coroutine[typing.Any, typing.Any, _T]) -> _T | None:
    """The result of some work; None where we are to stop first."""
    task, stop = asyncio.ensure_future(work), asyncio.ensure_future(stopped.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not task.done():
        task.cancel()
        return None
    return task.result()


def main(path: str = settings.CONFIGURATION) -> None:
    """Read the settings and serve.

    Raises:
        Failure: it can't be begun.
    """
    from linkhold.foundation.logs import Log, take_in

    said = settings.read(path)
    log = Log("agent", least="debug" if os.environ.get("LINKHOLD_DEBUG") else "info")
    take_in(log)
    asyncio.run(run(said, log))
