"""What is done with the Debian packages in a guest: ``python3 package_host.py FOLDER``, by test_package.py.

Real systemd is pid 1. Nothing of the tree is imported: only what dpkg has installed is used. What was seen goes to
/run/lab/seen as JSON, one key for each act.
"""

import glob
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing

LAB = pathlib.Path("/run/lab")
UNITS = ("boot-guard.service", "restore.service", "networks-restore.service", "executor.socket", "executor.service")
UNITS += ("documents.service", "agent.service", "agent.path")
REQUEST = {
    "networks": {"lab": {"nic": "dummy_0", "bridged": True, "ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}},
    "bondings": {},
    "options": {"connectivityCheck": False},
}
WAITS = "interfaces: [{name: d9, type: dummy}]\n"
PATIENCE_S = 60.0

Run = subprocess.CompletedProcess[str]


class Installed:
    """The acts, in their order. `folder` is where the packages lie."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.shipped: list[str] = []
        self.packages = [str(path) for path in sorted(folder.glob("*.deb"))]
        (self.program,) = (one for one in self.packages if "/linkhold_" in one)

    def install(self) -> object:
        """On a host that never saw us; a container's policy that nothing may be started is not the host's."""
        pathlib.Path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)
        dpkg("-i", *self.packages)
        self.shipped = run("dpkg", "-L", "linkhold", "linkhold-libnmstate").stdout.splitlines()
        return {
            "enabled": {unit: systemctl("is-enabled", f"linkhold-{unit}") for unit in UNITS},
            "active": {unit: systemctl("is-active", f"linkhold-{unit}") for unit in UNITS},
            "nmstate": systemctl("is-enabled", "nmstate.service"),
            "socket": stat("/run/linkhold/executor.sock"),
            "state": stat("/var/lib/linkhold"),
            "keys": stat("/etc/pki/linkhold"),
            "compiled": len(glob.glob("/usr/lib/python3/dist-packages/linkhold/cli/__pycache__/main.*.pyc")),
            "nobody": refusal_of_nobody(),
            "complaints": complaints(),
        }

    def commands(self) -> object:
        """Of all users' paths."""
        return {
            "show": json.loads(run("linkhold", "show", "lo", "--json").stdout)["interfaces"][0]["name"],
            "status": json.loads(run("linkhold", "agent", "status", "--json", code=1).stdout),
            "nmstatectl": run("nmstatectl", "show", "lo").stdout,
            "where": run("/usr/bin/python3", "-c", "import linkhold; print(linkhold.__file__)", cwd="/").stdout,
            "completion": run(
                "bash", "-c", ". /usr/share/bash-completion/completions/linkhold; complete -p linkhold"
            ).stdout,
        }

    def enrol(self) -> object:
        """By files. The agent starts by itself when that is done."""
        run("linkhold", "agent", "enrol", "--request", "/tmp/host.csr", "--name", "host1", "--also", "127.0.0.1")
        pathlib.Path("/tmp/names").write_text("subjectAltName=DNS:host1,IP:127.0.0.1\n")
        signing = ["-CA", "/run/lab/ca.pem", "-CAkey", "/run/lab/ca.key", "-CAcreateserial", "-CAserial", "/tmp/serial"]
        words = ["-in", "/tmp/host.csr", *signing, "-extfile", "/tmp/names", "-days", "30", "-out", "/tmp/host.crt"]
        run("openssl", "x509", "-req", *words)
        given = ["--certificate", "/tmp/host.crt", "--ca", "/run/lab/ca.pem"]
        pinned = (LAB / "fingerprint").read_text().strip()
        run("linkhold", "agent", "enrol", *given, "--ca-fingerprint", pinned)
        until(lambda: systemctl("is-active", "linkhold-agent.service") == "active")
        until(lambda: call("Host.ping2").returncode == 0)
        return {
            "ping": call("Host.ping2").stdout.strip(),
            "key": stat("/etc/pki/linkhold/agent.key"),
            "user": ps("linkhold-agent", "user"),
            "executor": ps("linkhold-executor", "user"),
        }

    def networks(self) -> object:
        """A request as a centre sends it, carried out by both processes within their units' limits."""
        run("ip", "link", "add", "dummy_0", "type", "dummy")
        done = call("Host.setupNetworks", json.dumps(REQUEST))
        return {
            "answer": [done.returncode, done.stdout, done.stderr],
            "addresses": addresses("lab"),
            "kept": call("Host.setSafeNetworkConfig").returncode,
            "status": json.loads(run("linkhold", "agent", "status", "--json").stdout),
            "safe": stat("/var/lib/linkhold/networks/safe.json"),
        }

    def exposure(self) -> object:
        """As systemd judges the units that run, drop-ins and all."""
        found = {}
        for name in ("agent", "executor"):
            told = run("systemd-analyze", "security", "--no-pager", f"linkhold-{name}.service").stdout
            overall = next(line for line in told.splitlines() if "Overall exposure level" in line)
            found[name] = overall.split(":")[1].split()[0]
        return found

    def deaths(self) -> object:
        """The agent killed, the executor hanging: both come back, the network stays, and requests are answered again."""
        number = index("lab")
        agent, executor = pid("linkhold-agent"), pid("linkhold-executor")
        os.kill(agent, signal.SIGKILL)
        until(lambda: pid("linkhold-agent") not in (0, agent))
        until(lambda: call("Host.ping2").returncode == 0)
        os.kill(executor, signal.SIGSTOP)
        until(lambda: pid("linkhold-executor") not in (0, executor))
        until(lambda: "192.0.2.7" in call("Host.getCapabilities").stdout)
        return {"same": index("lab") == number, "result": systemctl_show("linkhold-executor", "NRestarts")}

    def upgrade(self) -> object:
        """To the same version, which is no other way for dpkg."""
        number = index("lab")
        agent, executor = pid("linkhold-agent"), pid("linkhold-executor")
        systemctl("disable", "linkhold-restore.service")
        dpkg("-i", self.program)
        until(lambda: call("Host.ping2").returncode == 0)
        return {
            "same": index("lab") == number,
            "renewed": pid("linkhold-agent") not in (0, agent) and pid("linkhold-executor") != executor,
            "restored": systemctl_show("linkhold-networks-restore", "ExecMainStartTimestampMonotonic"),
            "decided": systemctl("is-enabled", "linkhold-restore.service"),
        }

    def unfinished(self) -> object:
        """While a change waits to be confirmed, the package neither goes nor changes."""
        dpkg("-r", "linkhold-libnmstate")
        pathlib.Path("/tmp/waits.yml").write_text(WAITS)
        run("linkhold", "apply", "--no-commit", "--timeout", "100", "/tmp/waits.yml")
        ways = {"removal": ("-r", "linkhold"), "upgrade": ("-i", self.program)}
        at_once = {"LINKHOLD_PATIENCE": "0"}
        said = {way: run("dpkg", "--no-triggers", *words, env=at_once, code=None) for way, words in ways.items()}
        kept = os.path.exists("/sys/class/net/d9")
        run("linkhold", "rollback")
        return {"refused": {way: [done.returncode, done.stderr] for way, done in said.items()}, "kept": kept}

    def remove(self) -> object:
        """The code goes; what was committed, settings and the network stay."""
        dpkg("-r", "linkhold")
        return {
            "addresses": addresses("lab"),
            "left": left(self.shipped),
            "running": run("pgrep", "-f", "linkhold[.]", code=None).stdout.split(),
            "socket": os.path.exists("/run/linkhold/executor.sock"),
        }

    def purge(self) -> object:
        """All goes but the user."""
        pathlib.Path("/etc/linkhold/documents").mkdir()
        pathlib.Path("/etc/linkhold/documents/10-mine.yml").write_text(WAITS)
        dpkg("-P", "linkhold-libnmstate", "linkhold")
        return {
            "addresses": addresses("lab"),
            "left": left(self.shipped),
            "user": run("id", "-un", "linkhold").stdout.strip(),
            "masked": systemctl("is-enabled", "linkhold-executor.socket"),
        }


def run(
    *command: str, code: int | None = 0, env: typing.Mapping[str, str] | None = None, cwd: str | None = None
) -> Run:
    """Run it; with another exit code than expected (None: any), say so and fail."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}, cwd=cwd, timeout=240
    )
    if code is not None and done.returncode != code:
        raise RuntimeError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def dpkg(*words: str) -> None:
    """Without the triggers of others (the index of manual pages), which take a guest half a minute."""
    run("dpkg", "--no-triggers", "--force-unsafe-io", *words)


def call(verb: str, *params: str) -> Run:
    """A verb, over TLS, as the centre."""
    files = ["--ca", "/run/lab/ca.pem", "--cert", "/run/lab/engine.crt", "--key", "/run/lab/engine.key"]
    return run("linkhold", "agent", "call", "127.0.0.1", verb, *params, *files, code=None)


def systemctl(*words: str) -> str:
    """What it says; its exit code says the same."""
    return run("systemctl", *words, code=None).stdout.strip()


def systemctl_show(name: str, what: str) -> str:
    """A property of a service."""
    return systemctl("show", "-P", what, f"{name}.service")


def pid(name: str) -> int:
    """The main process of a service; 0 while there is none."""
    return int(systemctl_show(name, "MainPID"))


def ps(name: str, what: str) -> str:
    """Something of a service's process."""
    return run("ps", "-o", f"{what}=", "-p", str(pid(name))).stdout.strip()


def stat(path: str) -> str:
    """Mode and owner."""
    return run("stat", "-c", "%a %U:%G", path).stdout.strip()


def addresses(interface: str) -> list[str]:
    """Of IPv4."""
    found = json.loads(run("ip", "-j", "-4", "address", "show", "dev", interface).stdout)
    return [each["local"] for one in found for each in one["addr_info"]]


def index(interface: str) -> int:
    """Of an interface: another one when it was made anew."""
    return int(pathlib.Path(f"/sys/class/net/{interface}/ifindex").read_text())


def complaints() -> list[str]:
    """What systemd finds wrong with our units in a whole boot: circles of what comes before what, unknown settings."""
    units = [path for path in glob.glob("/lib/systemd/system/linkhold-*") if os.path.isfile(path)]
    done = run("systemd-analyze", "verify", "--man=no", "multi-user.target", *units, code=None)
    return [line for line in (done.stdout + done.stderr).splitlines() if "linkhold" in line or "cycle" in line]


def refusal_of_nobody() -> str:
    """What another user gets of the socket."""
    connecting = "import socket; socket.socket(socket.AF_UNIX).connect('/run/linkhold/executor.sock')"
    done = run(
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", connecting, code=1
    )
    return done.stderr.strip().rpartition("\n")[2].partition(":")[0]


def left(shipped: typing.Sequence[str]) -> list[str]:
    """What of ours is still there: of the files that were shipped, and of what grew beside them."""
    places = ["/etc", "/run/linkhold", "/run/systemd/transient", "/var/lib/systemd", "/var/lib/linkhold"]
    named = ["(", "-name", "*linkhold*", "-o", "-name", "nmstate*", ")", "-print", "-prune"]
    found = run("find", *places, *named, code=None).stdout.splitlines()
    modules = glob.glob("/usr/lib/python3/dist-packages/*lib*nmstate*") + glob.glob(
        "/usr/lib/python3/dist-packages/linkhold*"
    )
    return sorted({*found, *modules, *(path for path in shipped if os.path.isfile(path))})


def until(happens: typing.Callable[[], bool]) -> None:
    """Wait for something that is about to happen."""
    end = time.monotonic() + PATIENCE_S
    while not happens():
        if time.monotonic() > end:
            raise RuntimeError("it did not happen\n" + run("journalctl", "--no-pager", "-n", "60").stdout)
        time.sleep(0.3)


def main() -> None:
    """All acts; the first that fails ends it, with what it said."""
    host, seen = Installed(pathlib.Path(sys.argv[1])), {}
    acts = (
        "install",
        "commands",
        "enrol",
        "networks",
        "exposure",
        "deaths",
        "upgrade",
        "unfinished",
        "remove",
        "purge",
    )
    try:
        for act in acts:
            begun = time.monotonic()
            seen[act] = getattr(host, act)()
            print(f"== {act}: {time.monotonic() - begun:.1f} s", flush=True)
    finally:
        (LAB / "seen").write_text(json.dumps(seen))


if __name__ == "__main__":
    main()
