"""What the stages of one application share: the socket, and the links as they were last read."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.netlink import link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.planning.change import Change
    from linkhold.providers.kernel.netlink.generic import Generic
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.netlink.socket import Netlink
    from linkhold.state.interfaces.common import Interface

_NEEDED = frozenset(
    (
        link.IFLA_ADDRESS,
        link.IFLA_GROUP,
        link.IFLA_IFNAME,
        link.IFLA_LINK,
        link.IFLA_LINKINFO,
        link.IFLA_MASTER,
        link.IFLA_MTU,
        link.IFLA_PERM_ADDRESS,
        link.IFLA_PROP_LIST,
    )
)
"""What is asked of links here; the rest of their attributes is not decoded."""

_DATAPATH = "openvswitch"
"""What the kernel calls Open vSwitch's part in it."""


class Host:
    """The machine, for writing. `root` is put before the paths of files in /etc and /run (for tests and images)."""

    def __init__(self, netlink: Netlink, root: str = "") -> None:
        self.netlink = netlink
        self.root = root.rstrip("/")
        self.flapped: set[str] = set()
        """Names of links that had to go down on the way: their IPv6 addresses are lost."""
        self.joined: set[str] = set()
        """Names of links that joined a controller on the way: it knows none of their options yet."""
        self.switches: frozenset[str] = frozenset()
        """Names of controllers that exist in user space only: whoever made them attaches and detaches their ports."""
        self._links: dict[str, LinkMessage] | None = None
        self._indexes: dict[str, int] = {}
        self._generic: Generic | None = None

    @property
    def links(self) -> dict[str, LinkMessage]:
        """Every link by its name, read when first asked for after `forget`."""
        if self._links is None:
            self._links = {each.name: each for each in link.dump(self.netlink, only=_NEEDED)}
            self._indexes = {name: each.index for name, each in self._links.items()}
        return self._links

    @property
    def indexes(self) -> dict[str, int]:
        """The index of every link by its name."""
        if self._links is None:
            self.links  # noqa: B018 (reads them)
        return self._indexes

    @property
    def known(self) -> bool:
        """Whether links have been read and not been forgotten."""
        return self._links is not None

    def is_switched(self, present: LinkMessage) -> bool:
        """Whether a link is a port of a switch in user space, which alone can let go of it."""
        above = next((one for one in self.links.values() if one.index == present.controller), None)
        return above is not None and above.kind == _DATAPATH

    def begin(self) -> None:
        """Another application begins."""
        self.flapped.clear()
        self.joined.clear()
        self.forget()

    def forget(self) -> None:
        """The links may have changed: read them anew when they are needed."""
        self._links = None

    @property
    def generic(self) -> Generic:
        """The socket for generic netlink families, opened on first use."""
        if self._generic is None:
            from linkhold.providers.kernel.netlink.generic import Generic

            self._generic = Generic()
        return self._generic

    def close(self) -> None:
        """Close what was opened here (not the socket that was given)."""
        if self._generic is not None:
            self._generic.close()
            self._generic = None


def before_of(change: Change) -> Interface | None:
    """What is there now and stays: None for an interface that is made anew."""
    return None if change.action in ("+", "±") or change.before is UNSET else change.before


def after_of(change: Change) -> Interface | None:
    """What shall be there; None for an interface that goes."""
    return None if change.action == "-" or change.after is UNSET or change.after.state == "absent" else change.after


def controller_of(interface: Interface | None) -> str:
    """The name of the controller it is a port of, '' for none."""
    if interface is None or interface.controller is UNSET:
        return ""
    return str(interface.controller)


def differs(before: Interface | None, after: Interface, field: str) -> bool:
    """Whether `after` says another value of this field."""
    value = after.get(field)
    return value is not UNSET and (before is None or before.get(field) != value)
