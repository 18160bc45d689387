"""The ground of a plan: the rows it may touch, whole, and how to get back to them in one transaction.

Kept are the bridges that a plan speaks of, with everything that hangs on them (ports, interfaces, controllers, mirrors,
flow tables, …), every column that lasts, whether documents have a word for it or not. What is kept is plain data: the JSON
of RFC 7047, rows by table and UUID.

Getting back works on whatever is there then. A kept row is recognised by its UUID, or (made again meanwhile) by its name;
one that is not there any more is inserted anew. Ports that came to these bridges meanwhile go if the plan names them; others
were plugged in by somebody else, and stay.
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, Uuid, Value, elements, mapping, reference, uuids
from linkhold.providers.ovsdb.schema import Schema
from linkhold.providers.ovsdb.tables import bridge, interface, maps, port, root
from linkhold.providers.ovsdb.work import Work

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Plan
    from linkhold.providers.contract import Saved
    from linkhold.providers.ovsdb.connection import Answers

Rows = dict[str, dict[Uuid, Row]]
"""Rows by table and UUID."""

_NAMED: typing.Final = (bridge.NAME, port.NAME, interface.NAME)


def concerns(plan: "Plan") -> bool:
    """Whether a plan may have to do with Open vSwitch at all."""
    return any(_touched(plan))


def keep(database: "Answers", schema: Schema, plan: "Plan") -> "Saved":
    """What `put_back` needs; nothing where the plan turns out to be none of Open vSwitch's business."""
    bridges, names, subjects = _touched(plan)
    there = _everything(database, schema)
    held = {one["name"]: key for key, one in there[interface.NAME].items()}
    bridges |= {_bridge_of(there, held[name]) for name in names if name in held} - {""}
    if not bridges and not subjects:
        return {}
    rows: Rows = {}
    for key, one in there[bridge.NAME].items():
        if one["name"] in bridges:
            _collect(there, schema, bridge.NAME, key, rows)
    base = next(iter(there[root.NAME].values()), {})
    return {
        "bridges": sorted(bridges),
        "interfaces": sorted(names),
        "rows": rows,
        "schema": schema.said(),
        "maps": {name: mapping(base[name]) for name in maps.COLUMNS} if base and subjects else {},
    }


def _touched(plan: "Plan") -> tuple[set[str], set[str], set[str]]:
    """Bridges, interfaces and other subjects that a plan speaks of and that may be in the database."""
    bridges: set[str] = set()
    names: set[str] = set()
    subjects = {change.subject for change in plan.changes if change.subject in ("ovs-db", "ovn")}
    for change in plan.changes:
        if change.subject != "interface":
            continue
        for side in (change.before, change.after):
            if side is UNSET:
                continue
            if side.kind == "ovs-bridge":
                bridges.add(side.name)
                names.update(side.ports if isinstance(side.ports, tuple) else ())
            elif side.kind == "ovs-interface" or side.controller not in (UNSET, "") or side.ovs_db is not UNSET:
                names.add(side.name)
    return bridges, names, set(subjects)


def _everything(database: "Answers", schema: Schema) -> Rows:
    tables = list(schema.columns)
    results = database.transact(
        [{"op": "select", "table": name, "where": [], "columns": ["_uuid", *schema.columns[name]]} for name in tables]
    )
    return {
        name: {row["_uuid"][1]: {key: value for key, value in row.items() if key != "_uuid"} for row in result["rows"]}
        for name, result in zip(tables, results, strict=True)
    }


def _bridge_of(there: Rows, held: Uuid) -> str:
    """The name of the bridge that an interface is in; '' for none."""
    ports = {key for key, one in there[port.NAME].items() if held in uuids(one["interfaces"])}
    return next((one["name"] for one in there[bridge.NAME].values() if ports.intersection(uuids(one["ports"]))), "")


def _collect(there: Rows, schema: Schema, table: str, key: Uuid, into: Rows) -> None:
    if key in into.get(table, {}):
        return
    row = there[table][key]
    into.setdefault(table, {})[key] = row
    for column, target in schema.strong(table):
        for other in _referred(row[column]):
            _collect(there, schema, target, other, into)


def _referred(value: Value) -> typing.Iterator[Uuid]:
    """The rows that a column refers to, as elements of a set, or as values of a map."""
    if isinstance(value, list) and value[0] == "map":
        yield from (one[1] for _, one in value[1])
    else:
        yield from uuids(value)


