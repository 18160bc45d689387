"""The kernel as a provider: one netlink socket, opened on first use."""

from __future__ import annotations

from linkhold.providers.contract import Alone
from linkhold.providers.kernel.netlink.socket import Netlink, Refusal
from linkhold.providers.kernel.unreadable import unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change, Plan, Stage
    from linkhold.providers.contract import Capabilities, Scope
    from linkhold.providers.kernel.apply import Applier
    from linkhold.providers.kernel.watch import KernelWatch
    from linkhold.state.network import NetworkState


class Kernel(Alone):
    """Implements `Provider` of the contract on the network namespace of the process (of the thread that uses it first).

    `root` is put before the paths of files (`/etc/resolv.conf`, `/etc/hostname`), for images and tests. Its coroutines
    never wait: they can be driven without an event loop. Only the watch's do.
    """

    name = "kernel"

    def __init__(self, root: str = "") -> None:
        self._root = root
        self._netlink: Netlink | None = None
        self._capabilities: Capabilities | None = None
        self._applier: Applier | None = None
        self._switches: frozenset[str] = frozenset()
        self._returning = False

    @property
    def netlink(self) -> Netlink:
        """The socket."""
        if self._netlink is None:
            self._netlink = Netlink()
        return self._netlink

    async def capabilities(self) -> Capabilities:
        """What can be done here; probed once."""
        if self._capabilities is None:
            from linkhold.providers.kernel.capability import capabilities

            self._capabilities = capabilities(self.netlink, root=self._root)
        return self._capabilities

    async def observe(self, scope: Scope) -> NetworkState:
        """The current state, in canonical form."""
        from linkhold.providers.kernel.observe import observe

        try:
            return observe(self.netlink, scope, self._root)
        except Refusal as refusal:
            raise unreadable(refusal) from refusal

    async def begin(
        self, plan: Plan, before: NetworkState, after: NetworkState, *, lasting: bool = True, returning: bool = False
    ) -> None:
        """Know which controllers are none of the kernel's: their ports are attached and detached by others."""
        self._returning = returning
        self._switches = frozenset(
            one.name for side in (before, after) for one in side.by_key.values() if one.userspace and one.is_controller
        )

    async def apply(self, stage: Stage, changes: Sequence[Change]) -> None:
        """Carry out one stage of some changes."""
        from linkhold.providers.kernel.sharing import shared

        if self._applier is None:
            from linkhold.providers.kernel.apply import Applier

            self._applier = Applier(self.netlink, self._root)
        self._applier.carry_out(stage, shared(stage, changes, returning=self._returning), self._switches)

    def watch(self) -> KernelWatch:
        """Start to watch for changes; what happens after this returns is not missed."""
        from linkhold.providers.kernel.watch import KernelWatch

        return KernelWatch()

    def close(self) -> None:
        """Close the sockets."""
        if self._applier is not None:
            self._applier.close()
            self._applier = None
        if self._netlink is not None:
            self._netlink.close()
            self._netlink = None
