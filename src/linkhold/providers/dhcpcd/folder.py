"""What is known of a running client, by files: found again by every later command, gone with the next boot.

Below `BASE` each interface has a folder, with one for each family in it:

    settings.json     what was asked for
    client.conf       the client's own configuration
    facts.json        what servers and routers said        laid.json what of that lies on the interface now
    resolv.conf       the name servers of the lease        keeper    what starts it again where systemd doesn't run
    refused           what of the lease the kernel did not take
"""

import contextlib
import os
import typing

from linkhold.providers.dhcpcd.presence import BASE, interfaces
from linkhold.providers.dhcpcd.settings import FAMILIES, Family, Settings, of_plain, to_plain

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.facts import Facts
    from linkhold.providers.dhcpcd.wanted import Wanted


class Client:
    """The folder of one client. All methods raise OSError where the disk does."""

    def __init__(self, interface: str, family: Family, base: str = BASE) -> None:
        self.interface, self.family, self.base = interface, family, base
        self.path = f"{base}/{interface}/{family}"

    def file(self, name: str) -> str:
        """The path of one of its files."""
        return f"{self.path}/{name}"

    @property
    def settings(self) -> Settings | None:
        """What was asked for, nothing where there is no client (of this network namespace)."""
        plain = self._read("settings.json")
        if not plain or plain.pop("network", None) != network():
            return None
        return of_plain(plain)

    @property
    def elsewhere(self) -> bool:
        """Whether it is the client of an interface in another network namespace."""
        plain = self._read("settings.json")
        return bool(plain) and plain.get("network") != network()

    def settle(self, settings: Settings) -> None:
        """Write down what is asked for."""
        os.makedirs(self.path, exist_ok=True)
        self._write("settings.json", {**to_plain(settings), "network": network()})

    def forget(self) -> None:
        """Nothing is asked for any more."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.file("settings.json"))

    @property
    def facts(self) -> "Facts":
        """What was heard."""
        return self._read("facts.json")

    def learn(self, facts: "Facts") -> None:
        """Write down what was heard."""
        self._write("facts.json", facts)

    @property
    def laid(self) -> "Wanted":
        """What was laid on the interface."""
        from linkhold.providers.dhcpcd.wanted import LeasedAddress, LeasedRoute, Wanted

        plain = self._read("laid.json")
        return Wanted(
            addresses=tuple(LeasedAddress(**one) for one in plain.get("addresses", ())),
            routes=tuple(LeasedRoute(**one) for one in plain.get("routes", ())),
        )

    def note(self, laid: "Wanted") -> None:
        """Write down what lies there."""
        plain = {"addresses": [one.said() for one in laid.addresses], "routes": [one.said() for one in laid.routes]}
        self._write("laid.json", plain)

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        """Replace a file as a whole."""
        beside = self.file(f".{name}.{os.getpid()}")
        with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
        os.rename(beside, self.file(name))

    def remove(self) -> None:
        """Nothing is known of it any more."""
        import shutil

        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):  # the other family's, or what is asked of the interface, is still there
            os.rmdir(os.path.dirname(self.path))

    @contextlib.contextmanager
    def locked(self) -> typing.Iterator[None]:
        """One at a time: the client's script and our commands lay on the same interface."""
        import fcntl

        handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, name: str, plain: dict[str, typing.Any]) -> None:
        import json  # who has no leases need not wait for it

        self.write(name, json.dumps(plain))

    def _read(self, name: str) -> dict[str, typing.Any]:
        import json

        try:
            with open(self.file(name), encoding="utf-8", errors="surrogateescape") as file:
                return typing.cast("dict[str, typing.Any]", json.load(file))
        except (FileNotFoundError, NotADirectoryError):
            return {}


def network() -> int:
    """The network namespace we are in: interfaces of the same name in another are not ours to speak of."""
    return os.stat("/proc/thread-self/ns/net").st_ino


def clients(base: str = BASE) -> typing.Iterator[tuple[Client, Settings]]:
    """All that were asked for here, running or not."""
    for interface in interfaces(base):
        for family in FAMILIES:
            client = Client(interface, family, base)
            settings = client.settings
            if settings is not None:
                yield client, settings
