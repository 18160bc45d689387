"""The library as coroutines: the same names and arguments as `linkhold` itself.

    import linkhold.aio

    result = await linkhold.aio.apply({"interfaces": [{"name": "eth1", "mtu": 1400}]})

A *document* is text (YAML or JSON), plain data (what ``json.loads`` gives) or a `NetworkState`. `plan` and `apply` take
policies as well, as text or plain data.
"""

import contextlib
import typing

from linkhold.foundation.failures import Permanent, RollbackFailed

if typing.TYPE_CHECKING:
    from linkhold.executor.document_service import Served
    from linkhold.executor.store import Told
    from linkhold.generating.files import Format
    from linkhold.insight.statistic import Statistic
    from linkhold.planning.change import Plan
    from linkhold.planning.planner import Outcome
    from linkhold.policy.document import Policy
    from linkhold.policy.evaluate import Evaluated
    from linkhold.providers.contract import Provider, Watch
    from linkhold.state.network import NetworkState
    from linkhold.transaction.ground import Ground
    from linkhold.transaction.progress import Report
    from linkhold.transaction.result import Result

_FOREVER: typing.Final = 3600.0
"""Seconds; whoever waits for news that long waits for as long as it takes."""

Document = typing.Union[str, bytes, dict[str, typing.Any], "NetworkState"]


class NotApplied(Permanent):
    """The change was taken back: the host is as it was before. `result` says everything that is known about why."""

    def __init__(self, result: "Result") -> None:
        super().__init__(f"{result.reason}. {result.sentence}", answer=result.answer)
        self.result = result


class Stranded(RollbackFailed):
    """The change failed and could not be taken back in full. `result.missing` names what is not as before."""

    def __init__(self, result: "Result") -> None:
        super().__init__(f"{result.reason}. {result.sentence}", result.missing)
        self.answer = result.answer
        self.result = result


def read(document: Document) -> "NetworkState":
    """The state that a document describes.

    Raises:
        Invalid: with every mistake in it.
    """
    from linkhold.state import document as documents
    from linkhold.state.network import NetworkState

    if isinstance(document, NetworkState):
        return document
    return documents.read(document) if isinstance(document, dict) else documents.parse(document)


def _understood(document: "Document | Policy") -> "NetworkState | Policy":
    """The state that a document describes, or the policy that it is."""
    from linkhold.policy import either
    from linkhold.policy.document import Policy
    from linkhold.state.network import NetworkState

    if isinstance(document, NetworkState | Policy):
        return document
    if isinstance(document, dict):
        return either.read_either(document)
    held = either.parse_either(document)
    return held if isinstance(held, Policy) else held.state


async def _desired(document: Document, provider: "Provider") -> "NetworkState":
    """What a document describes, or what a policy means on this host."""
    from linkhold.state.network import NetworkState

    understood = _understood(document)
    if isinstance(understood, NetworkState):
        return understood
    return (await _evaluated(understood, None, {}, provider)).state


async def _evaluated(
    policy: "Policy",
    current: "NetworkState | None",
    captured: typing.Mapping[str, dict[str, typing.Any]],
    provider: "Provider",
) -> "Evaluated":
    from linkhold.policy.evaluate import evaluate, needs_current
    from linkhold.providers.contract import ALL_DETAILS, Scope

    if current is None and needs_current(policy, captured):
        current = await provider.observe(Scope(details=ALL_DETAILS | {"carrier", "daemons"}))
    return evaluate(policy, current, captured)


async def generate_configurations(
    document: Document, *, kind: "Format" = "networkmanager"
) -> dict[str, list[tuple[str, str]]]:
    """Configuration files of another network manager that make a host as the document says; no host is looked at.

    ``{"NetworkManager": [(file name, text), …]}``, or ``"networkd"`` for `kind` ``networkd``. What such files can't hold but
    an interface can do without is left out: `linkhold.generating.files.generate` says what.

    Raises:
        Invalid: the document can't be followed, or not be held by such files.
    """
    from linkhold.generating.files import generate

    return generate(read(document), kind).plain()


