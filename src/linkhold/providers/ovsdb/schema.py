"""What the schema of the database says (RFC 7047, 3.2): which columns can be written, and which of them refer to rows."""

import typing

from linkhold.providers.ovsdb.notation import Row


class Column(typing.NamedTuple):
    """One column. `target` is the table that it refers to, '' for none; `keeps` says that this keeps those rows alive."""

    target: str
    keeps: bool
    mutable: bool


class Schema:
    """The columns that last, by table; `roots` are the tables whose rows live without being referred to."""

    def __init__(self, told: Row) -> None:
        self.roots = frozenset(name for name, table in told["tables"].items() if table.get("isRoot"))
        self.columns: dict[str, dict[str, Column]] = {
            name: {
                column: _column(kind)
                for column, kind in table["columns"].items()
                if not kind.get("ephemeral") and not column.startswith("_")
            }
            for name, table in told["tables"].items()
        }

    @classmethod
    def kept(cls, said: Row) -> "Schema":
        """One from what `said` gave."""
        schema = cls({"tables": {}})
        schema.roots = frozenset(said["roots"])
        schema.columns = {
            table: {name: Column(*column) for name, column in columns.items()}
            for table, columns in said["columns"].items()
        }
        return schema

    def said(self) -> Row:
        """Plain data, for a journal: where no server runs nobody else tells it."""
        columns = {table: {name: list(one) for name, one in rows.items()} for table, rows in self.columns.items()}
        return {"roots": sorted(self.roots), "columns": columns}

    def strong(self, table: str) -> typing.Iterator[tuple[str, str]]:
        """The columns of a table by which it keeps rows of other tables alive, with those tables."""
        for name, column in self.columns[table].items():
            if column.target and column.keeps and column.target not in self.roots:
                yield name, column.target


def _column(told: Row) -> Column:
    kind = told["type"]
    sides = [kind[side] for side in ("key", "value") if side in kind] if isinstance(kind, dict) else []
    for side in sides:
        if isinstance(side, dict) and side.get("refTable"):
            return Column(side["refTable"], side.get("refType", "strong") == "strong", told.get("mutable", True))
    return Column("", keeps=False, mutable=told.get("mutable", True))
