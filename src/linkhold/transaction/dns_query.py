"""One question to one name server over UDP (RFC 1035): the least that proves that names resolve.

The C library is not asked, since it answers from /etc/hosts and keeps the name servers it read when the process began.
"""

import secrets
import struct

from linkhold.transaction.probes import Unanswered

PORT = 53
A, AAAA, IN = 1, 28, 1
_RECURSE = 0x0100
_RESPONSE = 0x8000
_WORDS = {
    1: "the name server found the question malformed",
    2: "the name server failed",
    3: "no such name",
    5: "refused",
}


async def ask(server: str, name: str, port: int = PORT) -> None:
    """Ask for an IPv4, then for an IPv6 address of a name; returns when either is known.

    Raises:
        Unanswered: there is none, or the server says why not.
        OSError: the server can't be reached.
    """
    for kind in (A, AAAA):
        if await _ask(server, name, kind, port):
            return
    raise Unanswered(f"{name} has no address")


async def _ask(server: str, name: str, kind: int, port: int) -> bool:
    import asyncio
    import socket

    number = secrets.randbits(16)
    question = query(number, name, kind)
    loop = asyncio.get_running_loop()
    family, _, _, _, address = socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0]
    with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as channel:
        channel.connect(address)
        await loop.sock_sendall(channel, question)
        while True:
            answer = await loop.sock_recv(channel, 4096)
            if answer[:2] == question[:2] and len(answer) >= 12:
                return answered(answer)


def query(number: int, name: str, kind: int) -> bytes:
    """The question as it goes over the wire.

    Raises:
        Unanswered: the name is none.
    """
    labels = name.rstrip(".").encode("idna").split(b".")
    if not all(0 < len(label) < 64 for label in labels):
        raise Unanswered(f"'{name}' is no host name")
    encoded = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    return struct.pack("!6H", number, _RECURSE, 1, 0, 0, 0) + encoded + struct.pack("!2H", kind, IN)


def answered(message: bytes) -> bool:
    """Whether a response holds an answer.

    Raises:
        Unanswered: it says that something is wrong.
    """
    _, flags, _, answers, _, _ = struct.unpack_from("!6H", message)
    if not flags & _RESPONSE:
        raise Unanswered("the name server sent something else than a response")
    code = flags & 0xF
    if code:
        raise Unanswered(_WORDS.get(code, f"the name server answered with code {code}"))
    return bool(answers)
