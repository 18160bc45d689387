"""Telling systemd how we are (sd_notify(3)): a datagram to the socket that it names; without one, nobody is told."""

import os
import socket


class Notify:
    """The way to systemd. `address` is what ``NOTIFY_SOCKET`` says ('' for none; ``@`` begins an abstract name)."""

    def __init__(self, address: str | None = None, watchdog: str | None = None) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        said = os.environ.get("WATCHDOG_USEC", "") if watchdog is None else watchdog
        self.interval = int(said) / 2e6 if said.isdigit() and int(said) else 0.0
        """Seconds between signs of life: half of what systemd waits (sd_watchdog_enabled(3)); 0 where it does not."""

    def ready(self) -> None:
        """We answer from now on."""
        self._tell("READY=1")

    def alive(self) -> None:
        """A sign of life."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """We end."""
        self._tell("STOPPING=1")

    def status(self, words: str) -> None:
        """One line for ``systemctl status``."""
        self._tell("STATUS=" + words.replace("\n", " "))

    def _tell(self, words: str) -> None:
        if not self._address:
            return
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            try:
                channel.sendto(words.encode(), name)
            except OSError:
                pass  # systemd restarts itself now and then; it asks again by its watchdog
