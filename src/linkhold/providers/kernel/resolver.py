"""Which name servers the host asks: `/etc/resolv.conf`, and systemd-resolved where it answers for that file.

Sources: resolv.conf(5), systemd-resolved.service(8) ("/etc/resolv.conf"), resolved.conf(5).
"""

from __future__ import annotations

import os

from linkhold.foundation.failures import NotPermitted

RESOLV_CONF = "/etc/resolv.conf"
RESOLVED_FOLDER = "/run/systemd/resolve"
RESOLVED_UPLINKS = RESOLVED_FOLDER + "/resolv.conf"
"""What systemd-resolved asks, of all links and its own configuration."""
RESOLVED_DROP_IN = "/etc/systemd/resolved.conf.d/60-linkhold.conf"
"""Where our own servers and search domains stand when systemd-resolved answers for the host."""


LEASED_MARK = "# From leases, by linkhold: servers, and all search domains once more."
"""In resolv.conf(5), what follows this line came with leases; what was configured stands above it. The C library takes the
last list of search domains, so that below has those from above, too."""
LEASES = "/run/linkhold/leases"
"""Where each lease has its name servers: INTERFACE/FAMILY/resolv.conf."""


class Resolver:
    """Servers, search domains and options, in the order in which they are asked."""

    __slots__ = ("options", "search", "servers")

    def __init__(
        self, servers: tuple[str, ...] = (), search: tuple[str, ...] = (), options: tuple[str, ...] = ()
    ) -> None:
        self.servers = servers
        self.search = search
        self.options = options

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resolver):
            return NotImplemented
        return (self.servers, self.search, self.options) == (other.servers, other.search, other.options)

    def __hash__(self) -> int:
        return hash((self.servers, self.search, self.options))

    def __repr__(self) -> str:
        return f"Resolver({self.servers!r}, {self.search!r}, {self.options!r})"


class Resolvers:
    """What is in force, and what was configured by hand or by us; they differ where leases bring name servers."""

    __slots__ = ("config", "resolved", "running")

    def __init__(self, running: Resolver, config: Resolver, resolved: bool) -> None:
        self.running = running
        self.config = config
        self.resolved = resolved


def read(root: str = "") -> Resolvers:
    """The resolver's settings; `root` is put before every path (for tests and images). Raises NotPermitted."""
    if uses_resolved(root):
        running = parse_resolv_conf(_text(root + RESOLVED_UPLINKS))
        return Resolvers(running, parse_drop_in(_text(root + RESOLVED_DROP_IN)), True)
    text = _text(root + RESOLV_CONF)
    here = parse_resolv_conf(text)
    above = configured(text)
    return Resolvers(here, here if above == text else parse_resolv_conf(above), False)


def configured(text: str) -> str:
    """The part of resolv.conf(5) that is not from leases."""
    return text.partition(LEASED_MARK + "\n")[0]


def leased(root: str = "") -> Resolver:
    """The name servers of all leases, in order of interfaces, IPv4 first. Raises NotPermitted."""
    servers: list[str] = []
    search: list[str] = []
    for interface in _sorted(root + LEASES):
        for family in _sorted(f"{root}{LEASES}/{interface}"):
            found = parse_resolv_conf(_text(f"{root}{LEASES}/{interface}/{family}/resolv.conf"))
            servers += found.servers
            search += found.search
    return Resolver(_once(servers), _once(search))


def _sorted(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def uses_resolved(root: str = "") -> bool:
    """Whether `/etc/resolv.conf` is one of the files that systemd-resolved provides."""
    try:
        target = os.readlink(root + RESOLV_CONF)
    except OSError:  # no link, or no such file
        return False
    whole = os.path.normpath(os.path.join("/etc", target))
    return whole.startswith((RESOLVED_FOLDER + "/", "/usr/lib/systemd/resolv.conf", "/lib/systemd/resolv.conf"))


def parse_resolv_conf(text: str) -> Resolver:
    """As the C library reads it: the last `search` or `domain` counts, options add up, a keyword starts its line."""
    servers: list[str] = []
    search: tuple[str, ...] = ()
    options: list[str] = []
    for line in text.splitlines():
        words = line.split()
        if not words or line[:1] in "#; \t":
            continue
        if words[0] == "nameserver" and len(words) > 1:
            servers.append(words[1])
        elif words[0] == "search":
            search = tuple(words[1:])
        elif words[0] == "domain":
            search = tuple(words[1:2])
        elif words[0] == "options":
            options += words[1:]
    return Resolver(_once(servers), search, _once(options))


def parse_drop_in(text: str) -> Resolver:
    """`DNS=` and `Domains=` of a file of resolved.conf(5); an empty assignment takes back those before it.

    Routing-only domains (``~example.org``) are no search domains and left out.
    """
    found: dict[str, list[str]] = {"DNS": [], "Domains": []}
    for line in text.splitlines():
        key, sign, value = line.strip().partition("=")
        if not sign or key.rstrip() not in found:
            continue
        words = value.split()
        found[key.rstrip()] = found[key.rstrip()] + words if words else []
    search = [word for word in found["Domains"] if not word.startswith("~")]
    return Resolver(_once(found["DNS"]), _once(search))


def _once(words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except PermissionError as error:
        raise NotPermitted(f"{path} can't be read", answer=str(error)) from error
