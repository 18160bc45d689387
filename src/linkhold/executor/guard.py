"""The guard: two small processes that outlive the command and roll back when it can't.

    python -m linkhold.executor.guard JOURNAL | -

(``-``: the path comes on standard input, so that starting Python and writing the journal go on side by side.)
They live in a session of their own (and where systemd runs, in a unit and cgroup of their own), so closing the terminal,
ending the SSH session or killing the command's process group leaves them alone. Each holds a pidfd of the other: if one
dies, the other starts it again. Both hold a pidfd of the owner of the transaction, and both know its deadline.

They roll back when the owner dies before the transaction is over (at once), or when the deadline passes. A command that
left its change for a person to confirm has ended on purpose: then only the deadline counts. An owner that is still
applying after its deadline hangs in the kernel; it is killed first, since two hands on one network are worse than none.

Who rolls back is decided by the lock: the kernel gives it to one process and takes it back if that one dies, and the
other guard, or the next command, goes on from whatever the host looks like then.
"""

import contextlib
import os
import select
import signal
import sys
import typing

from linkhold.foundation.clock import SystemClock
from linkhold.foundation.failures import Busy, Temporary
from linkhold.foundation.machine import systemd_is_ours
from linkhold.transaction import owner as owners
from linkhold.transaction.confirm import deadline_of, waits_for_person
from linkhold.transaction.folder import Folder
from linkhold.transaction.journal import CLAIMED, SUFFIX, Account, Gone

TICK: typing.Final = 0.5
"""Seconds between looks at the journal: how long the guards live on after a commit, and how late a deadline may be seen."""

READY_WITHIN: typing.Final = 10.0
"""Seconds for the guard to say that it watches; a machine on which that takes longer is in no state for changes."""

ATTEMPTS: typing.Final = 5
"""Times that rolling back is tried by one guard when it breaks off; each of them tries several times on its own."""


FROM_STDIN: typing.Final = "-"

NOT_PASSED_ON: typing.Final = frozenset({"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"})
"""By which systemd speaks with the service that starts a guard, and with nobody else (sd_notify(3))."""

if typing.TYPE_CHECKING:
    from linkhold.transaction.ground import Guarding


class CannotGuard(Temporary):
    """The guard did not start; nothing was touched."""


def arm() -> "Guarding":
    """Start a guard.

    Raises:
        CannotGuard: it can't be started.
    """
    return _BySystemd() if systemd_is_ours() else _ByUs()


class _ByUs:
    """A process that has begun to load its code and waits on its standard input for what to guard."""

    def __init__(self) -> None:
        import subprocess

        command = [sys.executable, "-m", "linkhold.executor.guard", FROM_STDIN]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=_environment(),
            )
        except OSError as error:
            raise CannotGuard(f"the guard can't be started: {error}") from error

    def watch(self, journal: str) -> tuple[int, ...]:
        """Give it the journal; its processes, once they watch.

        Raises:
            CannotGuard: they don't.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(os.fsencode(journal) + b"\n")
            self._process.stdin.close()
        except OSError as error:
            raise CannotGuard(f"the guard did not start, so nothing was touched: {error}") from error
        return _ready(self._process.stdout)

    def dismiss(self) -> None:
        """Without a journal it ends; with one, the process that we know has made way for two that we don't."""
        with self._process as process, contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()


class _BySystemd:
    """A transient unit, which is started with its journal: systemd tells when it watches."""

    def watch(self, journal: str) -> tuple[int, ...]:
        """Start it.

        Raises:
            CannotGuard: it did not start.
        """
        return _arm_by_systemd(journal)

    def dismiss(self) -> None:
        """Nothing to end."""


def _environment() -> dict[str, str]:
    """Ours, with the way to this very package, wherever it was imported from."""
    root = os.path.abspath(__file__)
    for _ in range(3):  # out of guard.py, executor/ and linkhold/
        root = os.path.dirname(root)
    known = os.environ.get("PYTHONPATH")
    ours = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    return {**ours, "PYTHONPATH": root + (os.pathsep + known if known else "")}


def _ready(stream: typing.IO[bytes] | None) -> tuple[int, ...]:
    assert stream is not None
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    words = stream.readline().split() if poll.poll(READY_WITHIN * 1000) else []
    if words[:1] != [b"ready"]:
        raise CannotGuard("the guard did not start, so nothing was touched")
    return tuple(int(word) for word in words[1:])


