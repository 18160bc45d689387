"""One reading of the database: the rows that documents speak of, and which of them belongs to which."""

import typing

from linkhold.providers.ovsdb.notation import Row, Uuid, uuids
from linkhold.providers.ovsdb.tables import bridge, interface, port, root

if typing.TYPE_CHECKING:
    from linkhold.providers.ovsdb.connection import Answers


class Port(typing.NamedTuple):
    """A port of a bridge, with its interfaces."""

    row: Row
    interfaces: tuple[Row, ...]

    @property
    def uuid(self) -> Uuid:
        """Of its row."""
        return str(self.row["_uuid"][1])

    @property
    def name(self) -> str:
        """Of the port."""
        return str(self.row["name"])

    @property
    def members(self) -> tuple[str, ...]:
        """The names of its interfaces."""
        return tuple(one["name"] for one in self.interfaces)

    @property
    def shown(self) -> bool:
        """Whether documents have words for all that is plugged into it."""
        return all(interface.shown(one) for one in self.interfaces)


class Bridge(typing.NamedTuple):
    """A bridge with its ports, all of them, by name."""

    row: Row
    ports: dict[str, Port]

    @property
    def uuid(self) -> Uuid:
        """Of its row."""
        return str(self.row["_uuid"][1])

    @property
    def name(self) -> str:
        """Of the bridge."""
        return str(self.row["name"])


class Place(typing.NamedTuple):
    """Where an interface is."""

    bridge: Bridge
    port: Port
    row: Row


class Snapshot:
    """The root's row, the bridges by name, and the place of every interface by its name."""

    def __init__(self, base: Row, bridges: dict[str, Bridge]) -> None:
        self.root, self.bridges = base, bridges
        self.places: dict[str, Place] = {
            row["name"]: Place(one, port_, row)
            for one in bridges.values()
            for port_ in one.ports.values()
            for row in port_.interfaces
        }


_TABLES: typing.Final = (root, bridge, port, interface)


def read(database: "Answers") -> Snapshot:
    """All of it, in one transaction and so of one moment.

    Raises:
        Lost, TimedOut, Refused: the database can't be read.
    """
    results = database.transact(
        [{"op": "select", "table": one.NAME, "where": [], "columns": list(one.COLUMNS)} for one in _TABLES]
    )
    roots, bridges, ports, interfaces = (result["rows"] for result in results)
    by_uuid = {row["_uuid"][1]: row for row in interfaces}
    found = {row["_uuid"][1]: Port(row, tuple(by_uuid[one] for one in uuids(row["interfaces"]))) for row in ports}
    listed = (Bridge(row, {one.name: one for one in (found[key] for key in uuids(row["ports"]))}) for row in bridges)
    empty: Row = {name: ["map", []] for name in ("external_ids", "other_config")}
    return Snapshot(roots[0] if roots else empty, {one.name: one for one in listed})
