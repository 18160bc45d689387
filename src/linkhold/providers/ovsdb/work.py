"""A transaction in the making: its operations, for which change each of them is, and the names it gives to new rows."""

import typing

from linkhold.foundation.failures import Refused, TimedOut
from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.connection import LIMIT_S, Answers, NotDone
from linkhold.providers.ovsdb.notation import NEW, Row, Uuid, Value, elements, is_row, reference
from linkhold.providers.ovsdb.tables import root
from linkhold.providers.ovsdb.tables.interface import PATCH

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change

SETTLING_S: typing.Final = 15.0
"""How long ovs-vswitchd may take to do what the database says; it needs milliseconds for
each interface, and gets `_EACH_S` more."""

_EACH_S: typing.Final = 0.1


class Work:
    """Operations for one transaction."""

    def __init__(self) -> None:
        self.operations: list[Row] = []
        self.names: dict[str, Change | None] = {}
        """The interfaces that ovs-vswitchd has to set up because of it, with the change that asks for each."""
        self.bridges: dict[str, Change | None] = {}
        """The bridges that it has to make, likewise."""
        self._changes: list[Change | None] = []
        self._rows = 0

    def insert(self, change: "Change | None", table: str, row: Row) -> Uuid:
        """Add a row; the name it goes by in this transaction."""
        name = f"{NEW}{self._rows}"
        self._rows += 1
        self._add(change, {"op": "insert", "table": table, "row": row, "uuid-name": name})
        return name

    def update(self, change: "Change | None", table: str, row: Uuid, columns: Row) -> None:
        """Set columns of a row."""
        if columns:
            self._add(change, {"op": "update", "table": table, "where": is_row(row), "row": columns})

    def mutate(self, change: "Change | None", table: str, row: Uuid, mutations: list[Value]) -> None:
        """Change elements of sets and maps of a row."""
        if mutations:
            self._add(change, {"op": "mutate", "table": table, "where": is_row(row), "mutations": mutations})

    def mutate_root(self, change: "Change | None", mutations: list[Value]) -> None:
        """The same of the one row of the root."""
        if mutations:
            self._add(change, {"op": "mutate", "table": root.NAME, "where": [], "mutations": mutations})

    def unlist(self, change: "Change | None", table: str, row: Uuid, column: str, gone: typing.Iterable[Uuid]) -> None:
        """Take rows out of a set; what nothing refers to any more the server deletes by itself (RFC 7047, 3.2, isRoot)."""
        mutations: list[Value] = [[column, "delete", ["set", [reference(one) for one in gone]]]]
        if table == root.NAME:
            self.mutate_root(change, mutations)
        else:
            self.mutate(change, table, row, mutations)

    def enlist(self, change: "Change | None", table: str, row: Uuid, column: str, new: Uuid) -> None:
        """Put a row into a set."""
        mutations: list[Value] = [[column, "insert", ["set", [reference(new)]]]]
        if table == root.NAME:
            self.mutate_root(change, mutations)
        else:
            self.mutate(change, table, row, mutations)

    def _add(self, change: "Change | None", operation: Row) -> None:
        self.operations.append(operation)
        self._changes.append(change)

    def carry_out(self, database: Answers, settling: float | None = None) -> None:
        """Do all of it at once, and wait until ovs-vswitchd has done its part: then links are there. `settling` are the seconds
        it may take (`SETTLING_S` and more if not said); with 0 it is not waited for.

        Raises:
            Refused: the database said no, or ovs-vswitchd could not set up an interface; with the change, and its words.
            TimedOut: ovs-vswitchd did not get it done.
            Lost: the server went away.
        """
        if not self.operations:
            return
        number = self._send(database)
        seconds = SETTLING_S + _EACH_S * len(self.names) if settling is None else settling
        if seconds:
            wait(database, number, seconds)
            self._judge(database)

    def _send(self, database: Answers) -> int:
        """Ask ovs-vswitchd to look (`next_cfg`, ovs-vswitchd.conf.db(5)); the number by which it will say that it did."""
        asking: list[Row] = [
            {"op": "mutate", "table": root.NAME, "where": [], "mutations": [["next_cfg", "+=", 1]]},
            {"op": "select", "table": root.NAME, "where": [], "columns": ["next_cfg"]},
        ]
        try:
            results = database.transact([*self.operations, *asking])
        except NotDone as refused:
            change = self._changes[min(refused.position, len(self._changes) - 1)]
            name = change.name if change is not None else "this"
            raise Refused(f"{name} was refused by Open vSwitch", change=change, answer=refused.answer) from refused
        rows = results[-1]["rows"]
        return int(rows[0]["next_cfg"]) if rows else 0

    def _judge(self, database: Answers) -> None:
        """A bridge that could not be made has no number; an interface that could not be opened has words why.

        A patch whose other end is not there yet has such words too: it waits for that one, which may well be another's.
        """
        for row in _picked(database, "Bridge", self.bridges, "datapath_id"):
            if not elements(row["datapath_id"]):
                text = f"{row['name']} can't be made by ovs-vswitchd, whose log says why"
                raise Refused(text, change=self.bridges[row["name"]], answer="no datapath_id")
        for row in _picked(database, "Interface", self.names, "error", "type"):
            if isinstance(row["error"], str) and row["error"] and row["type"] != PATCH:
                text = f"{row['name']} can't be set up by Open vSwitch"
                raise Refused(text, change=self.names[row["name"]], answer=row["error"])


def _picked(database: Answers, table: str, names: typing.Iterable[str], *columns: str) -> typing.Iterator[Row]:
    """The rows of these names, with some columns."""
    asked: list[Row] = [
        {"op": "select", "table": table, "where": [["name", "==", name]], "columns": ["name", *columns]}
        for name in names
    ]
    for result in database.transact(asked) if asked else ():
        yield from result["rows"]


def wait(database: Answers, number: int, seconds: float) -> None:
    """Wait until ovs-vswitchd has seen this configuration: the server itself waits (RFC 7047, 5.2.6).

    Raises:
        TimedOut: it has not.
        Lost: the server went away.
    """
    seen = {
        "op": "wait",
        "table": root.NAME,
        "where": [["cur_cfg", "<", number]],
        "columns": ["cur_cfg"],
        "until": "==",
        "rows": [],
        "timeout": int(seconds * 1000),
    }
    try:
        database.transact([seen], seconds + LIMIT_S)
    except TimedOut as late:
        text = f"ovs-vswitchd has not done within {seconds:g} seconds what Open vSwitch's database says: is it running?"
        raise TimedOut(text, answer=late.answer) from late


def difference(after: Row, row: Row) -> Row:
    """The columns in which a row is not as it shall be."""
    return {name: value for name, value in after.items() if row.get(name, UNSET) != value}
