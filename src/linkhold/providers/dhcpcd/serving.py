"""Carrying out changes: starting, adjusting and stopping clients."""

import contextlib
import os
import time
import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.providers.dhcpcd import supervising
from linkhold.providers.dhcpcd.amending import wait_for, waited_for
from linkhold.providers.dhcpcd.configuration import configuration
from linkhold.providers.dhcpcd.folder import Client
from linkhold.providers.dhcpcd.identity import KEPT, duid
from linkhold.providers.dhcpcd.laying import lay, take_off
from linkhold.providers.dhcpcd.settings import FAMILIES, Family, Settings, settings_of

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Change, Stage
    from linkhold.providers.dhcpcd.ways import Ways

USUAL_WAIT: typing.Final = 3.0
"""Seconds that the first lease of an interface is waited for: routes through its gateway can be laid at once then. Without
a server nothing is lost: the lease comes when it comes."""

ASKED_WAIT: typing.Final = 30.0
"""Seconds where a document says `wait-ip`. Longer, and a server that is down would keep hosts from booting."""

_TAKING_APART: typing.Final = frozenset({"release", "remove", "discard", "create"})
_AGAIN: typing.Final = frozenset({"configure", "activate"})
"""Where a lease that goes on is looked after: with another MAC it is asked for, after a link was down it is laid anew."""


class Serving:
    """One stage of some changes. `kept_by_kernel` are interfaces whose advertisements the kernel looks at by itself."""

    def __init__(self, ways: "Ways", root: str, base: str, kept_by_kernel: frozenset[str]) -> None:
        self.ways, self.root, self.base = ways, root, base
        self._kept_by_kernel = kept_by_kernel
        self._started: dict[str, list[Client]] = {}

    def carry_out(self, stage: "Stage", change: "Change") -> None:
        """What this stage means for one change.

        Raises:
            Refused, NotPermitted, TimedOut: the kernel, or the client's keeper, said no.
            OSError: a file can't be written.
        """
        for family in FAMILIES:
            client = Client(change.name, family, self.base)
            before = client.settings
            after = _asked(change, family, there=before is not None)
            if family == "ipv6" and change.name in self._kept_by_kernel:
                after = None
            made_anew = change.action in ("±", "-") and stage in _TAKING_APART
            if before is not None and (after is None or made_anew):
                self.end(client, keep=_staying(change, family))
            elif after is not None and (stage == "address" or (before is not None and stage in _AGAIN)):
                self._provide(client, before, after)
            elif before is None and after is not None and self.ways.link(change.name) is not None:
                self.ways.leave_to_client(change.name, family)  # before it comes up, if it is new
        self._remember(stage, change)

    def end(self, client: Client, *, keep: frozenset[str] = frozenset()) -> None:
        """Stop a client; the addresses in `keep` are to stay."""
        if client.settings is None:
            return
        supervising.stop(client)
        take_off(client, self.ways, keep=keep)
        client.remove()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._script(client))

    async def leased(self) -> None:
        """Wait a little for those that were started."""
        limits = {name: time.monotonic() + self._patience(name) for name in self._started if self._has_carrier(name)}
        if not limits:
            return
        import asyncio

        while limits:
            now = time.monotonic()
            limits = {name: limit for name, limit in limits.items() if now < limit and not self._has_lease(name)}
            if limits:
                await asyncio.sleep(0.02)

    def _provide(self, client: Client, before: Settings | None, after: Settings) -> None:
        text = self._configuration(client, after)
        if text is None:
            return
        if client.elsewhere and supervising.kept(client):
            where = "an interface of this name has one in another network namespace of this host"
            raise Refused(f"{client.interface} can't have a client: {where}", answer=client.path)
        same = _read(client.file("client.conf")) == text
        if before is not None and same and not _moves(before, after) and supervising.running(client):
            if before != after:
                client.settle(after)
            lay(client, self.ways)
            return
        supervising.stop(client)  # also one that nobody keeps any more
        client.settle(after)
        client.write("client.conf", text)
        _install(self._script(client), supervising.script(client, self.root))
        self.ways.leave_to_client(client.interface, client.family)
        self._forget_protocols(client, after)
        lay(client, self.ways)
        supervising.start(client)
        self._started.setdefault(client.interface, []).append(client)

    def _configuration(self, client: Client, settings: Settings) -> str | None:
        link = self.ways.link(client.interface)
        if link is None:
            return None
        identity = duid(settings.duid, link.mac, client.interface, kept=self.root + KEPT)
        return configuration(settings, self._script(client), mac=link.mac.lower(), duid=identity)

    def _script(self, client: Client) -> str:
        """What the client runs. It lies where programs may: /run is mounted noexec by many distributions."""
        return f"{self.root}{KEPT}/{client.interface}.{client.family}"

    def _forget_protocols(self, client: Client, settings: Settings) -> None:
        """What was heard by a protocol that is not spoken any more."""
        spoken = {"dhcp", "dhcp6"} if settings.dhcp else set()
        if settings.autoconf:
            spoken.add("ra")
        facts = client.facts
        if facts.keys() - spoken:
            client.learn({name: told for name, told in facts.items() if name in spoken})

    def _remember(self, stage: "Stage", change: "Change") -> None:
        waits = UNSET if change.after is UNSET else change.after.get("wait_ip")
        if stage in ("remove", "discard") or (waits is UNSET and stage == "release"):
            wait_for(change.name, "", self.base)
        elif waits is not UNSET:
            wait_for(change.name, "" if waits == "any" else waits, self.base)
        folder = f"{self.base}/{change.name}"
        if os.path.isdir(folder) and not os.listdir(folder):
            os.rmdir(folder)

    def _patience(self, interface: str) -> float:
        return ASKED_WAIT if waited_for(interface, self.base) else USUAL_WAIT

    def _has_carrier(self, interface: str) -> bool:
        link = self.ways.link(interface)
        return link is not None and link.carrier

    def _has_lease(self, interface: str) -> bool:
        """Whether what is waited for is there; if nothing was said, any lease will do."""
        waits = waited_for(interface, self.base)
        has = {client.family: _is_laid(client) for client in self._started[interface]}
        needed = [family for family in has if family in waits]
        return all(has[family] for family in needed) if needed else any(has.values())


def _install(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    beside = f"{path}.{os.getpid()}"
    with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o755)
    os.rename(beside, path)


def _asked(change: "Change", family: Family, *, there: bool) -> Settings | None:
    """What is wanted after a change; nothing also where what gives addresses by itself (the kernel, a client of somebody
    else) just goes on."""
    after = None if change.after is UNSET else settings_of(change.after, family)
    if after is None or there or change.action != "~":
        return after
    before = settings_of(change.before, family)
    moved = change.before.owner != change.after.owner
    return after if moved or before != after else None


def _moves(before: Settings, after: Settings) -> bool:
    """Whether addresses have to be taken off and given again, since the kernel makes routes to their networks in the main
    table only. A client that sees its address go gives the lease up (`dhcp_handleifa` of dhcpcd 9): it must not run then."""
    return (before.table == 0) is not (after.table == 0)


def _staying(change: "Change", family: Family) -> frozenset[str]:
    """Addresses that were leased and become static ones."""
    section: typing.Any = UNSET if change.after is UNSET or change.action == "±" else change.after.get(family)
    if section is UNSET or section.enabled is False:
        return frozenset()
    return frozenset(f"{one.ip}/{one.prefix_length}" for one in section.static)


def _is_laid(client: Client) -> bool:
    """Whether addresses lie there: what is noted while it is being laid may not do so yet."""
    with client.locked():
        return bool(client.laid.addresses)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return ""
