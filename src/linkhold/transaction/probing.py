"""One try of each kind of probe. Every function returns when the probe passed and raises `Unanswered` or OSError if not."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.state.network import NetworkState
from linkhold.transaction.probes import Probe, Unanswered, host_and_port

TRY: typing.Final = 2.0
"""Seconds for one try of a network probe; a lost packet then costs one try, not the budget."""


async def attempt(probe: Probe, state: NetworkState, left: float) -> None:
    """Try once, for at most `left` seconds.

    Raises:
        Unanswered, OSError: it did not pass.
    """
    if probe.kind == "gateway":
        await _gateway(state)
    elif probe.kind == "tcp":
        await _connect(*host_and_port(probe.target))
    elif probe.kind == "dns":
        await _resolve(probe.target, state)
    else:
        await _run(probe.target)


async def _connect(host: str, port: int) -> None:
    """A connection is accepted."""
    import asyncio
    import os

    try:
        async with asyncio.timeout(TRY):
            address = await _address(host)
            _, writer = await asyncio.open_connection(address, port)
    except TimeoutError:
        raise Unanswered(f"{host} port {port}: no answer within {TRY:g} s") from None
    except OSError as error:  # asyncio's text does not say what the kernel did
        raise Unanswered(f"{host} port {port}: {os.strerror(error.errno) if error.errno else error}") from error
    writer.close()


async def _address(host: str) -> str:
    """The first address of a host; a name is looked up in a thread that nobody waits for when the time is over."""
    import asyncio
    import ipaddress
    import socket
    import threading

    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        loop = asyncio.get_running_loop()
        found: asyncio.Future[str] = loop.create_future()

    def settle(result: str, error: OSError | None) -> None:
        if not found.done():
            found.set_exception(error) if error else found.set_result(result)

    def look_up() -> None:
        try:
            result, error = str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0]), None
        except OSError as failed:
            result, error = "", failed
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=look_up, daemon=True).start()
    return await found


async def _resolve(name: str, state: NetworkState) -> None:
    """A name server of the host answers for a name (that there is none by this name is an answer, but no pass)."""
    import asyncio

    from linkhold.transaction.dns_query import ask

    servers = _servers(state)
    if not servers:
        raise Unanswered("the host has no name server")
    failed: list[str] = []
    for server in servers:
        try:
            async with asyncio.timeout(TRY):
                await ask(server, name)
        except TimeoutError:
            failed.append(f"{server}: no answer within {TRY:g} s")
        except (Unanswered, OSError) as error:
            failed.append(f"{server}: {error}")
        else:
            return
    raise Unanswered("; ".join(failed))


def _servers(state: NetworkState) -> tuple[str, ...]:
    for part in ("running", "config"):
        section = state.dns.get(part) if isinstance(state.dns, Record) else UNSET
        servers = section.get("server") if isinstance(section, Record) else UNSET
        if isinstance(servers, tuple) and servers:
            return servers
    return ()


async def _run(command: str) -> None:
    """A program exits with 0. No shell; it is killed with all it started when time is up."""
    import asyncio
    import os
    import shlex
    import signal

    process = await asyncio.create_subprocess_exec(
        *shlex.split(command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        last = errors.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise Unanswered(f"exit code {process.returncode}" + (f": {last[0][:200]}" if last else ""))


async def _gateway(state: NetworkState) -> None:
    """Any default gateway answers on its link: ARP (RFC 826) or neighbour discovery (RFC 4861)."""
    import asyncio

    from linkhold.transaction.neighbours import ask

    gateways = gateways_of(state)
    if not gateways:
        raise Unanswered("the host has no default gateway")
    failed: list[str] = []
    for interface, address in gateways:
        try:
            async with asyncio.timeout(TRY):
                await ask(interface, address)
        except TimeoutError:
            failed.append(f"{address} on {interface}: no answer within {TRY:g} s")
        except (Unanswered, OSError) as error:
            failed.append(f"{address} on {interface}: {error}")
        else:
            return
    raise Unanswered("; ".join(failed))


def gateways_of(state: NetworkState) -> list[tuple[str, str]]:
    """(interface, address) of the next hops of the default routes, each once."""
    if not isinstance(state.routes, Record):
        return []
    routes = [*_tuple(state.routes.get("config")), *_tuple(state.routes.get("running"))]
    found = [
        (one.next_hop_interface, one.next_hop_address)
        for one in routes
        if one.get("destination") in ("0.0.0.0/0", "::/0")
        and one.get("next_hop_interface") is not UNSET
        and one.get("next_hop_address") not in (UNSET, "", "0.0.0.0", "::")
    ]
    return list(dict.fromkeys(found))


def _tuple(values: typing.Any) -> tuple[typing.Any, ...]:
    return values if isinstance(values, tuple) else ()