def put_back(database: "Answers", schema: Schema, saved: "Saved", settling: float) -> None:
    """Get back to what was kept, in one transaction.

    Raises:
        Refused, Lost, TimedOut: see `Work.carry_out`.
    """
    there = _everything(database, schema)
    work = Work()
    _Return(there, schema, saved, work).rows()
    base = next(iter(there[root.NAME].values()), {})
    for column, before in saved["maps"].items():
        now = mapping(base[column])
        gone = {key for key, text in now.items() if before.get(key) != text}
        work.mutate_root(
            None, maps.mutations(column, gone, {key: before[key] for key in before if now.get(key) != before[key]})
        )
    work.carry_out(database, settling)


class _Return:
    """The way back of the rows."""

    def __init__(self, there: Rows, schema: Schema, saved: "Saved", work: Work) -> None:
        self.there, self.schema, self.work = there, schema, work
        self.kept: Rows = saved["rows"]
        self.bridges, self.names = set(saved["bridges"]), set(saved["interfaces"])
        self.now: dict[Uuid, Uuid] = {}
        """The rows that stand for the kept ones: those that are there, and new ones."""

    def rows(self) -> None:
        """All of them."""
        for table, rows in self.kept.items():
            named = {one["name"]: key for key, one in self.there[table].items()} if table in _NAMED else {}
            for key, row in rows.items():
                found = key if key in self.there[table] else named.get(row.get("name", ""), "")
                self.now[key] = found or self.work.insert(None, table, {})
        for table, rows in self.kept.items():
            for key, row in rows.items():
                self._row(table, key, row)
        self._bridges()

    def _row(self, table: str, key: Uuid, row: Row) -> None:
        now = self.now[key]
        known = self.there[table].get(now)
        columns: Row = {}
        for name, value in row.items():
            column = self.schema.columns[table].get(name)
            if column is None or (known is not None and not column.mutable):
                continue
            wanted = self._value(value, column.target)
            if table == bridge.NAME and name == "ports" and known is not None:
                wanted = self._ports(value, known[name])
            if known is None or not _same(known[name], wanted):
                columns[name] = wanted
        if known is None:
            self._fill(table, now, columns)
        else:
            self.work.update(None, table, now, columns)

    def _fill(self, table: str, name: Uuid, columns: Row) -> None:
        operation = next(one for one in self.work.operations if one.get("uuid-name") == name)
        operation["row"] = columns

    def _value(self, value: Value, target: str) -> Value:
        """A value with the rows that stand for those it refers to; rows that are gone for good are left out."""
        if not target:
            return value
        if isinstance(value, list) and value[0] == "map":
            return [
                "map",
                [
                    [key, reference(self._row_now(one[1], target))]
                    for key, one in value[1]
                    if self._row_now(one[1], target)
                ],
            ]
        return ["set", [reference(found) for one in elements(value) if (found := self._row_now(one[1], target))]]

    def _row_now(self, key: Uuid, target: str) -> Uuid:
        return self.now.get(key) or (key if key in self.there[target] else "")

    def _ports(self, kept: Value, now: Value) -> Value:
        """The ports that were there, and those that others have added since."""
        wanted = [self.now[key] for key in uuids(kept)]
        added = [key for key in uuids(now) if key not in wanted and not self._is_of_plan(key)]
        return ["set", [reference(key) for key in (*wanted, *added)]]

    def _is_of_plan(self, key: Uuid) -> bool:
        members = uuids(self.there[port.NAME][key]["interfaces"])
        return any(self.there[interface.NAME][one]["name"] in self.names for one in members)

    def _bridges(self) -> None:
        """In the root's list: those that were there; not those that came with the plan."""
        base = next(iter(self.there[root.NAME].values()), None)
        listed = set(uuids(base["bridges"])) if base is not None else set()
        kept = self.kept.get(bridge.NAME, {})
        for key in kept:
            if self.now[key] not in listed:
                self.work.enlist(None, root.NAME, "", "bridges", self.now[key])
        names = {row["name"] for row in kept.values()}
        new = [
            key
            for key, one in self.there[bridge.NAME].items()
            if one["name"] in self.bridges and one["name"] not in names
        ]
        if new:
            self.work.unlist(None, root.NAME, "", "bridges", sorted(new))


def _same(one: Value, other: Value) -> bool:
    """Whether two values are equal, however they are spelled: sets have no order, and one element may stand for its set."""
    if isinstance(one, list) and one[0] == "map":
        return _texts(one) == _texts(other)
    return sorted(map(str, elements(one))) == sorted(map(str, elements(other)))


def _texts(value: Value) -> dict[str, str]:
    """A map with its keys and values as texts, for comparing."""
    return {str(key): str(text) for key, text in value[1]}
