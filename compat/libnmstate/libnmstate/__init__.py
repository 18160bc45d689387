"""The library interface of nmstate 2.2 over Linkhold.

Programs written for nmstate import this module and run unchanged; the functions are plain attributes, which they may
replace. What differs is told in docs/howto/move-from-nmstate.md of Linkhold.
"""

from libnmstate import error as error
from libnmstate import schema as schema
from libnmstate.error import NmstateError
from libnmstate.gen_conf import generate_configurations
from libnmstate.gen_diff import generate_differences
from libnmstate.netapplier import apply, commit, rollback
from libnmstate.netinfo import show, show_running_config
from libnmstate.nmpolicy import gen_net_state_from_policy
from libnmstate.prettystate import PrettyState

__version__ = "2.2.38"
"""The release of nmstate whose behaviour this follows: programs compare it to decide what they may ask for."""

BASE_ON_RUST = True
"""How programs tell the behaviour of nmstate 2 from that of 1; no Rust is involved here."""

__all__ = [
    "NmstateError",
    "PrettyState",
    "apply",
    "commit",
    "gen_net_state_from_policy",
    "generate_configurations",
    "generate_differences",
    "rollback",
    "show",
    "show_running_config",
]
