"""Does a neighbour answer on its link? ARP (RFC 826) for IPv4, neighbour solicitation (RFC 4861) for IPv6.

Asked directly, not through the kernel's neighbour table, which may still believe what was true before the change.
"""

import ipaddress
import socket
import struct

from linkhold.transaction.probes import Unanswered

ETH_P_ARP = 0x0806
_ETHERNET = 1  # ARPHRD_ETHER (linux/if_arp.h)
_REQUEST, _REPLY = 1, 2
_SOLICITATION, _ADVERTISEMENT = 135, 136
_ARP = struct.Struct("!HHBBH6s4s6s4s")
_BROADCAST = b"\xff" * 6


async def ask(interface: str, address: str) -> None:
    """Returns when the neighbour answered; the caller bounds the time.

    Raises:
        Unanswered: the interface has no address of this family.
        OSError: it can't be asked (the interface is gone or down).
    """
    if ":" in address:
        await _solicit(interface, address)
    else:
        await _arp(interface, address)


async def _arp(interface: str, address: str) -> None:
    import asyncio

    target = ipaddress.IPv4Address(address).packed
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ARP)) as channel:
        channel.bind((interface, ETH_P_ARP))
        _, _, _, hardware, own = channel.getsockname()
        if hardware != _ETHERNET:
            raise Unanswered(f"{interface} is no Ethernet interface, so there is nothing to ask by ARP")
        request = _ARP.pack(_ETHERNET, 0x0800, 6, 4, _REQUEST, own, _source(interface, address), bytes(6), target)
        channel.sendto(request, (interface, ETH_P_ARP, 0, 0, _BROADCAST))
        while True:
            answer = await loop.sock_recv(channel, 256)
            if len(answer) >= _ARP.size:
                *_, operation, _, sender, _, _ = _ARP.unpack_from(answer)
                if operation == _REPLY and sender == target:
                    return


def _source(interface: str, address: str) -> bytes:
    """Our address as the kernel would choose it for this neighbour; 0.0.0.0 asks without claiming one (RFC 5227)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        try:
            channel.connect((address, 9))
        except OSError:
            return bytes(4)
        return socket.inet_aton(channel.getsockname()[0])


async def _solicit(interface: str, address: str) -> None:
    import asyncio

    target = ipaddress.IPv6Address(address).packed
    index = socket.if_nametoindex(interface)
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMPV6) as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        channel.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        channel.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        group = ipaddress.IPv6Address(ipaddress.IPv6Address("ff02::1:ff00:0").packed[:13] + target[13:])
        message = struct.pack("!BBHI", _SOLICITATION, 0, 0, 0) + target + b"\x01\x01" + _hardware_address(interface)
        channel.sendto(message, (str(group), 0, 0, index))
        while True:
            answer = await loop.sock_recv(channel, 1500)
            if len(answer) >= 24 and answer[0] == _ADVERTISEMENT and answer[8:24] == target:
                return


def _hardware_address(interface: str) -> bytes:
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as channel:
        channel.bind((interface, 0))
        return bytes(channel.getsockname()[4])
