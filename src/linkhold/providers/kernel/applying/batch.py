"""Many requests, sent together; the kernel's refusals, each with the change it belongs to."""

from __future__ import annotations

import errno

from linkhold.foundation.failures import Failure, NotPermitted, Refused
from linkhold.providers.kernel.netlink.socket import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.netlink.message import Request
    from linkhold.providers.kernel.netlink.socket import Netlink

GONE = (errno.ENODEV, errno.ENOENT, errno.ESRCH, errno.EADDRNOTAVAIL, errno.ENXIO)
"""How the kernel says of various things that they are not there: fine for what shall not be there."""

_MENTIONED = 20  # refusals that are spelled out; of thousands nobody reads more


class Question:
    """One request, the change it belongs to, what it asks for in words, and the refusals that are fine."""

    __slots__ = ("change", "fine", "request", "what")

    def __init__(self, change: Change, what: str, request: Request, fine: Sequence[int] = ()) -> None:
        self.change = change
        self.what = what
        self.request = request
        self.fine = fine


class Batch:
    """Requests in the order in which they are to be carried out."""

    def __init__(self, netlink: Netlink) -> None:
        self._netlink = netlink
        self._questions: list[Question] = []

    def __len__(self) -> int:
        return len(self._questions)

    def ask(self, change: Change, what: str, request: Request, fine: Sequence[int] = ()) -> None:
        """Add a request. `what` ends the sentence "the kernel refused to …"."""
        self._questions.append(Question(change, what, request, fine))

    def again(self, question: Question) -> None:
        """Add a request that was sent before."""
        self._questions.append(question)

    def send(self) -> list[tuple[Question, Refusal]]:
        """Send all; those that were refused for a reason that is not fine, in order."""
        questions, self._questions = self._questions, []
        outcomes = self._netlink.batch(one.request for one in questions)
        return [
            (question, outcome)
            for question, outcome in zip(questions, outcomes, strict=True)
            if isinstance(outcome, Refusal) and outcome.errno not in question.fine
        ]

    def run(self) -> None:
        """Send all.

        Raises:
            Refused: some were refused; names them all, the first as its change.
            NotPermitted: for lack of privilege.
        """
        complain(self.send())


def complain(refused: Sequence[tuple[Question, Refusal]]) -> None:
    """Raise what `Batch.run` raises; nothing was refused: do nothing."""
    if not refused:
        return
    lines = [f"the kernel refused to {one.what} ({answer_of(why)})" for one, why in refused[:_MENTIONED]]
    if len(refused) > _MENTIONED:
        lines.append(f"and {len(refused) - _MENTIONED} more")
    question, refusal = refused[0]
    permitted = all(why.errno != errno.EPERM or why.message for _, why in refused)
    raise failure(permitted, "; ".join(lines), question.change, answer_of(refusal))


def failure(permitted: bool, message: str, change: Change, answer: str) -> Failure:
    """A failure that carries the change and the answer."""
    return (Refused if permitted else NotPermitted)(message, change=change, answer=answer)


def refused_by_file(change: Change, what: str, error: OSError) -> Failure:
    """The failure for a file of /proc, /sys or /etc that can't be written."""
    answer = f"{_name(error.errno)}: {error.strerror} ({error.filename})"
    permitted = error.errno not in (errno.EPERM, errno.EACCES)
    return failure(permitted, f"the host refused to {what} ({answer})", change, answer)


def answer_of(refusal: Refusal) -> str:
    """``EINVAL: Invalid argument: what the kernel says in its own words``."""
    return f"{_name(refusal.errno)}: {refusal}"


def _name(number: int | None) -> str:
    return errno.errorcode.get(number or 0, str(number))
