"""The rows of the table: what is compared with what, and how much slower it may be."""

import collections.abc
import contextlib
import pathlib
import shutil
import sys
import tempfile
import time
import typing

from benchmarks import fleet, population, services
from benchmarks.pieces import Piece, Sides, checking, linkhold, python
from tests.lab import namespaces

DETECTION: typing.Final = 2.5
"""Seconds after which new links have IPv6 addresses that nobody else has (duplicate address detection, RFC 4862)."""

SETTLE: typing.Final = 0.5
"""Seconds in which the kernel takes apart, in the background, a namespace that was left."""


class Row(typing.NamedTuple):
    """One comparison. `sides` is entered with the size and a folder on disk, once for all repetitions."""

    name: str
    work: str
    reference: str
    limit: float | None
    size: int
    sides: collections.abc.Callable[[int, pathlib.Path], contextlib.AbstractContextManager[Sides]]
    repetitions: int = 7
    in_lab: bool = False
    alone: bool = False
    """Each run on a host of its own (tests/lab/alone.py), where daemons may run."""


# Looking


@contextlib.contextmanager
def _observe(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
    with _host(folder, population.addressed(size)):
        yield Piece(python("observe"), own_time=True), Piece(python("ip_json"), own_time=True)


@contextlib.contextmanager
def _observe_many(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
    with _host(folder, population.addressed(size)) as many, _host(folder, population.addressed(size // 10)) as few:
        yield _observing(many), _observing(few)


@contextlib.contextmanager
def _observe_foreign(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
    busy = population.addressed(size // 100)
    with _host(folder, busy + population.foreign_routes(size)) as with_them, _host(folder, busy) as without:
        yield _observing(with_them), _observing(without)


@contextlib.contextmanager
def _report(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
    with _host(folder, population.vlans(size)) as host:
        yield Piece(python("report"), own_time=True, around=host.entered), _observing(host)


@contextlib.contextmanager
def _reports(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
    with _host(folder, population.bridges(size)) as host:
        yield Piece(python("reports"), own_time=True, around=host.entered), _observing(host)


def _observing(namespace: namespaces.Namespace) -> Piece:
    return Piece(python("observe"), own_time=True, around=namespace.entered)


# Changing


Lines = collections.abc.Callable[[int], list[str]]
Saying = collections.abc.Callable[[int], population.Document]
WARM_UP: typing.Final = 20
"""Size of the documents that are applied, and taken away again, before time is taken."""


def _changes(
    make: Lines, document: Saying, *, remove: bool = False, whole: bool = False, quiet: bool = False
) -> collections.abc.Callable[[int, pathlib.Path], contextlib.AbstractContextManager[Sides]]:
    """Sides that make (or remove) what a document says against making it by `ip`, in fresh namespaces.

    `whole` times the command from its start to its end instead of the library's call in a process that is warm. With
    `quiet` the namespace has IPv6 switched off beforehand.
    """
    fresh = _quiet if quiet else _fresh

    @contextlib.contextmanager
    def sides(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
        batch = population.write_batch(folder / "batch", make(size))
        wanted, small = document(size), population.renamed(document(WARM_UP))
        said = population.write_document(folder / "document.json", population.absent(wanted) if remove else wanted)
        first = population.write_document(folder / "first.json", small)
        second = population.write_document(folder / "second.json", population.absent(small))
        names = {one["name"] for one in wanted["interfaces"]}
        state = folder / "state"

        @contextlib.contextmanager
        def around() -> collections.abc.Iterator[None]:
            shutil.rmtree(state, ignore_errors=True)
            with fresh():
                if remove:
                    population.make(batch)
                    time.sleep(DETECTION)
                yield

        command = linkhold("apply", str(said), "--state-dir", str(state))
        if not whole:
            command = python("apply", str(state), str(first), str(second), str(said))
        yield (
            Piece(command, around=around, own_time=not whole, check=checking(names, gone=remove)),
            Piece(["ip", "-batch", str(batch)], around=fresh, check=checking(names)),
        )

    return sides


@contextlib.contextmanager
def _nothing_to_do(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
    said = population.write_document(folder / "document.json", population.both_document(size))
    with _host(folder, population.both(size)):
        yield (
            Piece(python("apply", str(folder / "state"), str(said), str(said)), own_time=True),
            Piece(python("observe"), own_time=True),
        )


@contextlib.contextmanager
def _show(size: int, folder: pathlib.Path) -> collections.abc.Iterator[Sides]:
    with _fresh():
        yield Piece(linkhold("show", "lo")), Piece([sys.executable, "-c", "pass"])


# Hosts


@contextlib.contextmanager
def _fresh() -> collections.abc.Iterator[namespaces.Namespace]:
    with namespaces.fresh() as namespace:
        yield namespace
    time.sleep(SETTLE)


@contextlib.contextmanager
def _quiet() -> collections.abc.Iterator[namespaces.Namespace]:
    with _fresh() as namespace:
        population.quiet()
        yield namespace


@contextlib.contextmanager
def _host(folder: pathlib.Path, lines: list[str]) -> collections.abc.Iterator[namespaces.Namespace]:
    with _quiet() as namespace, tempfile.NamedTemporaryFile(dir=folder) as batch:
        population.make(population.write_batch(pathlib.Path(batch.name), lines))
        yield namespace


ROWS: typing.Final = (
    Row(
        "observe",
        "observe a host with 1,000 links, 1,000 addresses, 1,000 routes",
        "`ip -j -d link`, `ip -j addr`, `ip -j route show table all`, their JSON parsed",
        2.0,
        1000,
        _observe,
        repetitions=15,
    ),
    Row(
        "create-veth",
        "apply a bridge with 500 veth pairs",
        "the same by `ip -batch`",
        3.0,
        500,
        _changes(population.veths, population.veth_document),
    ),
    Row(
        "create-vxlan",
        "apply 1,000 vxlan",
        "the same by `ip -batch`",
        3.0,
        1000,
        _changes(population.vxlans, population.vxlan_document),
    ),
    Row(
        "quiet",
        "apply 1,000 vxlan where IPv6 is off for all, so that the kernel has less to do for both",
        "the same by `ip -batch`",
        None,
        1000,
        _changes(population.vxlans, population.vxlan_document, quiet=True),
    ),
    Row(
        "process",
        "apply 1,000 vxlan as a process: `linkhold apply` from its start to its end",
        "the same by `ip -batch`",
        None,
        1000,
        _changes(population.vxlans, population.vxlan_document, whole=True),
    ),
    Row(
        "vlans",
        "apply 1,000 VLANs over a bond and a bridge on each (in the lab: a User-Mode Linux guest)",
        "the same by `ip -batch` in the same guest",
        3.0,
        1000,
        _changes(population.vlans, population.vlan_document),
        repetitions=3,
        in_lab=True,
    ),
    Row(
        "remove",
        "remove 1,000 vxlan and a bridge with 500 veth pairs again",
        "creating them by `ip -batch`",
        2.0,
        1000,
        _changes(population.both, population.both_document, remove=True),
    ),
    Row(
        "nothing",
        "apply the same document again (1,000 vxlan, a bridge with 500 veth pairs): nothing to do",
        "observing the same host",
        2.0,
        1000,
        _nothing_to_do,
        repetitions=15,
    ),
    Row(
        "links",
        "observe a host with 10,000 links, 10,000 addresses, 10,000 routes",
        "observing one with 1,000 of each",
        12.0,
        10000,
        _observe_many,
        repetitions=5,
    ),
    Row(
        "foreign",
        "observe 1,000 links and routes beside 100,000 routes of protocol bgp",
        "the same without the 100,000 routes",
        1.3,
        100000,
        _observe_foreign,
        repetitions=15,
    ),
    Row(
        "report",
        "read and report the capabilities of a host with 1,000 bridged networks in VLANs over a bond (in the lab)",
        "observing the same host",
        3.0,
        1000,
        _report,
        repetitions=3,
        in_lab=True,
    ),
    Row(
        "reports",
        "tell the capabilities of an unchanged host with 100 networks 1,000 times",
        "observing the same host once",
        1.0,
        100,
        _reports,
    ),
    Row(
        "fleet",
        "set up 100 networks in VLANs over a bond, an address each: one request over TLS, agent and executor (in the lab)",
        "the same document by `linkhold apply` in the same guest",
        1.2,
        100,
        fleet.setting_up(bridged=False),
        repetitions=5,
        in_lab=True,
        alone=True,
    ),
    Row(
        "fleet-bridges",
        "the same with a bridge for each network (in the lab)",
        "the same document by `linkhold apply` in the same guest",
        1.2,
        100,
        fleet.setting_up(bridged=True),
        repetitions=5,
        in_lab=True,
        alone=True,
    ),
    Row(
        "calls",
        "answer `Host.getCapabilities` over TLS: one of 1,000 calls on an unchanged host with 100 networks",
        "observing the same host once",
        1.0,
        100,
        fleet.capabilities,
        repetitions=5,
        alone=True,
    ),
    Row(
        "nm-vlans",
        "apply 200 VLANs with an address each, over a bond, where NetworkManager runs: the whole command (in the lab)",
        "the same by `nmcli connection add` and `nmcli connection up`, one after the other, in the same guest",
        1 / 3,
        200,
        services.with_networkmanager(services.vlan_commands, services.vlan_document, services.DUMMIES),
        repetitions=2,
        in_lab=True,
        alone=True,
    ),
    Row(
        "nm-vxlans",
        "apply 200 vxlan with an address each where NetworkManager runs: the whole command",
        "the same by `nmcli connection add` and `nmcli connection up`, one after the other",
        None,
        200,
        services.with_networkmanager(services.vxlan_commands, services.vxlan_document),
        repetitions=3,
        alone=True,
    ),
    Row(
        "ovs-ports",
        "apply a bridge of Open vSwitch with 100 internal ports in VLANs: the whole command",
        "the same by `ovs-vsctl`, port by port",
        1.0,
        100,
        services.with_openvswitch(services.port_commands, services.port_document),
        repetitions=5,
        alone=True,
    ),
    Row(
        "start",
        "`linkhold show lo` as a process",
        "`python3 -c pass`",
        6.0,
        1,
        _show,
        repetitions=30,
    ),
)
