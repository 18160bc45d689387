"""What the transaction may ask of a provider, and nothing else.

Methods are coroutines since some providers wait on a bus; the kernel answers in line, so its coroutines never wait and
can be driven without an event loop (see `foundation.driving`).
"""

import typing

from linkhold.foundation.record import Record

if typing.TYPE_CHECKING:  # to show a host, nothing needs to be planned
    from linkhold.planning.change import Change, Stage
    from linkhold.state.network import NetworkState

ALL_DETAILS: typing.Final = frozenset({"ethtool", "sr-iov", "mptcp", "lldp"})


class Scope(Record):
    """How much to look at.

    `details` names groups of fields (`KernelDetail`) that cost extra calls, or (``carrier``) change by themselves.
    `running` asks for routes of routers and DHCP servers too, and with the detail ``daemons`` for those of small routing
    daemons (babeld, keepalived, mrouted); routes of other protocols (BGP, OSPF, …) are never loaded.
    An empty `names` means every interface.
    """

    details: frozenset[str] = frozenset()
    running: bool = True
    names: frozenset[str] = frozenset()


class Inability(Record):
    """Something a document can say that this provider can't carry out here.

    `path` is relative to the interface or section (``ipv4.dhcp``, ``802.1x``); with `kind` '' it holds for every kind.
    A value equal to the field's `Default` is no problem: nothing is asked for.
    """

    kind: str = ""
    path: str
    reason: str
    severity: typing.Literal["error", "warning"] = "error"


class Capabilities(Record):
    """What one provider can do on this host, probed once.

    `kinds` maps each interface kind it can make or change to '' or to the reason why not here (a missing kernel module).
    `subjects` are the other sections it carries out. `features` are free words (``bridge-vlan-filtering``).
    """

    provider: str
    kinds: dict[str, str]
    subjects: frozenset[str]
    inabilities: tuple[Inability, ...] = ()
    features: frozenset[str] = frozenset()


class Watch(typing.Protocol):
    """Tells when the host's network changes."""

    async def changed(self, timeout: float) -> bool:
        """Wait until something changed, at most `timeout` seconds; false when nothing did."""

    def close(self) -> None:
        """Stop watching."""


class Provider(typing.Protocol):
    """One way to the machine.

    Raises (all methods):
        Refused: the kernel or the service said no; the failure carries the change and the answer.
        NotPermitted, Unsupported, TimedOut: what their names say.
    """

    name: str

    async def capabilities(self) -> Capabilities:
        """What can be done here."""

    async def observe(self, scope: Scope) -> "NetworkState":
        """The current state, in canonical spelling (what `normalise` would leave unchanged)."""

    async def apply(self, stage: "Stage", changes: "typing.Sequence[Change]") -> None:
        """Carry out one stage of some changes, all of which are independent of each other. Idempotent: doing a stage
        again that was done in part (by a process that died) completes it."""

    def close(self) -> None:
        """Let go of sockets and the like; what is asked after that opens them again."""

    def watch(self) -> Watch:
        """Start to watch for changes; what happens after this returns is not missed."""
