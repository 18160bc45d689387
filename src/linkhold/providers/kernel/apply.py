"""Carrying out a plan in the kernel: which module does what in which stage (ARCHITECTURE.md, "The plan").

All messages of one stage are sent together, then the answers are collected. Everything can be done again: what is as it
shall be is no refusal.
"""

from __future__ import annotations

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.planning.change import STAGES
from linkhold.providers.kernel.applying import activate, addresses, create, release, remove, routes, rules
from linkhold.providers.kernel.applying.host import Host
from linkhold.providers.kernel.netlink.socket import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from linkhold.planning.change import Change, Stage, Subject
    from linkhold.providers.kernel.netlink.socket import Netlink

    Work = Callable[[Host, Sequence[Change]], None]


def _configure(host: Host, changes: Sequence[Change]) -> None:
    from linkhold.providers.kernel.applying import configure  # with it come ethtool and SR-IOV

    configure.configure_links(host, changes)
    _set_endpoints(host, changes)


def _set_addresses(host: Host, changes: Sequence[Change]) -> None:
    addresses.set_addresses(host, changes)
    _set_endpoints(host, changes)


def _set_endpoints(host: Host, changes: Sequence[Change]) -> None:
    """Of Multipath TCP: with the flags of an interface, and again when its addresses change."""
    if any(change.action != "-" and change.after.get("mptcp") is not UNSET for change in changes):
        from linkhold.providers.kernel.applying.multipath_tcp import set_endpoints

        set_endpoints(host, changes)


def _set_names(host: Host, changes: Sequence[Change]) -> None:
    from linkhold.providers.kernel.applying import resolving

    resolving.set_names(host, changes)


WORK: dict[tuple[Stage, Subject], Work] = {
    ("release", "rule"): rules.release_rules,
    ("release", "route"): routes.release_routes,
    ("release", "interface"): release.release_links,
    ("remove", "interface"): remove.remove_links,
    ("create", "interface"): create.create_links,
    ("attach", "interface"): create.attach_ports,
    ("configure", "interface"): _configure,
    ("activate", "interface"): activate.activate_links,
    ("address", "interface"): _set_addresses,
    ("route", "route"): routes.set_routes,
    ("rule", "rule"): rules.set_rules,
    ("resolve", "dns"): _set_names,
    ("resolve", "hostname"): _set_names,
    ("discard", "interface"): remove.discard_links,
}
"""In each stage, what is done for the changes of each subject, in this order."""


class Applier:
    """Carries out stages on one host; keeps what it has read of the links as long as that can be trusted.

    `root` is put before the paths of files in /etc (for tests and images).
    """

    def __init__(self, netlink: Netlink, root: str = "") -> None:
        self._host = Host(netlink, root)
        self._last = -1

    def carry_out(self, stage: Stage, changes: Sequence[Change], switches: frozenset[str] = frozenset()) -> None:
        """Carry out one stage of some changes. `switches` are the controllers that exist in user space only.

        A refusal that may come from links having changed since they were read leads to a second reading and attempt; so
        does an answer of the kernel that was lost.

        Raises:
            Refused: the kernel said no; carries the first change it was said to, and the answer.
            NotPermitted: for lack of privilege.
        """
        position = STAGES.index(stage)
        if position < self._last or position == 0:
            self._host.begin()
        elif position == self._last:
            self._host.forget()
        self._last = position
        self._host.switches = switches
        known = self._host.known
        try:
            self._work(stage, changes)
        except Refused as refused:
            if not known and not refused.answer.startswith("ENOBUFS"):
                raise
            self._host.forget()
            self._work(stage, changes)

    def close(self) -> None:
        """Close the sockets that were opened here, not the one that was given."""
        self._host.close()

    def _work(self, stage: Stage, changes: Sequence[Change]) -> None:
        for (when, subject), work in WORK.items():
            if when == stage:
                some = [change for change in changes if change.subject == subject]
                if some:
                    try:
                        work(self._host, some)
                    except Refusal as refusal:
                        from linkhold.providers.kernel.applying.batch import answer_of

                        text = f"the kernel can't be read ({answer_of(refusal)})"
                        raise Refused(text, change=some[0], answer=answer_of(refusal)) from refusal


def carry_out(netlink: Netlink, stage: Stage, changes: Sequence[Change], root: str = "") -> None:
    """One stage by itself; see `Applier.carry_out`, which is quicker for a whole plan."""
    applier = Applier(netlink, root)
    try:
        applier.carry_out(stage, changes)
    finally:
        applier.close()
