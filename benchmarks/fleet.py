"""The rows with both processes of a host of a fleet: the agent, called over TLS as by a centre, and the executor behind it."""

import collections.abc
import contextlib
import json
import os
import pathlib
import typing

from benchmarks import population
from benchmarks.pieces import Piece, Sides, checking, high_water, linkhold, python, run
from tests.agent.pair import Pair
from tests.lab import namespaces

REQUEST = pathlib.Path("/run/request.json")
DOCUMENT = pathlib.Path("/run/document.json")
CARDS: typing.Final = ("eth1", "eth2")

Hosts = collections.abc.Callable[[], contextlib.AbstractContextManager[Pair]]


class Called(Piece):
    """A client that calls a host; `around` gives both processes there, the larger of which is the piece's memory."""

    def peak(self) -> int:
        """Peak resident memory in bytes."""
        with self.around() as both:
            assert isinstance(both, Pair)
            run(self.command)
            return max(high_water(both.agent.pid), high_water(both.executor.pid))


def setting_up(*, bridged: bool) -> typing.Any:
    """Sides that give a host networks in VLANs over a bond: by one request, and by the document which that comes to."""

    @contextlib.contextmanager
    def sides(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
        asked = request(size, bridged=bridged)
        names = {f"bond0.{number}" for number in range(1, size + 1)} | (set(asked["networks"]) if bridged else set())

        @contextlib.contextmanager
        def with_both() -> collections.abc.Iterator[Pair]:
            _plug_in()
            REQUEST.write_text(json.dumps(asked))
            with both() as pair:
                yield pair

        @contextlib.contextmanager
        def with_document() -> collections.abc.Iterator[None]:
            _plug_in()
            DOCUMENT.write_text(json.dumps(document_of(asked)))
            yield

        yield (
            Called(python("set_up", str(REQUEST)), around=with_both, own_time=True, check=checking(names)),
            Piece(linkhold("apply", str(DOCUMENT)), around=with_document, check=checking(names)),
        )

    return sides


@contextlib.contextmanager
def capabilities(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
    """One of a thousand calls of an unchanged host with so many networks, and one look at it."""

    @contextlib.contextmanager
    def host() -> collections.abc.Iterator[Pair]:
        population.make(
            population.write_batch(
                pathlib.Path("/run/batch"), population.cards(f"eth{number}" for number in range(size))
            )
        )
        REQUEST.write_text(json.dumps(plain_request(size)))
        with both() as pair:
            run(python("set_up", str(REQUEST)))
            yield pair

    yield (
        Called(python("ask", str(size)), around=host, own_time=True),
        Piece(python("observe"), around=host, own_time=True),
    )


@contextlib.contextmanager
def both() -> collections.abc.Iterator[Pair]:
    """Both processes, on a host of its own."""
    descriptor = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    pair = Pair('fake_cards = ["eth*"]\n', namespaces.Namespace(descriptor)).start()
    try:
        yield pair
    finally:
        pair.stop()
        os.close(descriptor)


def request(count: int, *, bridged: bool) -> population.Document:
    """Networks in VLANs over a bond of two cards, each with an address."""
    networks = {
        f"net{number}": {
            "bonding": "bond0",
            "vlan": number,
            "bridged": bridged,
            "ipaddr": _address(number),
            "netmask": "255.255.255.0",
        }
        for number in range(1, count + 1)
    }
    bondings = {"bond0": {"nics": list(CARDS), "options": "mode=active-backup miimon=100"}}
    return {"networks": networks, "bondings": bondings, "options": {"connectivityCheck": False}}


def plain_request(count: int) -> population.Document:
    """Bridged networks with a card and an address each."""
    networks = {
        f"net{number}": {"nic": f"eth{number}", "ipaddr": _address(number), "netmask": "255.255.255.0"}
        for number in range(count)
    }
    return {"networks": networks, "bondings": {}, "options": {"connectivityCheck": False}}


def _address(number: int) -> str:
    return f"10.{number >> 8}.{number & 255}.1"


def document_of(asked: population.Document) -> population.Document:
    """What the executor makes of a request on this host, before anything was set up."""
    from linkhold.foundation.driving import drive
    from linkhold.networks.configuration import Configuration
    from linkhold.networks.setup import prepare
    from linkhold.providers.contract import Scope
    from linkhold.providers.kernel import facts
    from linkhold.providers.kernel.provider import Kernel

    kernel = Kernel()
    try:
        state = drive(kernel.observe(Scope(idle=True)))
        return prepare(asked, Configuration(), state, facts.read(kernel.netlink)).document
    finally:
        kernel.close()


def _plug_in() -> None:
    population.make(population.write_batch(pathlib.Path("/run/batch"), population.cards(CARDS)))
