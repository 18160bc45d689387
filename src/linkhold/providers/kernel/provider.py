"""The kernel as a provider: one netlink socket, opened on first use."""

from __future__ import annotations

from linkhold.providers.kernel.netlink.socket import Netlink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.plan.change import Change, Stage
    from linkhold.providers.contract import Capabilities, Scope
    from linkhold.providers.kernel.apply import Applier
    from linkhold.providers.kernel.watch import KernelWatch
    from linkhold.state.network import NetworkState


class Kernel:
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

            self._capabilities = capabilities(self.netlink)
        return self._capabilities

    async def observe(self, scope: Scope) -> NetworkState:
        """The current state, in canonical form."""
        from linkhold.providers.kernel.observe import observe

        return observe(self.netlink, scope, self._root)

    async def apply(self, stage: Stage, changes: Sequence[Change]) -> None:
        """Carry out one stage of some changes."""
        if self._applier is None:
            from linkhold.providers.kernel.apply import Applier

            self._applier = Applier(self.netlink, self._root)
        self._applier.carry_out(stage, changes)

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