def _arm_by_systemd(journal: str) -> tuple[int, ...]:
    import subprocess

    from linkhold.executor.host import VARIABLES

    environment = _environment()
    given = [f"--setenv={name}={environment[name]}" for name in (*VARIABLES, "PYTHONPATH") if name in environment]
    unit = f"linkhold-guard-{os.path.basename(journal).removesuffix(SUFFIX)}"
    command = ["systemd-run", "--quiet", "--collect", f"--unit={unit}", "--service-type=notify", *given]
    command += ["--property=NotifyAccess=all", "--property=KillMode=process", "--property=DefaultDependencies=no"]
    command += [sys.executable, "-m", "linkhold.executor.guard", journal]
    try:
        done = subprocess.run(command, capture_output=True, timeout=READY_WITHIN, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotGuard(f"systemd-run: {error}") from error
    if done.returncode:
        raise CannotGuard(f"systemd-run: {done.stderr.decode('utf-8', 'replace').strip()}")
    return ()


class Guard:
    """One of the two processes."""

    def __init__(self, journal: str) -> None:
        self.folder = Folder(os.path.dirname(os.path.dirname(journal)))
        self.name = os.path.basename(journal).removesuffix(SUFFIX)
        self.account = Account(journal)
        self.clock = SystemClock()
        self._refresh()
        self._owner = self._watch_owner()
        self._twin, self._twin_pid = -1, 0
        self._failed = 0

    def _watch_owner(self) -> int:
        """A pidfd of the owner, -1 if it is dead already."""
        owner = self.account.owner
        if owner is None:
            return -1
        try:
            handle = os.pidfd_open(owner.pid)
        except ProcessLookupError:
            return -1
        if not owners.alive(owner):  # another process by now
            os.close(handle)
            return -1
        return handle

    def pair(self) -> None:
        """Start the other one. It returns from here as well, and both watch."""
        mine = os.getpid()
        child = os.fork()
        if child:
            self._twin_pid, self._twin = child, os.pidfd_open(child)
            return
        self._twin_pid, self._twin = 0, -1
        with contextlib.suppress(ProcessLookupError):
            self._twin = os.pidfd_open(mine)
        if os.getppid() != mine and self._twin >= 0:  # it died meanwhile, and the number may be another's by now
            os.close(self._twin)
            self._twin = -1

    def watch(self) -> None:
        """Until the transaction is over."""
        while self._refresh():
            if self._twin < 0:
                self.pair()
            if self._due() and self._act():
                return
            poll = select.poll()
            for handle in (self._twin, self._owner):
                if handle >= 0:
                    poll.register(handle, select.POLLIN)
            left = deadline_of(self.account).left(self.clock)
            for handle, _ in poll.poll(1000 * min(TICK, max(0.02, left)) if not self._due() else 200):
                if handle == self._twin:
                    self._replace_twin()
                else:
                    os.close(self._owner)
                    self._owner = -1

    def _replace_twin(self) -> None:
        if self._twin_pid:
            os.waitpid(self._twin_pid, 0)
        os.close(self._twin)
        self._twin = -1  # the loop starts another one, unless it has ended because all is over

    def _refresh(self) -> bool:
        """Read what is new in the journal; false when the transaction is over."""
        for path in (os.path.join(self.folder.pending_path, self.name + SUFFIX), self.folder.claimed(self.name)):
            try:
                with open(path, "rb") as file:
                    self.account.path = path
                    self.account.follow(file)
            except FileNotFoundError:
                continue
            return True
        return False

    def _due(self) -> bool:
        """Whether it is our turn."""
        if self.account.path.endswith(CLAIMED) or self.account.state == "rolling-back":
            return True
        if deadline_of(self.account).left(self.clock) <= 0:
            return True
        return self._owner < 0 and not waits_for_person(self.account)

    def _act(self) -> bool:
        """Roll back, if nobody else does; whether it is over."""
        try:
            with self.folder.lock():
                return not (self._refresh() and self._due()) or self._roll_back()
        except Busy:
            self._kill_owner_that_hangs()
            return False

    def _kill_owner_that_hangs(self) -> None:
        hangs = self.account.state in ("drafted", "applying", "verifying", "confirming") and not waits_for_person(
            self.account
        )
        if self._owner >= 0 and hangs and not self.account.path.endswith(CLAIMED):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._owner, signal.SIGKILL)

    def _roll_back(self) -> bool:
        import asyncio

        from linkhold.executor import host, log
        from linkhold.transaction.recovery import end

        late = deadline_of(self.account).left(self.clock) <= 0
        try:
            ground = host.ground(self.folder, provider=host.provider(self.account.head.get("provider")))
            named = self.folder.fate(self.name)
            asyncio.run(end(ground, named, self.account, "timed-out" if late else "owner-died"))
        except Gone:
            return True
        except Exception as error:  # noqa: BLE001 - even a mistake of ours: say so, try again, leave it to others at last
            log.write(self.folder.path, f"guard of {self.name}", error)
            self._failed += 1
            return self._failed >= ATTEMPTS
        return True


def main(arguments: typing.Sequence[str]) -> int:
    """Guard one journal."""
    for unwanted in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
        signal.signal(unwanted, signal.SIG_IGN)
    journal = arguments[0]
    if journal == FROM_STDIN:
        journal = os.fsdecode(sys.stdin.buffer.readline()).rstrip("\n")
    if not journal:
        return 0  # dismissed
    os.chdir("/")
    notify = os.environ.get("NOTIFY_SOCKET", "")
    if not notify and os.fork():
        return 0  # whoever started us waits for this process, and need not know the others
    guard = Guard(journal)
    first = os.getpid()
    guard.pair()
    if os.getpid() == first:
        _say_ready(notify, f"ready {first} {guard._twin_pid}\n")
    _leave_the_terminal()
    guard.watch()
    return 0


def _say_ready(notify: str, words: str) -> None:
    if not notify:
        os.write(1, words.encode())
        return
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:  # sd_notify(3)
        channel.connect("\0" + notify[1:] if notify[0] == "@" else notify)
        channel.send(b"READY=1")


def _leave_the_terminal() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
