"""Policies: documents with captures of the present state."""

import typing

from libnmstate.causes import translated
from libnmstate.documents import plain


def gen_net_state_from_policy(policy: dict[str, typing.Any], cur_state: dict[str, typing.Any]) -> dict[str, typing.Any]:
    """The state that a policy asks for on a host like `cur_state`.

    Raises:
        NmstateError: an expression can't be followed, or nothing is there to capture.
        NmstateValueError: the policy, or what comes out of it, is no state.
    """
    from linkhold.policy.document import read_policy
    from linkhold.policy.evaluate import evaluate
    from linkhold.state.document import read, to_plain

    wanted, current = plain(policy), plain(cur_state)
    with translated():
        return to_plain(evaluate(read_policy(wanted), read(current)).state, secrets=True)
