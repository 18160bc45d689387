"""Stage `activate`: interfaces go up, or down."""

from __future__ import annotations

from linkhold.providers.kernel.applying.batch import GONE, Batch
from linkhold.providers.kernel.applying.create import by_name
from linkhold.providers.kernel.netlink.link import IFF_UP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host


def activate_links(host: Host, changes: Sequence[Change]) -> None:
    """Up what is wanted, down what is not. What goes altogether is left to the other stages."""
    batch = Batch(host.netlink)
    for change in changes:
        after = change.after
        if change.action == "-" or after.userspace or after.state in ("ignore", "unknown"):
            continue
        if after.wanted:
            batch.ask(change, f"take {change.name} up", by_name(change.name, b"", IFF_UP, IFF_UP))
        else:
            batch.ask(change, f"take {change.name} down", by_name(change.name, b"", 0, IFF_UP), GONE)
    batch.run()
