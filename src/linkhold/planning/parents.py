"""What goes up along with an interface: that which it rides on."""

import typing

from linkhold.planning.references import named
from linkhold.planning.table import Key, Table


def settle_parents(table: Table) -> None:
    """Take up the parents of what comes up, and their parents, unless the document says something of them itself.

    The kernel refuses a VLAN on a parent that is down (`vlan_dev_open` of `net/8021q/vlan_dev.c`), and what else rides on one
    carries nothing.
    """
    rising = [key for key in table.touched if _comes_up(table, key)]
    while rising:
        key = rising.pop()
        cause = table.causes.get(("interface", key), ("",))[0]
        for name in named(table.expected[key], "parent"):
            parent = table.expected.get((name, ""))
            if parent is not None and parent.state == "down" and parent.key not in table.desired:
                table.put(parent.replace(state="up"), cause)
                rising.append(parent.key)


def _comes_up(table: Table, key: Key) -> bool:
    interface: typing.Any = table.expected.get(key)
    before = table.current.get(key)
    return interface is not None and interface.state == "up" and (before is None or before.state != "up")
