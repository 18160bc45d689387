"""The provider: the contract over a simulated host."""

import contextlib
import typing

from linkhold.foundation.clock import Clock, SystemClock
from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET, Record
from linkhold.planning.change import Change, Stage
from linkhold.planning.traits import traits_of
from linkhold.providers.contract import Alone, Capabilities, Scope
from linkhold.providers.memory.faults import Fault, check
from linkhold.providers.memory.host import Host
from linkhold.providers.memory.stages import carry_out
from linkhold.providers.memory.storage import Storage
from linkhold.providers.memory.watch import MemoryWatch
from linkhold.state.fields import KernelDetail
from linkhold.state.interfaces import KINDS
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState
from linkhold.state.routes import Routes

EVERYTHING: typing.Final = Capabilities(
    provider="memory",
    kinds=dict.fromkeys(KINDS, ""),
    subjects=frozenset({"route", "rule", "dns", "hostname", "ovs-db", "ovn"}),
    features=frozenset({"bridge-vlan-filtering"}),
)


class Memory(Alone):
    """A whole host in memory, or with `file` in a file that other processes see too.

    `state` is what stands there at first (canonical); a file that exists already comes before it. `faults` are refusals
    on order. `later` lets something happen by itself while others wait for it.
    """

    name = "memory"

    def __init__(
        self,
        state: NetworkState | None = None,
        *,
        file: str = "",
        capabilities: Capabilities = EVERYTHING,
        clock: Clock | None = None,
    ) -> None:
        self.host = Host(state or NetworkState())
        self.faults: list[Fault] = []
        self.clock: Clock = clock or SystemClock()
        self._capabilities = capabilities
        self._revision = 0
        self._events: list[tuple[float, typing.Callable[[Host], None]]] = []
        self._storage = Storage(file) if file else None
        if self._storage is not None and not self._refresh() and state is not None:
            self._storage.save(self.host, self.faults)

    async def capabilities(self) -> Capabilities:
        """Everything, unless it was made to be less able."""
        return self._capabilities

    async def observe(self, scope: Scope) -> NetworkState:
        """The current state; costs one pass over the interfaces asked for."""
        self._catch_up()
        state = self.host.state()
        interfaces = state.interfaces if isinstance(state.interfaces, tuple) else ()
        if scope.names:
            interfaces = tuple(one for one in interfaces if one.name in scope.names)
        state = state.replace(interfaces=tuple(_within(one, scope.details) for one in interfaces))
        if not scope.running and isinstance(state.routes, Routes):
            state = state.replace(routes=state.routes.replace(running=UNSET))
        return state

    async def apply(self, stage: Stage, changes: typing.Sequence[Change]) -> None:
        """Carry out one stage of some changes, one after the other: what came before a refusal is done."""
        with self._storage.locked() if self._storage else contextlib.nullcontext():
            self._catch_up()
            try:
                for change in changes:
                    self.carry_out(stage, change)
            finally:
                self._revision += 1
                if self._storage:
                    self._storage.save(self.host, self.faults)

    def carry_out(self, stage: Stage, change: Change) -> None:
        """One stage of one change.

        Raises:
            Refused: by the rules of the host or by a fault; carries the change.
        """
        check(self.faults, stage, change)
        try:
            carry_out(self.host, stage, change)
        except Refused as refused:
            raise Refused(str(refused), change=change, answer=refused.answer) from refused

    def close(self) -> None:
        """Nothing is open."""

    def watch(self) -> MemoryWatch:
        """Start to watch for changes."""
        return MemoryWatch(self)

    def later(self, seconds: float, happen: typing.Callable[[Host], None]) -> None:
        """Let something happen by itself (a carrier that comes, another process that meddles), in this process only."""
        self._events.append((self.clock.monotonic() + seconds, happen))

    def refuse(self, *faults: Fault) -> None:
        """Refuse some changes; the file, if there is one, says so to other processes."""
        self.faults.extend(faults)
        if self._storage:
            self._storage.save(self.host, self.faults)

    def revision(self) -> int:
        """A number that grows with every change that can be seen."""
        self._catch_up()
        return self._revision

    def _catch_up(self) -> None:
        self._refresh()
        now = self.clock.monotonic()
        due = [happen for when, happen in self._events if when <= now]
        self._events = [(when, happen) for when, happen in self._events if when > now]
        for happen in due:
            happen(self.host)
            self._revision += 1

    def _refresh(self) -> bool:
        """Read the file where another process wrote it; whether there was something to read."""
        if self._storage is None or not self._storage.changed():
            return False
        self.host, self.faults = self._storage.load()
        self._revision += 1
        return True


def _within(interface: Interface, details: frozenset[str]) -> Interface:
    """Without the groups of fields that were not asked for."""
    drop: dict[str, typing.Any] = {}
    shape: type[Record] = type(interface)
    for name, trait in traits_of(shape).items():
        if name not in interface.__dict__:
            continue
        marker = trait.field.marker(KernelDetail)
        if marker is not None and marker.group not in details:
            drop[name] = UNSET
    return interface.replace(**drop) if drop else interface
