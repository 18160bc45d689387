"""What goes along when an interface goes: all that rides on it, and the other end of its pair."""

from linkhold.planning.pairs import peer_of
from linkhold.planning.references import named
from linkhold.planning.table import Key, Table


def settle_removals(table: Table) -> None:
    """Remove the children of removed interfaces, and their children, unless the document wants them (`check` refuses that)."""
    gone = [key for key in table.touched if key in table.current and (key not in table.expected or table.absent(key))]
    if not gone:
        return
    children = _children(table)
    while gone:
        key = gone.pop()
        cause = table.causes.get(("interface", key), (f"interfaces[{key[0]}].state",))[0]
        peer = peer_of(table.current[key]) if key not in table.expected else ""
        below = [(peer, "")] if peer and peer_of(table.expected.get((peer, ""))) == key[0] else []
        for other in (*children.get(key[0], ()), *below):
            if other in table.expected and not table.up(other):
                table.remove(other, cause)
                gone.append(other)


def _children(table: Table) -> dict[str, list[Key]]:
    children: dict[str, list[Key]] = {}
    for key, interface in table.expected.items():
        for parent in named(interface, "parent"):
            if parent != interface.name:
                children.setdefault(parent, []).append(key)
    return children
