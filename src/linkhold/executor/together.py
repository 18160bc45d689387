"""All providers of a host as one: the kernel, and the services beside it.

What the host looks like: the kernel says it, then each service lays over it what only it knows. Who carries a change out:
the provider that owns the interface, then those that complete something of it (an address lease, an alternative name);
taking apart goes the other way round. A service that stopped answering is left out, and that is told, until it is back.
"""

import contextlib
import typing

from linkhold.foundation.failures import Failure, Temporary
from linkhold.providers.contract import Capabilities, Saved, Scope

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change, Plan, Stage
    from linkhold.planning.owning import Owners, Row
    from linkhold.providers.contract import Part, Provider, Service, Watch
    from linkhold.state.network import NetworkState

_TAKING_APART: typing.Final = frozenset({"release", "remove", "discard"})


class Together:
    """Implements `Provider`. `services` stand in the order in which they are asked.

    Where a journal speaks of a service that does not run now, one is made of `absent`; `order` (of names) says its place.
    `rows` are what the operator forces (`executor.owners`).
    """

    name = "host"

    def __init__(
        self,
        base: "Provider",
        services: "typing.Sequence[Service]",
        *,
        absent: "typing.Mapping[str, typing.Callable[[], Service]] | None" = None,
        rows: "typing.Sequence[Row]" = (),
        order: typing.Sequence[str] = (),
    ) -> None:
        self.base, self.services = base, tuple(services)
        self._order = [*(order or [one.name for one in services]), *(absent or ())]
        self._absent, self._rows = dict(absent or {}), tuple(rows)
        self._known: tuple[Capabilities, ...] = ()
        self._completing: frozenset[str] = frozenset()
        self._helpers: dict[str, frozenset[str]] = {}
        self._silent: dict[str, str] = {}
        self._before: NetworkState
        self._after: NetworkState

    @property
    def parts(self) -> "tuple[Part, ...]":
        """Those that own kinds, the kernel, then those that complete what others own."""
        answering = [one for one in self.services if one.name not in self._silent]
        owning = tuple(one for one in answering if one.name not in self._completing)
        completing = tuple(one for one in answering if one.name in self._completing)
        return (*owning, self.base, *completing)

    def remarks(self) -> tuple[str, ...]:
        """What is worth telling about the providers themselves: those that do not answer."""
        return tuple(f"{name} left out: {why}" for name, why in self._silent.items())

    async def all_capabilities(self) -> tuple[Capabilities, ...]:
        """Of each provider that answers, the base first."""
        if not self._known:
            known = [await self.base.capabilities()]
            for one in self.services:
                try:
                    known.append(_with_its_drivers(await one.capabilities(), known[0]))
                except Temporary as failure:
                    self._silent[one.name] = _told(failure)
            self._known = tuple(known)
            self._completing = frozenset(one.provider for one in known if not one.kinds)
            self._helpers = {one.provider: _helpers(one, known) for one in known}
        return self._known

    async def owners(self) -> "Owners | None":
        """The table by which interfaces are given to providers; none where all are the kernel's."""
        known = await self.all_capabilities()
        if not self._rows and not any(one.kinds for one in known[1:]):
            return None
        from linkhold.executor.owners import table

        return table(self._rows, known)

    async def capabilities(self) -> Capabilities:
        """Those of the base."""
        return (await self.all_capabilities())[0]

    async def observe(self, scope: Scope) -> "NetworkState":
        """The host as all of them know it."""
        state = await self.base.observe(scope)
        silent: dict[str, str] = {}
        for one in self.services:
            try:
                state = await one.amend(state, scope)
            except Temporary as failure:  # it stopped, or was killed: what it owned is the kernel's until it is back
                silent[one.name] = _told(failure)
        if silent.keys() != self._silent.keys():
            self._known = ()
        self._silent = silent
        return state

    async def begin(
        self,
        plan: "Plan",
        before: "NetworkState",
        after: "NetworkState",
        *,
        lasting: bool = True,
        returning: bool = False,
    ) -> None:
        """Tell all."""
        await self.all_capabilities()
        self._before, self._after = before, after
        for one in self.parts:
            await one.begin(plan, before, after, lasting=lasting, returning=returning)

    async def apply(self, stage: "Stage", changes: "typing.Sequence[Change]") -> None:
        """Give each change to those it concerns."""
        await self.all_capabilities()
        parts = reversed(self.parts) if stage in _TAKING_APART else self.parts
        for part in parts:
            mine = tuple(one for one in changes if self._concerns(part, stage, one))
            if part is self.base and stage == "route":
                await self._services_done(mine)
            if mine:
                await part.apply(stage, mine)

    async def _services_done(self, changes: "typing.Sequence[Change]") -> None:
        """Before what the kernel drops of a service's routes is put back, the service has to be done with their addresses."""
        theirs = [one.after for one in changes if _is_put_back(one) and one.provider not in ("", self.base.name)]
        if theirs:
            from linkhold.executor.laid import addresses_laid

            names = {str(one.get("next_hop_interface")) for one in theirs}
            await addresses_laid(self.base, names, self._before, self._after)

    def _concerns(self, part: "Part", stage: "Stage", change: "Change") -> bool:
        if part.name == change.provider or (part is self.base and not change.provider):
            return True
        if change.subject != "interface":
            # whoever put it there: what goes has to be gone, what the kernel drops has to come back
            return part is self.base and (change.action == "-" or _is_put_back(change))
        if part is self.base or (stage == "release" and part.name == getattr(change.before, "owner", "")):
            return True
        if stage == "release" and part.name in self._helpers.get(getattr(change.before, "owner", ""), ()):
            return True  # it completed something for the former owner
        return part.name in self._helpers.get(change.provider or self.base.name, ())

    async def save(self, plan: "Plan", seconds: float, held: typing.Container[str] = ()) -> Saved:
        """The grounds of all parts that are not held already, by their names."""
        await self.all_capabilities()
        saved: Saved = {}
        try:
            for one in self.parts:
                if one.name in held:
                    continue
                kept = await one.save(plan, seconds)
                if kept:
                    saved[one.name] = kept
        except BaseException:
            with contextlib.suppress(Failure):  # what was kept so far must not be taken back later, by itself
                await self.discard(saved)
            raise
        return saved

    async def keep(self, saved: Saved, seconds: float) -> None:
        """Put off what services would do."""
        for part, kept in self._those(saved):
            await part.keep(kept, seconds)

    async def put_back(self, saved: Saved) -> None:
        """Each its own ground; the first failure is raised when all have tried."""
        failed: Failure | None = None
        for part, kept in self._those(saved):
            try:
                await part.put_back(kept)
            except Failure as failure:
                failed = failed or failure
            else:
                self._take_in(part)
        if failed is not None:
            raise failed

    def _take_in(self, part: "Part") -> None:
        """A service that did not run when we began, or did not answer, may do now: what is left is planned with it."""
        if part.name in self._silent:
            self._known, self._silent = (), {}
        elif part not in (self.base, *self.services):
            self._known = ()
            services = typing.cast("list[Service]", [*self.services, part])
            self.services = tuple(sorted(services, key=lambda one: self._order.index(one.name)))

    async def discard(self, saved: Saved) -> None:
        """Nothing is taken back by itself any more."""
        for part, kept in self._those(saved):
            await part.discard(kept)

    def _those(self, saved: Saved) -> "typing.Iterator[tuple[Part, Saved]]":
        there = {one.name: one for one in (self.base, *self.services)}
        for name, kept in saved.items():
            if name not in there and name not in self._absent:
                raise Temporary(f"a ground of '{name}' was saved, and there is no such provider here")
            yield there[name] if name in there else self._absent[name](), kept

    def close(self) -> None:
        """All of them."""
        for one in (self.base, *self.services):
            one.close()

    def watch(self) -> "Watch":
        """Watch with all of them."""
        from linkhold.executor.together_watch import TogetherWatch

        return TogetherWatch([one.watch() for one in (self.base, *self.services)])


