"""Changing the host."""

import logging
import typing

from libnmstate.causes import translated
from libnmstate.documents import plain

ROLLBACK_TIMEOUT = 60
"""Seconds for `commit` to come, where the caller says nothing."""


def apply(
    desired_state: dict[str, typing.Any],
    *,
    kernel_only: bool = False,
    verify_change: bool = True,
    save_to_disk: bool = True,
    commit: bool = True,
    rollback_timeout: int = ROLLBACK_TIMEOUT,
) -> None:
    """Make the host as `desired_state` says, or leave it as it was: when this raises, the old state is back.

    Without `commit` the change takes itself back after `rollback_timeout` seconds, with or without this process, unless
    `libnmstate.commit` is called by then.

    Raises:
        NmstateValueError: the document can't be followed; nothing was touched.
        NmstateVerificationError: the host was not as asked for after applying.
        NmstateError: everything else; see `libnmstate.causes`.
    """
    carry_out(
        plain(desired_state),
        kernel_only=kernel_only,
        verify_change=verify_change,
        save_to_disk=save_to_disk,
        commit=commit,
        rollback_timeout=rollback_timeout,
    )


def carry_out(
    document: typing.Any,
    *,
    kernel_only: bool,
    verify_change: bool,
    save_to_disk: bool,
    commit: bool,
    rollback_timeout: float,
) -> None:
    """As `apply`, of plain data or of a state that was read already."""
    from linkhold import library
    from linkhold.state.document import read
    from linkhold.state.network import NetworkState

    with translated():
        result = library.apply(
            document if isinstance(document, NetworkState) else read(document),
            commit=commit,
            timeout=rollback_timeout,
            even_unchanged=True,
            verify=verify_change,
            memory_only=not save_to_disk,
            provider="kernel" if kernel_only else None,
            progress=_log,
        )
    for warning in (*result.warnings, *result.mismatches):
        logging.warning("%s", warning)
    for note in result.notes:
        logging.info("%s", note)


def commit(*, checkpoint: str | None = None) -> None:
    """Keep the change that was applied without `commit`; `checkpoint` is its name, None for whichever waits.

    Raises:
        NmstateInternalError: none waits, or it is too late. (An NmstateValueError as well, as nmstate 1.x had it.)
    """
    from linkhold import library

    with translated():
        _expect(checkpoint)
        library.confirm()


def rollback(*, checkpoint: str | None = None) -> None:
    """Take back the change that was applied without `commit`; `checkpoint` is its name, None for whichever waits.

    Raises:
        NmstateInternalError: none waits. (An NmstateValueError as well, as nmstate 1.x had it.)
        NmstatePluginError: it could not be taken back in full.
    """
    from linkhold import library

    with translated():
        _expect(checkpoint)
        library.rollback(progress=_log)


def _expect(checkpoint: str | None) -> None:
    """Make sure that it is this transaction which waits."""
    if not checkpoint:
        return
    from linkhold import library
    from linkhold.transaction.confirm import NothingToConfirm

    if not any(one.waits and checkpoint in (one.name, str(one.number)) for one in library.history()):
        raise NothingToConfirm(f"Checkpoint {checkpoint} is not found, or is over")


def _log(progress: typing.Any) -> None:
    logging.debug("%s: %s", progress.phase, progress.message)