@contextlib.contextmanager
def _provider(choice: str | None = None, *, to_look: bool = False) -> "typing.Iterator[Provider]":
    """The provider of this host, until the end of the block."""
    from linkhold.executor import host

    provider = host.provider(choice, to_look=to_look)
    try:
        yield provider
    finally:
        provider.close()


@contextlib.contextmanager
def _host(
    state_dir: str | None, report: "Report | None" = None, choice: str | None = None
) -> "typing.Iterator[Ground]":
    """What the verbs stand on, until the end of the block."""
    from linkhold.executor import verbs
    from linkhold.transaction.progress import silent

    with _provider(choice) as provider:
        yield verbs.standing(state_dir, report=report or silent, provider=provider)


async def show(
    names: typing.Sequence[str] = (),
    *,
    details: bool = False,
    running_config: bool = False,
    kernel_only: bool = False,
) -> "NetworkState":
    """The host as it is: everything, or what concerns some interfaces (shell-style patterns).

    `details` adds ethtool, SR-IOV, MPTCP and QoS settings, which cost extra calls; `running_config` leaves out what was
    learned instead of configured; `kernel_only` asks no service.

    Raises:
        Failure: it can't be read.
    """
    from linkhold.providers.contract import ALL_DETAILS, Scope

    groups = (ALL_DETAILS if details else frozenset()) | (frozenset() if running_config else {"carrier", "daemons"})
    exact = frozenset(names) if not any(character in name for name in names for character in "*?[") else frozenset()
    scope = Scope(details=groups, names=exact, running=not running_config)
    with _provider("kernel" if kernel_only else None, to_look=True) as provider:
        state = await provider.observe(scope)
    if names or running_config:
        from linkhold.state import selecting

        state = selecting.configured(state) if running_config else state
        state = selecting.about(state, names) if names else state
    return state


async def plan(
    document: Document, *, connection: str = "", provider: str | None = None, state_dir: str | None = None
) -> "Outcome":
    """What `apply` would do; touches nothing. `connection` is what ``SSH_CONNECTION`` says, for judging risks; `provider` as
    for `apply`.

    Raises:
        Invalid: the document can't be followed. Where only this host can't do it, this is an `Infeasible`, whose `outcome`
            holds the plan all the same.
        Failure: the host can't be read.
    """
    from linkhold.executor import verbs
    from linkhold.transaction.options import Options

    with _host(state_dir, choice=provider) as ground:
        desired = await _desired(document, ground.provider)
        return await verbs.plan(desired, Options(connection=connection), ground=ground)


async def apply(
    document: Document,
    *,
    commit: bool = True,
    timeout: float = 60.0,
    even_unchanged: bool = False,
    probes: typing.Sequence[str] = (),
    probe_timeout: float = 15.0,
    verify: bool = True,
    memory_only: bool = False,
    approved: "Plan | None" = None,
    wait: float = 0.0,
    connection: str = "",
    provider: str | None = None,
    progress: "Report | None" = None,
    state_dir: str | None = None,
) -> "Result":
    """Make the host as the document says, or leave it as it was.

    With ``commit=False`` the change rolls itself back after `timeout` seconds unless `confirm` is called, by whatever
    process; with `even_unchanged` there is something to confirm even where nothing had to be changed. `probes`
    (``gateway``, ``tcp:HOST:PORT``, ``dns:NAME``, ``command:PROGRAM ARGUMENTS``) decide in place of a person, within
    `probe_timeout` seconds. `approved` is a plan that was agreed to: nothing is touched if it would be another now.
    `wait` is how many seconds to wait for another transaction. `memory_only`: not stored for the next boot.
    `provider` forces all interfaces upon one (``kernel``: no service is asked), else the host's table of owners
    decides.

    Raises:
        Invalid: the document can't be followed; nothing was touched.
        Busy: another transaction is running, or waits for confirmation; nothing was touched.
        NotApplied: it was taken back; the host is as before.
        Stranded: it could not be taken back in full.
        Failure: the host can't be read, or the state directory not written; nothing was touched.
    """
    from linkhold.executor import verbs
    from linkhold.transaction.documents import fingerprint
    from linkhold.transaction.options import Options
    from linkhold.transaction.probes import parse

    try:
        parsed = tuple(parse(one) for one in probes)
    except ValueError as error:
        raise Permanent(str(error)) from error
    options = Options(
        confirming="later" if not commit else "probes" if parsed else "at-once",
        confirm_timeout=timeout,
        even_unchanged=even_unchanged,
        probes=parsed,
        probe_timeout=probe_timeout,
        verify=verify,
        memory_only=memory_only,
        approved=approved,
        busy_timeout=wait,
        connection=connection,
        asked=fingerprint(document) if isinstance(document, str | bytes) else "",
        provider=provider or "",
    )
    with _host(state_dir, progress, provider) as ground:
        desired = await _desired(document, ground.provider)
        return judged(await verbs.apply(desired, options, ground=ground))


