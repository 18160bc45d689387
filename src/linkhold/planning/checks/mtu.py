"""Rules about the size of frames."""

from linkhold.planning.checks.context import Context
from linkhold.planning.references import named, references
from linkhold.planning.sizes import INSIDE_PARENT, most_on
from linkhold.state.interfaces.common import Interface


def mtu_is_in_range(context: Context) -> None:
    """The driver takes the MTU."""
    for said in context.wanted():
        now = context.current.get(said.key)
        if now is None or not isinstance(said.mtu, int) or said.mtu in (0, now.mtu):
            continue
        least, most = now.min_mtu, now.max_mtu
        if (isinstance(least, int) and said.mtu < least) or (isinstance(most, int) and most and said.mtu > most):
            limits = f"{least} to {most}"
            context.error(
                "mtu", said.name, "mtu", f"the driver of {said.name} does not take {said.mtu}", expected=limits
            )


def children_fit_parents(context: Context) -> None:
    """A child's frames are carried by its parent: its MTU is at most the parent's, if the document says it (`sizes`)."""
    changed = {one.name for one in context.changed}
    if not any(isinstance(one.mtu, int) for one in context.changed):
        return
    for interface in context.expected.values():
        if interface.kind not in INSIDE_PARENT or not isinstance(interface.mtu, int):
            continue
        for one in references(interface):
            parent = context.kernel(one.name) if one.role == "parent" else None
            if parent is None or not (parent.name in changed or interface.name in changed):
                continue
            if isinstance(parent.mtu, int) and interface.mtu > parent.mtu:
                _too_large(context, interface, parent)


def what_is_added_fits_parents(context: Context) -> None:
    """A VXLAN puts its frames into packets of its parent, HSR and MACsec add a tag: all need room for that
    (`vxlan_change_mtu`, `hsr_dev_change_mtu`, `macsec_change_mtu`).
    """
    for said in context.wanted():
        interface = context.expected.get(said.key)
        if interface is None or said.kind in INSIDE_PARENT or not isinstance(said.mtu, int):
            continue
        for name in named(interface, "parent"):
            parent = context.kernel(name)
            most = most_on(interface, parent) if parent is not None else None
            if parent is not None and most is not None and said.mtu > most:
                message = f"{said.mtu} does not fit into the frames of {parent.name}, whose MTU is {parent.mtu}"
                hint = f"raise the mtu of {parent.name} too"
                context.error("mtu", said.name, "mtu", message, expected=f"at most {most}", hint=hint)


def _too_large(context: Context, interface: Interface, parent: Interface) -> None:
    message = f"{interface.mtu} is more than the MTU of {parent.name}, {parent.mtu}"
    hint = f"raise the mtu of {parent.name} too"
    context.error("mtu", interface.name, "mtu", message, expected=f"at most {parent.mtu}", hint=hint)
