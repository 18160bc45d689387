"""How an agent is: what a command asks of the executor, of systemd and of the certificate, as one value."""

import datetime
import os
import typing

from linkhold.agent.enrolment import renewal
from linkhold.agent.enrolment.files import files_of, remembered
from linkhold.agent.support.asking import Unanswered, ask_all, output
from linkhold.foundation.failures import Failure
from linkhold.foundation.record import Record

if typing.TYPE_CHECKING:
    from linkhold.agent.settings import Settings

SOON: typing.Final = datetime.timedelta(days=7)


class Line(Record):
    """One thing: what, how it is, and whether that is good."""

    what: str
    how: str
    good: bool = True


class Status(Record):
    """All of it. `good` if nothing has to be done."""

    lines: tuple[Line, ...]

    @property
    def good(self) -> bool:
        """Whether all is well."""
        return all(line.good for line in self.lines)


def status(settings: "Settings", now: datetime.datetime) -> Status:
    """How the agent of this host is."""
    told = ask_all(settings.executor, ("hello", "snapshot", "drift"))
    return Status(
        lines=(
            _unit("agent", "linkhold-agent"),
            _executor(told["hello"]),
            *_certificate(settings, now),
            *_networks(told["snapshot"]),
            _drift(told["drift"]),
        )
    )


def _unit(what: str, name: str) -> Line:
    said = output("systemctl", "show", name, "-p", "LoadState,ActiveState,StatusText")
    found = (
        {} if isinstance(said, Unanswered) else dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    )
    if "LoadState" not in found:
        return Line(what=what, how="unknown: systemd does not run here", good=False)
    if found["LoadState"] != "loaded":
        return Line(what=what, how=f"no unit {name} ({found['LoadState']})", good=False)
    active, text = found.get("ActiveState", ""), found.get("StatusText", "")
    return Line(what=what, how=f"{active}: {text}" if text else active, good=active == "active")


def _executor(hello: typing.Any) -> Line:
    if isinstance(hello, Unanswered):
        return Line(what="executor", how=hello.reason, good=False)
    return Line(what="executor", how=f"answers, version {hello['version']}")


def _certificate(settings: "Settings", now: datetime.datetime) -> typing.Iterator[Line]:
    files = files_of(settings)
    missing = [path for path in files.missing() if not os.path.exists(path)]
    if missing:
        yield Line(what="certificate", how=f"not enrolled: {', '.join(missing)} missing", good=False)
        return
    try:
        ends, enrolment = renewal.ends(files), remembered(files)
    except Failure as failure:
        yield Line(what="certificate", how=str(failure), good=False)
        return
    days = (ends - now).days
    renewed = f"; renewed from {enrolment.engine}" if enrolment.engine else "; renewed by hand"
    yield Line(what="certificate", how=f"until {ends:%Y-%m-%d} ({days} days){renewed}", good=ends - now > SOON)


def _networks(snapshot: typing.Any) -> typing.Iterator[Line]:
    if isinstance(snapshot, Unanswered):
        yield Line(what="networks", how=snapshot.reason, good=False)
        return
    running = snapshot["running"]
    names = ", ".join(sorted(running.get("networks", {}))) or "none"
    bonds = ", ".join(sorted(running.get("bonds", {}))) or "none"
    yield Line(what="networks", how=f"{names}; bonds: {bonds}")
    saved = "a reboot brings back something else: not saved yet" if snapshot["dirty"] else "a reboot brings them back"
    yield Line(what="saved", how=saved, good=not snapshot["dirty"])
    waits = snapshot.get("waits")
    if waits:
        yield Line(what="waits", how=f"{waits['transaction']} for {waits['requester'] or 'confirmation'}", good=False)


def _drift(drift: typing.Any) -> Line:
    if isinstance(drift, Unanswered):
        return Line(what="drift", how=drift.reason, good=False)
    changes, missing = drift["plan"].get("changes", []), drift.get("missing", [])
    if missing:
        return Line(what="drift", how=" ".join(missing), good=False)
    if not changes:
        return Line(what="drift", how="none: the host is as it was made")
    return Line(
        what="drift", how=f"{len(changes)} changes would be needed: linkhold agent call … Linkhold.drift", good=False
    )
