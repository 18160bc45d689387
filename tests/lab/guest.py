"""A whole Linux host as a process: User-Mode Linux, booted from this machine's own file system.

A `Guest` runs one command as root on a kernel that has bonds, VLANs, VRFs and the rest as modules. What it writes goes to
memory and is thrown away, except in the folders given as `persistent` and on the `disk`. Killing a guest is a power cut:
of what it wrote to its disk, only what was synced is there when it boots again.

Any number of guests run side by side: each has a work folder of its own.
"""

import collections.abc
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
INIT = pathlib.Path(__file__).resolve().with_name("init.sh")
LINKHOLD = pathlib.Path(sys.prefix) / "bin/linkhold"
"""Our command, at the same path in a guest."""

MODULES = (
    "bonding",
    "8021q",
    "dummy",
    "veth",
    "bridge",
    "vrf",
    "vxlan",
    "geneve",
    "macvlan",
    "macvtap",
    "ipvlan",
    "ipvtap",
    "macsec",
    "hsr",
    "team",
    "tun",
    "ifb",
    "ipip",
    "ip_gre",
    "ip6_gre",
    "ip6_tunnel",
    "sit",
    "nlmon",
    "nf_tables",
    "sch_htb",
    "sch_hfsc",
    "sch_tbf",
    "sch_fq_codel",
    "sch_ingress",
    "cls_basic",
    "cls_u32",
    "cls_flower",
    "cls_matchall",
    "em_meta",
    "act_mirred",
    "act_police",
    "openvswitch",
)
"""Loaded before the command runs; aliases such as rtnl-link-bond would load most of them, but not inside a namespace."""

RUN_AND_HALT = """\
# The second lock on the door, for when the process that started this guest was killed.
(sleep {limit} && systemctl halt --force --force) </dev/null >/dev/null 2>&1 &
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb
/bin/sh /run/lab/run </dev/null
status=$?
sync
echo $status >/run/lab/status.new && mv /run/lab/status.new /run/lab/status
sync
exec systemctl halt --force --force
"""


HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")
"""Folders that ProtectHome and PrivateTmp of a unit hide (systemd.exec(5)); a checkout may lie in one."""


def of_this_tree(unit: str) -> str:
    """The text of a shipped unit with the paths of this tree, which it sees also where it hides the folder around it."""
    text = unit.replace("/usr/bin/python3", sys.executable).replace("/usr/bin/linkhold", str(LINKHOLD))
    needed = sorted(str(one) for one in {REPOSITORY, pathlib.Path(sys.prefix)} if one.is_relative_to(_hiding(one)))
    if not needed or "PrivateTmp=yes" not in text:
        return text
    text = text.replace("ProtectHome=yes", "ProtectHome=tmpfs").replace(" -/root\n", "\n")
    return text.replace("PrivateTmp=yes", f"PrivateTmp=yes\nBindReadOnlyPaths={' '.join(needed)}")


def _hiding(path: pathlib.Path) -> str:
    return next((folder for folder in HIDDEN if path.is_relative_to(folder)), "/nowhere")


class LabMissing(Exception):
    """This machine has no User-Mode Linux; `make setup` installs it."""


class GuestFailed(Exception):
    """The guest ended without an exit status of its command: it crashed, was killed, or ran out of time."""


def available() -> bool:
    """Can guests be started here? Not inside one."""
    return shutil.which("linux.uml") is not None and not inside()


def inside() -> bool:
    """Is this process running in a guest?"""
    return "lab.work=" in pathlib.Path("/proc/cmdline").read_text()


