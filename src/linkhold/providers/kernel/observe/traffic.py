"""Classes of what interfaces send: one dump of disciplines for the host, and two more for each interface that has classes."""

from __future__ import annotations

from linkhold.providers.kernel import traffic
from linkhold.state.interfaces.qos import Qos

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.socket import Netlink


class Traffic:
    """The disciplines of all links, read once. Raises Refusal."""

    def __init__(self, netlink: Netlink) -> None:
        self._netlink = netlink
        self._all = traffic.disciplines(netlink)
        self._roots = {one.index: one for one in self._all if one.is_root}

    def section(self, index: int) -> Qos | None:
        """What a document says of one link; None where nobody has set anything up."""
        root = self._roots.get(index)
        if root is None:
            return None
        if traffic.is_ours(root):
            return traffic.read(self._netlink, index, self._all).section
        return Qos(foreign=root.kind) if traffic.is_foreign(root) else None
