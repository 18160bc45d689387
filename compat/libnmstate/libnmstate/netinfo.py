"""Looking at the host."""

import typing

from libnmstate.causes import translated


def show(
    *, kernel_only: bool = False, include_status_data: bool = False, include_secrets: bool = False
) -> dict[str, typing.Any]:
    """The network of this host, with all sections; secrets are placeholders unless asked for.

    `include_status_data` changes nothing, as in nmstate 2.

    Raises:
        NmstateError: it can't be read.
    """
    from linkhold import library
    from linkhold.state.as_nmstate import as_nmstate

    with translated():
        return as_nmstate(library.show(details=True, kernel_only=kernel_only), secrets=include_secrets)


def show_running_config(include_secrets: bool = False) -> dict[str, typing.Any]:
    """What was configured on this host, without what it learned (leases, routes of routers, neighbours).

    Raises:
        NmstateError: it can't be read.
    """
    from linkhold import library
    from linkhold.state.as_nmstate import as_nmstate

    with translated():
        state = library.show(details=True, running_config=True)
        return as_nmstate(state, secrets=include_secrets, running_config=True)
