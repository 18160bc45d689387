"""What the transaction may ask of a provider, and nothing else.

Methods are coroutines since some providers wait on a bus; the kernel answers in line, so its coroutines never wait and
can be driven without an event loop (see `foundation.driving`).
"""

import typing

from linkhold.foundation.record import Record

if typing.TYPE_CHECKING:  # to show a host, nothing needs to be planned
    from linkhold.planning.change import Change, Plan, Stage
    from linkhold.planning.owning import Owners
    from linkhold.state.network import NetworkState

ALL_DETAILS: typing.Final = frozenset({"ethtool", "sr-iov", "mptcp", "lldp", "qos"})


LLDP_IN_FULL: typing.Final = "lldp-in-full"
"""The detail that adds what documents have no words for: lifetimes, link aggregation, capabilities that are on."""


class Scope(Record):
    """How much to look at.

    `details` names groups of fields (`KernelDetail`) that cost extra calls, or (``carrier``) change by themselves.
    `running` asks for routes of routers and DHCP servers too, and with the detail ``daemons`` for those of small routing
    daemons (babeld, keepalived, mrouted); routes of other protocols (BGP, OSPF, …) are never loaded.
    An empty `names` means every interface. `idle` asks for those, too, that exist only as something stored which would make
    them (a profile of a bond that is down).
    """

    details: frozenset[str] = frozenset()
    running: bool = True
    names: frozenset[str] = frozenset()
    idle: bool = False


class Inability(Record):
    """Something a document can say that this provider can't carry out here.

    `path` is relative to the interface or section (``ipv4.dhcp``, ``802.1x``); with `kind` '' it holds for every kind. Where
    the interface's field at `unless` (a path as well, or ``PATH=WORD``) is true (or that word; ``*``: says anything), it does
    not hold; nobody else makes up for such a one. What `everybodys` is nobody who sets up the kernel's interfaces can do,
    since the kernel itself lacks it.
    A value equal to the field's `Default` is no problem: nothing is asked for.
    """

    kind: str = ""
    path: str
    reason: str
    severity: typing.Literal["error", "warning"] = "error"
    unless: str = ""
    everybodys: bool = False


class Capabilities(Record):
    """What one provider can do on this host, probed once.

    `kinds` maps each interface kind it can make or change to '' or to the reason why not here (a missing kernel module).
    `subjects` are the other sections it carries out. `features` are free words (``bridge-vlan-filtering``).
    `completes` are bare paths (``ipv4.dhcp``, ``alt-names``) that it carries out for interfaces of another provider, which
    has an `Inability` of exactly that path: the owner does all else, this one that. `renews` are bare paths of settings that
    it changes only by making the interface anew.
    """

    provider: str
    kinds: dict[str, str]
    subjects: frozenset[str]
    inabilities: tuple[Inability, ...] = ()
    features: frozenset[str] = frozenset()
    completes: frozenset[str] = frozenset()
    renews: frozenset[str] = frozenset()


class Watch(typing.Protocol):
    """Tells when the host's network changes."""

    async def changed(self, timeout: float) -> bool:
        """Wait until something changed, at most `timeout` seconds; false when nothing did."""

    def close(self) -> None:
        """Stop watching."""


Saved = dict[str, typing.Any]
"""What a provider needs to get its own ground back (profiles, configuration files): plain data, kept in the journal."""


