"""A refusal while the host was read, as the failure that those above know."""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.foundation.failures import Failure
    from linkhold.providers.kernel.netlink.socket import Refusal


def unreadable(refusal: Refusal) -> Failure:
    """A refusal while the host was read, as the contract tells it: tables that never held still may do so later."""
    from linkhold.foundation.failures import NotPermitted, Refused, Temporary

    temporary = refusal.errno in (errno.EINTR, errno.ENOBUFS)
    kind = Temporary if temporary else NotPermitted if refusal.errno in (errno.EPERM, errno.EACCES) else Refused
    return kind(f"the kernel can't be read: {refusal}", answer=str(refusal))
