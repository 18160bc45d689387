"""Stage `resolve`: name servers and the host's own name."""

from __future__ import annotations

import contextlib
import errno
import os

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel import resolver
from linkhold.providers.kernel.applying import files
from linkhold.providers.kernel.applying.batch import refused_by_file
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.hostname import Hostname

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host

HOSTNAME = "/etc/hostname"
RESOLVECTL = "/usr/bin/resolvectl"
_PATIENCE = 30  # seconds
_KEPT = ("sortlist", "lookup", "family")  # keywords of resolv.conf(5) that a document has no words for


def set_names(host: Host, changes: Sequence[Change]) -> None:
    """Write what the changes of subject `dns` and `hostname` ask for.

    Raises:
        Refused, NotPermitted: a file can't be written, or the kernel doesn't take the name.
    """
    for change in changes:
        try:
            if change.subject == "dns":
                _set_dns(host.root, _config(change.after))
            elif change.subject == "hostname":
                _set_hostname(host.root, change.after if isinstance(change.after, Hostname) else Hostname())
        except OSError as error:
            raise refused_by_file(change, f"set the {change.subject}", error) from error


def _config(after: object) -> DnsConfig:
    config = after.config if isinstance(after, DnsResolver) else after
    return config if isinstance(config, DnsConfig) else DnsConfig()


def _set_hostname(root: str, wanted: Hostname) -> None:
    if wanted.config is not UNSET:
        if wanted.config:
            files.write(root + HOSTNAME, f"{wanted.config}\n")
        else:
            files.remove(root + HOSTNAME)
    if isinstance(wanted.running, str) and wanted.running and wanted.running != os.uname().nodename:
        import socket

        socket.sethostname(wanted.running)


def _set_dns(root: str, config: DnsConfig) -> None:
    if resolver.uses_resolved(root):
        _set_resolved(root, config)
        return
    with _one_at_a_time(root):
        path = _path(root)
        text = resolv_conf(resolver.configured(files.read(path)), config)
        _write(root, path, text + from_leases(resolver.leased(root), _words(config.search)))


def set_leased(root: str, interface: str, servers: Sequence[str], search: Sequence[str]) -> None:
    """Leases changed: resolv.conf(5) gets what all of them say now; systemd-resolved what those of this interface say.

    Raises:
        OSError: a file can't be written.
    """
    if resolver.uses_resolved(root):
        _tell_resolved(root, interface, servers, search)
        return
    with _one_at_a_time(root):
        path = _path(root)
        old = files.read(path)
        above = resolver.configured(old)
        text = above + from_leases(resolver.leased(root), resolver.parse_resolv_conf(above).search)
        if text != old:
            _write(root, path, text)


def from_leases(found: resolver.Resolver, search: Sequence[str]) -> str:
    """The part of resolv.conf(5) for leases, beside these configured search domains; '' where leases say nothing."""
    lines = [f"nameserver {one}" for one in found.servers]
    if found.search:
        lines.append("search " + " ".join(dict.fromkeys((*search, *found.search))))
    return "".join(f"{line}\n" for line in (resolver.LEASED_MARK, *lines)) if lines else ""


@contextlib.contextmanager
def _one_at_a_time(root: str) -> Iterator[None]:
    """Leases come when they like. Without any, nobody else writes."""
    if not os.path.isdir(root + resolver.LEASES):
        yield
        return
    import fcntl

    handle = os.open(root + resolver.LEASES, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _path(root: str) -> str:
    return os.path.realpath(resolver.RESOLV_CONF) if not root else files.follow(root, resolver.RESOLV_CONF)


def _write(root: str, path: str, text: str) -> None:
    if text or path != root + resolver.RESOLV_CONF:
        files.write(path, text)
    else:  # a file that says nothing is as good as none, and none is what taking back may have to leave
        files.remove(path)


def resolv_conf(old: str, config: DnsConfig) -> str:
    """The text of resolv.conf(5) for these settings. Comments and keywords that aren't ours to set stay as they were."""
    lines = [line for line in old.splitlines() if _stays(line)]
    for one in _words(config.server):
        lines.append(f"nameserver {one}")
    if _words(config.search):
        lines.append("search " + " ".join(_words(config.search)))
    if _words(config.options):
        lines.append("options " + " ".join(_words(config.options)))
    return "".join(line + "\n" for line in lines)


def _stays(line: str) -> bool:
    words = line.split()
    return not words or line[:1] in "#;" or words[0] in _KEPT


def _set_resolved(root: str, config: DnsConfig) -> None:
    """Give them to systemd-resolved, by a file of its own, and let it read its files again.

    Options of resolv.conf(5) have no counterpart there; `capability` says so before it comes to this.
    """
    path = root + resolver.RESOLVED_DROP_IN
    lines = ["# Written by linkhold.", "[Resolve]"]
    if _words(config.server):
        lines.append("DNS=" + " ".join(_words(config.server)))
    if _words(config.search):
        lines.append("Domains=" + " ".join(_words(config.search)))
    if len(lines) > 2:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        files.write(path, "\n".join(lines) + "\n")
    else:
        files.remove(path)
    if not root:
        _restart_resolved()


def _restart_resolved() -> None:
    """resolved.conf(5) is read at the start only, so it starts anew; its socket and cache are back in an instant."""
    import subprocess

    command = ["/usr/bin/systemctl", "try-reload-or-restart", "systemd-resolved.service"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        text = f"systemd-resolved did not start anew within {_PATIENCE} s"
        raise OSError(errno.ETIMEDOUT, text, resolver.RESOLVED_DROP_IN) from None
    if done.returncode:
        text = f"systemd-resolved did not start anew: {done.stderr.strip()}"
        raise OSError(errno.EIO, text, resolver.RESOLVED_DROP_IN)


def _tell_resolved(root: str, interface: str, servers: Sequence[str], search: Sequence[str]) -> None:
    """By resolvectl(1); '' takes all of a kind away. A link that is gone has none left to take away."""
    if root or not os.path.exists(f"/sys/class/net/{interface}"):
        return
    import subprocess

    plain = [one.partition("%")[0] for one in servers]
    for verb, words in (("dns", plain), ("domain", search)):
        command = [RESOLVECTL, verb, interface, *(words or [""])]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            raise OSError(errno.ETIMEDOUT, "systemd-resolved did not answer", interface) from None
        if done.returncode:
            raise OSError(errno.EIO, f"systemd-resolved said no: {done.stderr.strip()}", interface)


def _words(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