class Guest:
    """One guest, running one command.

    `command` is an argument list, or a string that the guest's `/bin/sh` reads. It starts in `cwd` with `env` added to a
    bare environment; its output goes to the console.

    `persistent` maps folders of the guest to folders of this machine (made when missing) that the guest really writes to:
    `{"/var/lib/linkhold": tmp_path}`; `persistent_dir` is short for just that. Whatever was written is there after a kill,
    synced or not, and can be read by the test.

    `disk` is a file of this machine (made when missing) that the guest has as an ext4 disk, mounted on `disk_on`. What was
    not synced when the guest is killed is lost, as in a power cut; a second guest with the same disk "boots again".

    `units` maps names of systemd units to their text; when given, real systemd is pid 1, those in `enabled` (all unless
    said otherwise) are enabled by their [Install] section, and the command runs after network.target.

    `files` are put into /run/lab by their names; what the command writes there is found in `work` until `close()`.

    `timeout` in seconds is hard: then the guest is killed, whatever it does. `echo` prints its console as it comes, each
    line behind `label`.
    """

    def __init__(
        self,
        command: collections.abc.Sequence[str] | str,
        *,
        persistent: collections.abc.Mapping[str, pathlib.Path] | None = None,
        persistent_dir: pathlib.Path | None = None,
        disk: pathlib.Path | None = None,
        disk_on: str = "/var/lib/linkhold",
        timeout: float = 120.0,
        memory: str = "768M",
        cwd: pathlib.Path = REPOSITORY,
        env: collections.abc.Mapping[str, str] | None = None,
        units: collections.abc.Mapping[str, str] | None = None,
        enabled: collections.abc.Sequence[str] | None = None,
        files: collections.abc.Mapping[str, str] | None = None,
        echo: bool = False,
        label: str = "",
    ) -> None:
        self.command = command if isinstance(command, str) else shlex.join(command)
        self.persistent = dict(persistent or {})
        if persistent_dir is not None:
            self.persistent["/var/lib/linkhold"] = persistent_dir
        self.disk = disk
        self.disk_on = disk_on
        self.timeout = timeout
        self.memory = memory
        self.cwd = cwd
        self.env = dict(env or {})
        self.units = units
        self.enabled = list(enabled if enabled is not None else (units or ()))
        self.files = dict(files or {})
        self.echo = echo
        self.label = label
        self.work = pathlib.Path()
        self.started_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._console = bytearray()
        self._news = threading.Condition()

    # -- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> "Guest":
        """Boot; returns at once."""
        kernel = shutil.which("linux.uml")
        if kernel is None:
            raise LabMissing("linux.uml is not installed (package user-mode-linux); run `make setup`")
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="linkhold-lab-"))
        self._write_work()
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            [kernel, *self._parameters()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # its many processes are one group, to be killed as one
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.work), "TMPDIR": _memory_folder()},
        )
        self._reader = threading.Thread(target=self._read_console, name="lab-console", daemon=True)
        self._reader.start()
        return self

    def wait(self) -> int:
        """The command's exit status, once the guest has halted. GuestFailed where it has none."""
        process = self._running()
        left = self.started_at + self.timeout - time.monotonic()
        late = False
        try:
            process.wait(timeout=max(left, 0.0))
        except subprocess.TimeoutExpired:
            late = True
        self._end()
        status = self.status()
        if late:
            raise GuestFailed(f"the guest ran longer than {self.timeout:.0f} s and was killed\n{self.tail()}")
        if status is None:
            raise GuestFailed(f"the guest ended without finishing its command\n{self.tail()}")
        return status

    def kill(self) -> None:
        """Cut the power: SIGKILL to every process of the guest, now."""
        self._end()

    def close(self) -> None:
        """Kill it if it still runs and remove its work folder."""
        if self._process is not None:
            self._end()
        if self.work != pathlib.Path():
            shutil.rmtree(self.work, ignore_errors=True)

    def run(self) -> int:
        """Boot, wait, clean up; the command's exit status."""
        try:
            return self.start().wait()
        finally:
            self.close()

    def __enter__(self) -> "Guest":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what is known of it ------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Does the guest still run?"""
        return self._process is not None and self._process.poll() is None

    def status(self) -> int | None:
        """The command's exit status, None while it has none."""
        try:
            return int((self.work / "status").read_text())
        except FileNotFoundError:
            return None

    def booted(self) -> bool:
        """Is the kernel up, with modules loaded and folders mounted?"""
        return (self.work / "booted").exists()

    def console(self) -> str:
        """Everything the kernel and the command have printed so far."""
        with self._news:
            return self._console.decode(errors="replace").replace("\r\n", "\n")

    def tail(self, lines: int = 60) -> str:
        """The console's last lines."""
        return "\n".join(self.console().splitlines()[-lines:])

    def wait_for(self, text: str, timeout: float = 60.0) -> None:
        """Return as soon as `text` stands on the console; GuestFailed when the guest ends or `timeout` passes before."""
        deadline = time.monotonic() + timeout
        sought = text.encode()
        with self._news:
            while sought not in self._console:
                left = deadline - time.monotonic()
                if left <= 0 or not (self._reader is not None and self._reader.is_alive()):
                    break
                self._news.wait(min(left, 0.5))
            else:
                return
        raise GuestFailed(f"{text!r} did not appear on the guest's console\n{self.tail()}")

    # -- parts --------------------------------------------------------------------------------------------------------

    def _parameters(self) -> list[str]:
        disk = [f"ubd0={self.disk}", f"lab.disk={self.disk_on}"] if self.disk is not None else []
        return [
            *disk,
            f"mem={self.memory}",
            "root=/dev/root",
            "rootfstype=hostfs",
            "rootflags=/",
            "ro",
            f"init={INIT}",
            "con=null",
            "con0=null,fd:1",
            "quiet",
            "panic=-1",
            "selinux=0",
            f"uml_dir={self.work}",
            f"umid={self.work.name}",
            f"lab.work={self.work}",
        ]

    def _write_work(self) -> None:
        exports = [f"export {name}={shlex.quote(value)}" for name, value in self.env.items()]
        # Users of the guest may have to get into a checkout that only root may enter.
        private = [
            one for one in (*REPOSITORY.parents, *pathlib.Path(sys.prefix).parents) if not one.stat().st_mode & 1
        ]
        opened = [f"chmod o+x {shlex.quote(str(one))}" for one in dict.fromkeys(private)]
        lines = [*exports, *opened, f"cd {shlex.quote(str(self.cwd))}", self.command]
        (self.work / "run").write_text("\n".join(lines) + "\n")
        (self.work / "run-and-halt").write_text(RUN_AND_HALT.format(limit=int(self.timeout + 5)))
        (self.work / "modules").write_text("\n".join(MODULES) + "\n")
        mounts = []
        for target, folder in self.persistent.items():
            folder.mkdir(parents=True, exist_ok=True)
            mounts.append(f"{folder}\t{target}\n")
        # The guest has a /tmp of its own: what lies in ours and is needed must be named.
        for needed in {REPOSITORY, pathlib.Path(sys.prefix), self.cwd.resolve()}:
            if needed.is_relative_to("/tmp"):
                mounts.append(f"{needed}\t{needed}\n")
        (self.work / "mounts").write_text("".join(mounts))
        for name, text in self.files.items():
            (self.work / name).write_text(text)
        if self.disk is not None and not self.disk.exists():
            _make_disk(self.disk)
        if self.units is not None:
            (self.work / "units").mkdir()
            for name, text in self.units.items():
                (self.work / "units" / name).write_text(text)
            (self.work / "enabled").write_text("\n".join(self.enabled) + "\n")

    def _read_console(self) -> None:
        stream = self._running().stdout
        assert stream is not None
        shown = 0
        while data := os.read(stream.fileno(), 65536):
            with self._news:
                self._console += data
                self._news.notify_all()
            # What the kernel says while it boots is shown only when something fails.
            if self.echo and not shown and self.booted():
                shown = len(self._console) - len(data)
            if self.echo and shown:
                shown = self._show(shown)
        with self._news:
            self._news.notify_all()

    def _show(self, start: int) -> int:
        """Print what has come since `start`; where to go on. Behind a label only whole lines, so that guests don't mix."""
        end = self._console.rfind(b"\n") + 1 if self.label else len(self._console)
        text = self._console[start:end].decode(errors="replace").replace("\r\n", "\n")
        if self.label:
            lines = [line.rpartition("\r")[2] for line in text.split("\n")]
            text = "".join(f"{self.label}{line}\n" for line in lines if line)
        sys.stdout.write(text)
        sys.stdout.flush()
        return max(start, end)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise GuestFailed("the guest was not started")
        return self._process

    def _end(self) -> None:
        """Leave no process of the guest behind."""
        process = self._running()
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # ended by itself
        process.wait()
        if self._reader is not None:
            self._reader.join(timeout=5)
        if process.stdout is not None:
            process.stdout.close()


def _make_disk(path: pathlib.Path) -> None:
    with path.open("wb") as image:
        image.truncate(64 << 20)
    # Debian's e2fsprogs is always there, but its folder not on every user's PATH.
    search = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    maker = shutil.which("mkfs.ext4", path=search) or "mkfs.ext4"
    subprocess.run([maker, "-q", "-F", "-m", "0", str(path)], check=True, capture_output=True)


def _memory_folder() -> str:
    """Where the guest's memory lies: a tmpfs when there is one, for speed."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