def _with_its_drivers(service: Capabilities, base: Capabilities) -> Capabilities:
    """A service that sets up the kernel's own kinds can't, either, where the kernel has no driver for one, or has something
    switched off: that is known before anything is touched. A service with kinds of its own (Open vSwitch) knows best."""
    if "ethernet" not in service.kinds:
        return service
    return service.replace(
        kinds={kind: reason or base.kinds.get(kind, "") for kind, reason in service.kinds.items()},
        inabilities=(*service.inabilities, *(one for one in base.inabilities if one.everybodys)),
    )


def _is_put_back(change: "Change") -> bool:
    """Whether it is a route that stays and that the kernel drops meanwhile: it tells nobody when the last address of an
    interface goes, so that NetworkManager takes some for present that are not (`fib_flush` of net/ipv4/fib_frontend.c)."""
    return change.subject == "route" and change.action == "~" and change.before == change.after


def _told(failure: Failure) -> str:
    return f"{failure} ({failure.answer})" if failure.answer else str(failure)


def _helpers(owner: Capabilities, known: typing.Iterable[Capabilities]) -> frozenset[str]:
    """Who carries out what this owner can't."""
    lacking = {one.path for one in owner.inabilities if not one.unless}
    return frozenset(one.provider for one in known if one is not owner and not lacking.isdisjoint(one.completes))
