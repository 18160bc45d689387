"""A refusal while the host was read, as the failure that those above know."""

from __future__ import annotations

import contextlib
import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from linkhold.foundation.failures import Failure
    from linkhold.providers.kernel.netlink.socket import Netlink, Refusal


def unreadable(refusal: Refusal) -> Failure:
    """A refusal while the host was read, as the contract tells it: tables that never held still may do so later."""
    from linkhold.foundation.failures import NotPermitted, Refused, Temporary

    temporary = refusal.errno in (errno.EINTR, errno.ENOBUFS)
    kind = Temporary if temporary else NotPermitted if refusal.errno in (errno.EPERM, errno.EACCES) else Refused
    return kind(f"the kernel can't be read: {refusal}", answer=str(refusal))


@contextlib.contextmanager
def reading(netlink: Netlink | None) -> Iterator[Netlink]:
    """A socket to read the host by: the one given, or one for the length of the block.

    Raises:
        Temporary, NotPermitted, Refused: the kernel did not answer.
    """
    from linkhold.providers.kernel.netlink.socket import Netlink, Refusal

    try:
        if netlink is not None:
            yield netlink
            return
        with Netlink() as opened:
            yield opened
    except Refusal as refusal:
        raise unreadable(refusal) from refusal
