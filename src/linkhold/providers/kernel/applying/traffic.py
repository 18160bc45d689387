"""Stage `configure`, its end: the classes of what an interface sends, each compared with what the kernel has now.

A root discipline that somebody else has set up is never replaced: the kernel itself refuses to (`hfsc.add_root`).
"""

from __future__ import annotations

import errno

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.providers.kernel import traffic
from linkhold.providers.kernel.applying.batch import GONE, Batch
from linkhold.providers.kernel.applying.host import after_of, before_of, controller_of
from linkhold.providers.kernel.netlink import filter as filters
from linkhold.providers.kernel.netlink import hfsc, qdisc
from linkhold.providers.kernel.traffic import DEFAULT, DEFAULT_PREFERENCE, LEAF, ROOT, Present
from linkhold.state.interfaces.qos import Qos, QosClass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host
    from linkhold.providers.kernel.netlink.qdisc import QdiscMessage

_NOTHING = Present((), (), ())


def set_classes(host: Host, changes: Sequence[Change]) -> None:
    """Give these interfaces the classes that they say, and no other ones.

    Raises:
        Refused: the kernel said no, or somebody else has set up the root discipline meanwhile.
    """
    asked = [(change, classes) for change in changes if (classes := _wanted(change)) is not None]
    if not asked:
        return
    present = traffic.disciplines(host.netlink)
    batch = Batch(host.netlink)
    for change, classes in asked:
        index = host.indexes[change.name]
        root = next((one for one in present if one.index == index and one.is_root), None)
        ours = root is not None and traffic.is_ours(root)
        if not classes:
            if ours:
                request = qdisc.remove(index, handle=ROOT)
                batch.ask(change, f"take the classes of {change.name} away", request, GONE)
            continue
        if not ours:
            _make_root(batch, change, index, root)
        there = traffic.read(host.netlink, index, present) if ours else _NOTHING
        _set(batch, change, index, there, classes)
    batch.run()


def _wanted(change: Change) -> tuple[QosClass, ...] | None:
    """The classes to be there; None where nothing is to be done."""
    after, before = after_of(change), before_of(change)
    if after is None or not isinstance(after.qos, Qos) or not isinstance(after.qos.classes, tuple):
        was = before.qos if before is not None and after is not None else None
        return () if isinstance(was, Qos) and was.classes not in (UNSET, ()) else None
    # what joins a controller, or is put back in it, may have lost its classes (`planning.order`)
    joined = before is None or controller_of(before) != controller_of(after) or not change.differences
    if not joined and before is not None and before.qos == after.qos:
        return None
    return after.qos.classes


def _make_root(batch: Batch, change: Change, index: int, root: QdiscMessage | None) -> None:
    if root is not None and traffic.is_foreign(root):
        text = f"{change.name} has a root discipline of somebody else's ({root.kind}), which stays"
        raise Refused(text, change=change, answer=f"EEXIST: {root.kind}")
    batch.ask(change, f"give {change.name} an HFSC scheduler", hfsc.add_root(index, ROOT, DEFAULT))


def _set(batch: Batch, change: Change, index: int, there: Present, classes: tuple[QosClass, ...]) -> None:
    wanted = {traffic.minor(one): traffic.encode(one) for one in classes}
    renewed = {one for one, curves in there.classes.items() if one in wanted and curves.keys() - wanted[one].keys()}
    _remove_filters(batch, change, index, there, wanted.keys() - renewed)
    gone = (errno.ENOENT,)
    for one in sorted((there.classes.keys() - wanted.keys()) | renewed):  # a curve can't be taken away from a class
        batch.ask(change, f"remove class {one:x} of {change.name}", hfsc.remove_class(index, ROOT | one), gone)
    for one in sorted(
        wanted, key=lambda vlan: (vlan != DEFAULT, vlan)
    ):  # the default class first: else frames are lost
        kept = one in there.classes and one not in renewed
        if not kept or there.classes[one] != wanted[one]:
            request = hfsc.set_class(index, ROOT | one, ROOT, wanted[one])
            batch.ask(change, f"set class {one:x} of {change.name}", request)
        if not kept or there.leaves.get(one) != LEAF:
            leaf = qdisc.add(index, LEAF, parent=ROOT | one, handle=one << 16, replace=True)
            batch.ask(change, f"give class {one:x} of {change.name} a queue", leaf)
        if one not in _kept_filters(there, wanted.keys() - renewed):
            what = f"lead frames into class {one:x} of {change.name}"
            batch.ask(change, what, _lead(index, one))


def _lead(index: int, minor: int) -> tuple[int, int, bytes]:
    if minor == DEFAULT:
        return filters.of_all(index, ROOT, ROOT | DEFAULT, DEFAULT_PREFERENCE)
    return filters.by_vlan(index, ROOT, ROOT | minor, minor)


def _kept_filters(there: Present, wanted: set[int]) -> set[int]:
    """The classes whose filter is as it is to be: exactly one of its preference."""
    leading: dict[int, list[bool]] = {}
    for one in there.filters:
        if one.class_handle:
            leading.setdefault(one.preference, []).append(_is_right(one))
    by_minor = {DEFAULT if pref == DEFAULT_PREFERENCE else pref: right for pref, right in leading.items()}
    return {minor for minor, right in by_minor.items() if minor in wanted and right == [True]}


def _is_right(one: filters.FilterMessage) -> bool:
    if one.preference == DEFAULT_PREFERENCE:
        return one.kind == "u32" and one.class_handle == ROOT | DEFAULT
    return one.vlan == one.preference and one.class_handle == ROOT | one.preference


def _remove_filters(batch: Batch, change: Change, index: int, there: Present, wanted: set[int]) -> None:
    kept = {DEFAULT_PREFERENCE if one == DEFAULT else one for one in _kept_filters(there, wanted)}
    for preference in sorted({one.preference for one in there.filters} - kept):
        request = filters.remove(index, ROOT, preference)
        batch.ask(change, f"take filter {preference} from {change.name}", request, (errno.ENOENT,))
