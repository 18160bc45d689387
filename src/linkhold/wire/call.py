"""What a server hands to the code that answers, and how that code says no."""

import typing
from collections.abc import Awaitable, Callable


class Peer(typing.NamedTuple):
    """Who is at the other end of a TLS connection, as its certificate and its socket say.

    `name` is the certificate's common name ('' without one), `fingerprint` its SHA-256 in lower-case hexadecimal digits;
    `address` is where it comes from, `local_address` where it reached us: texts, IPv4 addresses as such.
    """

    name: str
    fingerprint: str
    address: str
    local_address: str


class Call(typing.NamedTuple):
    """One request (or notification) of JSON-RPC. `correlation` is the centre's own id of it, '' where it gave none."""

    method: str
    params: dict[str, typing.Any] | list[typing.Any]
    peer: Peer
    correlation: str


class RpcError(Exception):
    """The answer is an error: `code` as the centre knows it, a `message` for people, `data` for programs (or None)."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


Handler = Callable[[Call], Awaitable[object]]
"""Answers a call: with what JSON can say (None: ``true``), or by raising `RpcError`."""
