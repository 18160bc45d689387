"""Whether the one who asked for a change was heard after it was applied.

A change that cuts a host off from its centre shows by the centre's silence. What counts is having been heard over the
changed network, so only what was heard at or after the moment when the last change was made; and only from the one who asked,
since somebody else may come another way. Hearing counts while the host is still being read back, too: verifying may take as
long as the centre has patience.

Moments are seconds of CLOCK_BOOTTIME, which all processes of a host share.
"""

import threading


class Hearing:
    """What was heard of one requester. The moments of the change are told by another thread than what is heard."""

    def __init__(self, requester: str, applied_at: float | None = None) -> None:
        self.requester = requester
        self._lock = threading.Lock()
        self._applied_at = applied_at
        self._last: float | None = None

    def changes_again(self) -> None:
        """Changes are being made (again, in a second pass): what was heard up to now says nothing any more."""
        with self._lock:
            self._applied_at = None

    def applied(self, at: float) -> None:
        """All changes were made by then; only the first of several such words counts."""
        with self._lock:
            if self._applied_at is None:
                self._applied_at = at

    def heard(self, requester: str, at: float) -> None:
        """Somebody was heard at that moment."""
        with self._lock:
            if requester == self.requester and (self._last is None or at > self._last):
                self._last = at

    @property
    def counts(self) -> bool:
        """Whether the requester was heard since the changes were made."""
        with self._lock:
            return self._applied_at is not None and self._last is not None and self._last >= self._applied_at
