"""What is needed of the machine to lay leases on it: by whoever speaks netlink."""

import typing

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.wanted import LeasedAddress, LeasedRoute


class Link(typing.Protocol):
    """An interface that is there. `number` is its index, `mac` is '' for one that has none."""

    @property
    def number(self) -> int: ...
    @property
    def mac(self) -> str: ...
    @property
    def carrier(self) -> bool: ...


class Ways(typing.Protocol):
    """The machine.

    Raises (all methods):
        Refused, NotPermitted: the kernel said no, or a file can't be written.
    """

    def link(self, interface: str) -> Link | None:
        """The interface of this name, nothing where there is none."""

    def take(
        self, interface: str, addresses: "typing.Sequence[LeasedAddress]", routes: "typing.Sequence[LeasedRoute]"
    ) -> None:
        """Take these off it, as far as they are there; an address that has become a static one stays."""

    def give(
        self, interface: str, addresses: "typing.Sequence[LeasedAddress]", routes: "typing.Sequence[LeasedRoute]"
    ) -> list[str]:
        """Give it these, or renew them; an address that is a static one stays so. What the kernel refused, in words: a server
        may well say what makes no sense here, and that is no reason to fail."""

    def leave_to_client(self, interface: str, family: str) -> None:
        """The kernel is to make no addresses and routes of advertisements by itself, and to lose those it has made."""

    def advertised(self, interface: str, mtu: int, hop_limit: int) -> None:
        """What routers ask of IPv6 on this link; 0 for the usual."""

    def generation(self, interface: str, mode: str) -> None:
        """How link-local addresses are made from now on (the client changes that, for itself)."""

    def accepts_advertisements(self, interface: str) -> str:
        """The kernel's setting, '' where it has none."""

    def accept_advertisements(self, interface: str, setting: str) -> None:
        """Put the kernel's setting back."""

    def names_changed(self, interface: str, servers: "typing.Sequence[str]", search: "typing.Sequence[str]") -> None:
        """Let the host's resolver know what leases say now: of all the files, and of this interface in particular."""
