"""What must precede what, as few levels as possible: a topological sort that never recurses."""

import typing

_N = typing.TypeVar("_N", bound=typing.Hashable)


def levelled(nodes: typing.Sequence[_N], needs: typing.Callable[[_N], typing.Iterable[_N]]) -> list[list[_N]]:
    """The nodes in levels: each comes after all that it `needs` (needs outside of `nodes` do not count).

    Nodes of one level keep their order. In a cycle (which `check` refuses before anything gets here) the nodes that
    depend on each other come last, together.
    """
    members = set(nodes)
    open_needs: dict[_N, int] = {}
    needed_by: dict[_N, list[_N]] = {}
    for node in nodes:
        missing = members.intersection(needs(node))
        missing.discard(node)
        open_needs[node] = len(missing)
        for other in missing:
            needed_by.setdefault(other, []).append(node)
    ready = [node for node in nodes if not open_needs[node]]
    levels: list[list[_N]] = []
    done = 0
    while ready:
        levels.append(ready)
        done += len(ready)
        following: list[_N] = []
        for node in ready:
            for other in needed_by.get(node, ()):
                open_needs[other] -= 1
                if not open_needs[other]:
                    following.append(other)
        ready = following
    if done < len(members):
        levels.append([node for node in nodes if open_needs[node] > 0])
    return levels


def stuck(nodes: typing.Sequence[_N], needs: typing.Callable[[_N], typing.Iterable[_N]]) -> list[_N]:
    """The nodes that need each other in a circle, or need such a node; empty when there is an order."""
    levels = levelled(nodes, needs)
    placed = {node for level in levels for node in level}
    last = set(levels[-1]) if levels else set()
    return [node for node in nodes if node not in placed or (node in last and _waits(node, last, needs))]


def _waits(node: _N, others: set[_N], needs: typing.Callable[[_N], typing.Iterable[_N]]) -> bool:
    return any(other in others and other != node for other in needs(node))