def judged(result: "Result") -> "Result":
    """A good result as it is.

    Raises:
        NotApplied, Stranded: it is not good. Raised from the failure that caused it.
    """
    if result.good:
        return result
    raise (Stranded(result) if result.outcome == "stranded" else NotApplied(result)) from result.cause


async def confirm(*, state_dir: str | None = None) -> str:
    """Keep the change that waits for confirmation; the name of its transaction.

    Raises:
        NothingToConfirm: there is none, or it is too late.
    """
    from linkhold.executor import verbs

    with _host(state_dir) as ground:
        return (await verbs.confirm(ground=ground)).name


async def rollback(*, progress: "Report | None" = None, state_dir: str | None = None) -> str:
    """Take back the change that waits for confirmation; the name of its transaction.

    Raises:
        NothingToConfirm: there is none.
        RollbackFailed: it could not be taken back in full.
    """
    from linkhold.executor import verbs

    with _host(state_dir, progress) as ground:
        ended = await verbs.rollback(ground=ground)
    if ended.missing:
        raise RollbackFailed(str(ended), ended.missing)
    return ended.name


async def restore(*, progress: "Report | None" = None, state_dir: str | None = None) -> "Result":
    """Apply again everything that was committed on this host: after a boot, or to undo drift.

    Raises:
        as `apply`; Permanent: nothing was ever committed.
    """
    from linkhold.executor import verbs

    with _host(state_dir, progress) as ground:
        return judged(await verbs.restore(ground=ground))


async def drift(*, state_dir: str | None = None) -> "Outcome":
    """What `restore` would do; touches nothing. Its plan is empty while the host is as was committed.

    Raises:
        Permanent: nothing was ever committed.
        Failure: the host, or what was committed, can't be read.
    """
    from linkhold.executor import verbs

    with _host(state_dir) as ground:
        return await verbs.drift(ground=ground)


async def watch(*, settle: float = 0.1, at_once: bool = False) -> "typing.AsyncIterator[Plan]":
    """What happens to the host's network, as it happens: plans that would have done the same.

    Changes that come within `settle` seconds of each other (one command of somebody else makes several) are told together.
    Nothing is watched until the first plan is asked for. None is empty, except with `at_once`: then an empty one comes
    first, as soon as nothing will be missed any more.
    """
    from linkhold.planning.planner import between
    from linkhold.providers.contract import Scope

    with _provider() as provider:
        news = provider.watch()
        try:
            before = await provider.observe(Scope())
            if at_once:
                yield between(before, before)
            while True:
                await _settled(news, settle)
                now = await provider.observe(Scope())
                happened = between(before, now)
                before = now
                if not happened.empty:
                    yield happened
        finally:
            news.close()


async def _settled(news: "Watch", settle: float) -> None:
    """Wait for a change, and then until nothing has come after it for a while."""
    while not await news.changed(_FOREVER):
        pass
    while await news.changed(settle):
        pass


