"""Sockets for a server: IPv6 and IPv4 with one, where the host can; and who is at their other end, as text."""

import errno
import ipaddress
import socket
import typing

from linkhold.foundation.failures import Refused

EVERYWHERE: typing.Final = "::"

_BACKLOG: typing.Final = 64
_KEEPALIVE_IDLE_S: typing.Final = 60
_KEEPALIVE_EVERY_S: typing.Final = 15
_USER_TIMEOUT_MS: typing.Final = 300_000
"""A connection may be without a network for so long: a change of the host's own network must not end it."""


def listen(address: str, port: int) -> socket.socket:
    """A listening socket. ``::`` takes IPv4 as well; where there is no IPv6 it is ``0.0.0.0``.

    Raises:
        Refused: the address or the port can't be had.
    """
    try:
        return _listen(address, port)
    except OSError as error:
        if address == EVERYWHERE and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
            return listen("0.0.0.0", port)
        raise Refused(f"can't listen on address {address}, port {port}", answer=str(error)) from error


def text_of(address: tuple[object, ...]) -> str:
    """The address in what `getpeername` and `getsockname` give; an IPv4 address that came by an IPv6 socket as what it is."""
    host, _, zone = str(address[0]).partition("%")
    mapped = ipaddress.IPv6Address(host).ipv4_mapped if ":" in host else None
    return str(mapped) if mapped else f"{host}%{zone}" if zone else host


def neighbourhood(address: str) -> str:
    """What one attacker has at least: an IPv4 address, or the /64 of an IPv6 address."""
    host = address.partition("%")[0]
    return str(ipaddress.IPv6Network((host, 64), strict=False)) if ":" in host else host


def _listen(address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address != EVERYWHERE))
        _keep_alive(sock)
        sock.bind((address, port))
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _keep_alive(sock: socket.socket) -> None:
    """Find out about a peer that is gone, but be patient with one that can't be reached for a while (tcp(7)).

    On Linux a connection inherits these from the socket that listened.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_IDLE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEPALIVE_EVERY_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
