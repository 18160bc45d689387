"""Who may speak with the executor: root, and the user that the agent runs as. The kernel says who it is (SO_PEERCRED)."""

import typing

from linkhold.foundation.logs import Log

AGENT: typing.Final = "linkhold"
"""The user and the group of the agent (packaging/sysusers.d)."""


class Access:
    """Decides about connections by the user id at the other end. `agent` is None where there is no such user."""

    def __init__(self, agent: int | None, log: Log) -> None:
        self.agent, self._log = agent, log

    def admits(self, uid: int, pid: int) -> bool:
        """Whether a process of that user may ask; a refusal is logged."""
        if uid == 0 or uid == self.agent:
            return True
        self._log.warning("refused", uid=uid, pid=pid, reason="only root and the agent's user may ask")
        return False


def user_id(name: str = AGENT) -> int | None:
    """The number of a user; None when there is none of that name."""
    import pwd

    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def group_id(name: str = AGENT) -> int | None:
    """The number of a group; None when there is none of that name."""
    import grp

    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None