async def history(*, state_dir: str | None = None) -> "tuple[Told, ...]":
    """All transactions of this host that are known, oldest first: those that are over, then those that are not."""
    from linkhold.executor import store, verbs

    folder = store.folder(state_dir)
    return (*verbs.history(folder=folder), *verbs.pending(folder=folder))


async def evaluate_policy(
    policy: "Document | Policy",
    current: Document | None = None,
    captured: typing.Mapping[str, dict[str, typing.Any]] | None = None,
) -> "Evaluated":
    """The document that a policy means: its `state`, and by name what each capture `captured`, as plain data.

    Captures look at `current`, else at the current state that the policy brings, else at this host. Those of which
    `captured` says what they gave before are not carried out again. A plain document comes back as it is.

    Raises:
        Invalid: it has mistakes, a capture finds nothing, or what comes out is no valid document.
        Failure: the host can't be read.
    """
    from linkhold.policy.evaluate import Evaluated
    from linkhold.state.network import NetworkState

    understood = _understood(policy)
    if isinstance(understood, NetworkState):
        return Evaluated(state=understood, captured={})
    with _provider() as provider:
        return await _evaluated(understood, None if current is None else read(current), captured or {}, provider)


async def generate_differences(new: Document, old: Document | None = None) -> "NetworkState":
    """The least document that does what `new` does: only what it changes of `old`, a host's state (this one's when not given).

    Raises:
        Invalid: `new` can't be followed there.
        Failure: the host can't be read.
    """
    from linkhold.planning import differences

    return differences.generate_differences(read(new), await show(details=True) if old is None else read(old))


async def generate_inverse(document: Document, current: Document | None = None) -> "NetworkState":
    """The document that takes back what `document` does to a host that is as `current` (as this one is when not given).

    Raises:
        Invalid: `document` can't be followed there.
        Failure: the host can't be read.
    """
    from linkhold.planning import inverse

    return inverse.generate_inverse(read(document), await show(details=True) if current is None else read(current))


async def statistic(document: Document, current: Document | None = None) -> "Statistic":
    """What a document makes use of: its features by name, and how its interfaces stand on each other.

    `current` is the host on which it would be applied; this one when not given.

    Raises:
        Invalid: the document can't be followed there.
        Failure: the host can't be read.
    """
    from linkhold.insight import statistic as insight

    return insight.statistic(read(document), await show() if current is None else read(current))


async def autoconf(names: typing.Sequence[str] = (), *, mode: str = "balance-rr") -> "NetworkState":
    """The document for the VLANs that the neighbours of some cards (none named: of all that are up) announce by LLDP.

    Nothing is applied. `mode` is that of bonds over cards on which the same VLANs are announced.

    Raises:
        Failure: the host can't be read.
    """
    from linkhold.insight import autoconf as insight

    return insight.autoconf(await show(), names, mode=mode)


async def serve(
    folder: str | None = None, *, keep: bool | None = None, wait: float = 60.0, state_dir: str | None = None
) -> "tuple[Served, ...]":
    """Apply each document and policy of a folder (``/etc/linkhold/documents``), in the order of their names, each as a
    transaction of its own; what became of them. One that can't be applied stops none of the others.

    What was applied is renamed to ``NAME.applied``; with `keep` (None: as the configuration says) files stay, and are
    applied again when they were changed. `wait` is how many seconds each waits for another transaction.

    Raises:
        Permanent: the folder can't be read.
    """
    import os

    from linkhold.executor import document_service
    from linkhold.foundation.clock import SystemClock
    from linkhold.foundation.diagnostics import Invalid
    from linkhold.state.document import locate_all

    root = os.environ.get("LINKHOLD_ROOT", "")

    async def applied(text: bytes, source: str) -> "Result":
        try:
            return await apply(text, wait=wait, state_dir=state_dir)
        except (NotApplied, Stranded) as failure:
            return failure.result
        except Invalid as invalid:
            raise Invalid(locate_all(invalid.diagnostics, text, source=source)) from None

    chosen = root + document_service.FOLDER if folder is None else folder
    return await document_service.serve(chosen, applied, SystemClock(), keep=keep, root=root)