class Part(typing.Protocol):
    """What every provider does, whether it knows a whole host or a part of it.

    Raises (all methods):
        Refused: the kernel or the service said no; the failure carries the change and the answer.
        NotPermitted, Unsupported, TimedOut: what their names say.
    """

    name: str

    async def capabilities(self) -> Capabilities:
        """What can be done here."""

    async def begin(
        self,
        plan: "Plan",
        before: "NetworkState",
        after: "NetworkState",
        *,
        lasting: bool = True,
        returning: bool = False,
    ) -> None:
        """A plan will be carried out, from a host as `before` to one as `after`: for who has to know the whole (a profile
        holds an interface with all its routes). Of the network nothing is changed yet. What is not
        `lasting` is gone after a reboot. `returning` is the way back from another plan: who has put its own ground back leaves
        that as it is, and the kernel does what differs all the same."""

    async def apply(self, stage: "Stage", changes: "typing.Sequence[Change]") -> None:
        """Carry out one stage of some changes, all of which are independent of each other. Idempotent: doing a stage
        again that was done in part (by a process that died) completes it.

        A change is given to the provider that owns the interface from then on (`Change.provider`), in its `release` also to
        the one that owned it before (`before.provider`), which lets go of it; to all that complete something of it; and
        always to the kernel, which does what is left to it (everything but making it, for an interface of Open vSwitch)."""

    async def save(self, plan: "Plan", seconds: float) -> Saved:
        """Keep the ground before a plan is carried out, where a provider has one of its own beside the state it shows. A
        service that can take back by itself does so `seconds` from now, unless told otherwise."""

    async def keep(self, saved: Saved, seconds: float) -> None:
        """Put off what a service would do by itself, to `seconds` from now."""

    async def put_back(self, saved: Saved) -> None:
        """Return to the saved ground as far as it is this provider's. Idempotent; works also when its service was
        restarted, or runs not yet (at boot) or no more. What it left undone is planned and done like any other change."""

    async def discard(self, saved: Saved) -> None:
        """The change will be kept: nothing is taken back by itself any more. Comes before the commit point; after it,
        `put_back` still works."""

    def close(self) -> None:
        """Let go of sockets and the like; what is asked after that opens them again."""

    def watch(self) -> Watch:
        """Start to watch for changes; what happens after this returns is not missed."""


class Provider(Part, typing.Protocol):
    """One way to the machine that knows all of it."""

    async def observe(self, scope: Scope) -> "NetworkState":
        """The current state, in canonical spelling (what `normalise` would leave unchanged)."""

    async def all_capabilities(self) -> tuple[Capabilities, ...]:
        """Those of all providers it consists of, the one that every host has first."""

    async def owners(self) -> "Owners | None":
        """Which of them is to own which interface; nothing where there is one only."""

    async def save(self, plan: "Plan", seconds: float, held: typing.Container[str] = ()) -> Saved:
        """As for a part; the grounds of several parts, by their names, without those in `held`."""

    def remarks(self) -> tuple[str, ...]:
        """What is worth telling about the providers themselves: one that runs here and does not answer."""


class Service(Part, typing.Protocol):
    """A daemon that knows a part of the machine beside the kernel (NetworkManager, Open vSwitch, a DHCP client)."""

    def present(self) -> bool:
        """Whether it runs here, by a look that costs next to nothing (the file of its socket)."""

    async def amend(self, state: "NetworkState", scope: Scope) -> "NetworkState":
        """What the kernel shows, with what only this service knows laid over it; in canonical spelling."""


class Groundless:
    """For providers that keep nothing of their own beside the state they show: taking back is planning alone."""

    async def begin(
        self,
        plan: "Plan",
        before: "NetworkState",
        after: "NetworkState",
        *,
        lasting: bool = True,
        returning: bool = False,
    ) -> None:
        """Each change says enough."""

    async def save(self, plan: "Plan", seconds: float) -> Saved:
        """Nothing."""
        return {}

    async def keep(self, saved: Saved, seconds: float) -> None:
        """Nothing happens by itself."""

    async def put_back(self, saved: Saved) -> None:
        """Nothing is kept."""

    async def discard(self, saved: Saved) -> None:
        """Nothing happens by itself."""


class Alone(Groundless):
    """For whole hosts of one provider."""

    async def all_capabilities(self: Provider) -> tuple[Capabilities, ...]:
        """Its own."""
        return (await self.capabilities(),)

    async def owners(self) -> "Owners | None":
        """Everything is its own."""
        return None

    async def save(self, plan: "Plan", seconds: float, held: typing.Container[str] = ()) -> Saved:
        """Nothing."""
        return {}

    def remarks(self) -> tuple[str, ...]:
        """Nothing."""
        return ()
