"""Failures: exceptions about the world (the kernel, a service, the disk, another process), never about the user's words.

The *type* says whether trying again can help, never the text. A bug is not a `Failure`: it shows its traceback.
"""


class Failure(Exception):
    """Something outside of us did not do what was asked.

    `change` is the change in hand when it happened (a `plan.change.Change`, '' if none); `answer` is what the kernel or
    the service said, in its own words.
    """

    def __init__(self, message: str, *, change: object = None, answer: str = "") -> None:
        super().__init__(message)
        self.change = change
        self.answer = answer


class Temporary(Failure):
    """Trying again after `after` seconds may help."""

    after: float = 1.0


class Busy(Temporary):
    """Somebody else holds what we need; the message names who."""


class TimedOut(Temporary):
    """No answer within the time allowed."""


class Permanent(Failure):
    """Trying again would fail the same way."""


class Refused(Permanent):
    """The kernel or a service said no."""


class Unsupported(Permanent):
    """This host can't do it: no provider, no kernel module, no hardware."""


class VerificationFailed(Permanent):
    """The host does not agree with what was applied. `mismatches` holds every difference."""

    def __init__(self, message: str, mismatches: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.mismatches = mismatches


class RollbackFailed(Permanent):
    """The state before could not be restored in full. `mismatches` names what is still different."""

    def __init__(self, message: str, mismatches: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.mismatches = mismatches


class NotPermitted(Permanent):
    """The process lacks the privilege (usually: not root, no CAP_NET_ADMIN)."""
