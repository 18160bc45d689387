"""A pytest plugin: which test runs in which place, and a ledger of what ran where.

A test that needs what the running kernel lacks is *deferred*: not run here, named in the ledger, and run in the lab by
`everything.py`. It is a category of its own in pytest's summary, so that it is never taken for a pass or a choice.
"""

import collections
import collections.abc
import json
import pathlib
import signal
import types
import typing

import pytest

from tests.lab import alone, features, guest, namespaces

LIMIT_S = 120.0
"""A test that runs longer has hung. `@pytest.mark.limit(seconds)` says otherwise; in the lab all is three times slower."""

_DEFERRED = pytest.StashKey[str]()
_LEDGER = pytest.StashKey["Ledger"]()


class Ledger:
    """One JSON line for each test as it ends, so that a run cut short still tells what it did."""

    def __init__(self, path: str | None) -> None:
        self._file = open(path, "a", encoding="utf-8") if path else None  # noqa: SIM115 - closed by close()
        self._worst: dict[str, tuple[str, str]] = {}
        self.deferred: collections.Counter[str] = collections.Counter()

    def note(self, node: str, outcome: str, detail: str = "") -> None:
        """Remember a phase of a test; the first that is no pass decides."""
        if self._worst.get(node, ("passed", ""))[0] == "passed":
            self._worst[node] = (outcome, detail)

    def finish(self, node: str, place: str) -> None:
        """The test is over."""
        outcome, detail = self._worst.pop(node, ("failed", "ended without a report"))
        if outcome == "deferred":
            self.deferred[detail] += 1
        self.write(node, place, outcome, detail)

    def write(self, node: str, place: str, outcome: str, detail: str) -> None:
        """Put one line down."""
        if self._file is not None:
            line = {"node": node, "place": place, "outcome": outcome, "detail": detail}
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("linkhold")
    group.addoption("--ledger", metavar="FILE", help="append one JSON line for each test: what ran where, and how")
    group.addoption("--only", metavar="FILE", help="run only the tests whose node ids stand in FILE")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "limit(seconds): after which this test is taken to hang")
    config.stash[_LEDGER] = Ledger(config.getoption("--ledger"))
    if not config.getoption("collectonly"):
        _hear_signals()
        namespaces.isolate()


def _hear_signals() -> None:
    """A shell starts what runs in the background with signals ignored, and commands that tests start inherit that."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _LEDGER in config.stash:
        config.stash[_LEDGER].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        unknown = [name for name in needs(item) if name not in features.KNOWN]
        if unknown:
            raise pytest.UsageError(f"{item.nodeid} needs {unknown}, of which tests/lab/features.py knows nothing")
    only = config.getoption("--only")
    if only:
        wanted = set(pathlib.Path(only).read_text().splitlines())
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in wanted])
        items[:] = [item for item in items if item.nodeid in wanted]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> collections.abc.Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.failed:
        collector.config.stash[_LEDGER].write(report.nodeid, "collection", "failed", "could not be collected")
    return report


def needs(item: pytest.Item) -> list[str]:
    """The features a test asks for: by its marks, its fixtures and its folder."""
    named = [name for mark in item.iter_markers("needs") for name in mark.args]
    fixtures = getattr(item, "fixturenames", ())
    if "netns" in fixtures or "netns_sysfs" in fixtures:
        named.append("namespace")
    if "netns_sysfs" in fixtures:
        named.append("sysfs")
    if alone.wanted(item):
        named += ["alone", *sorted(alone.NAMES.intersection(fixtures))]
        return [name for name in named if name != "hostname"]  # it has one of its own
    if "services" in item.path.parts and "uml" not in named:
        named.append("lab")
    return named


def limit(item: pytest.Item) -> float:
    """How long it may run, in seconds."""
    mark = item.get_closest_marker("limit")
    return (float(mark.args[0]) if mark else LIMIT_S) * (3 if guest.inside() else 1)


def place(item: pytest.Item) -> str:
    """Where this test runs, now that it runs here."""
    if guest.inside():
        return "lab"
    if "namespace" in needs(item) or {"kernel", "services"} & set(item.path.parts):
        return "namespace"
    return "no place"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A test that has to be alone runs in a process and namespaces of its own; what it reports is told as any other's."""
    if not alone.wanted(item) or not _offered(item):
        return None
    hook, location = item.ihook, item.location
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=location)
    try:
        reports = alone.run(item, limit(item) + alone.SLACK_S)
    except alone.Died as died:
        item.config.stash[_LEDGER].write(item.nodeid, place(item), "failed", str(died))
        reports = [pytest.TestReport(item.nodeid, location, {}, "failed", str(died), "call")]
    item.session._setupstate.teardown_exact(nextitem)  # what tests before it have set up in this process
    for report in reports:
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=location)
    return True


def _offered(item: pytest.Item) -> bool:
    try:
        return all(features.offers(one) for one in needs(item))
    except OSError:
        return False  # asked again when the test is set up, whose failure it then is


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for feature in needs(item):
        if not features.offers(feature):
            item.stash[_DEFERRED] = feature
            pytest.skip(f"deferred to the lab: {feature} is not to be had here")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> collections.abc.Generator[None, typing.Any, typing.Any]:
    seconds = limit(item)

    def hung(_number: int, _frame: types.FrameType | None) -> None:
        raise TimeoutError(f"the test ran longer than {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> collections.abc.Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    ledger = item.config.stash[_LEDGER]
    deferred = item.stash.get(_DEFERRED, None)
    if report.skipped and deferred is not None:
        report.deferred = True  # type: ignore[attr-defined]
        ledger.note(item.nodeid, "deferred", deferred)
    elif report.failed:
        ledger.note(item.nodeid, "failed", call.when)
    elif report.skipped and not hasattr(report, "wasxfail"):
        ledger.note(item.nodeid, "skipped", str(call.excinfo.value) if call.excinfo else "")
    elif call.when == "call":
        ledger.note(item.nodeid, "passed")
    if call.when == "teardown":
        ledger.finish(item.nodeid, place(item))
    return report


def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
    if getattr(report, "deferred", False):
        return "deferred", "d", "DEFERRED"
    return None


def pytest_terminal_summary(terminalreporter: typing.Any, config: pytest.Config) -> None:
    deferred = config.stash[_LEDGER].deferred
    if deferred:
        named = ", ".join(f"{feature} {count}" for feature, count in sorted(deferred.items()))
        terminalreporter.write_line(f"deferred to the lab, for want of: {named}")
