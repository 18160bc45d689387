"""Rules about the classes of what interfaces send."""

from linkhold.foundation.record import UNSET
from linkhold.planning.checks.context import Context
from linkhold.state.interfaces.qos import Qos


def schedulers_of_others_stay(context: Context) -> None:
    """Where somebody else has set a scheduler up, none of ours can be: there is one root on each interface."""
    for said in context.wanted():
        now = context.current.get(said.key)
        if now is None or not isinstance(said.qos, Qos) or not isinstance(now.qos, Qos):
            continue
        if said.qos.classes not in (UNSET, ()) and isinstance(now.qos.foreign, str):
            message = f"{said.name} has a scheduler that somebody else has set up ({now.qos.foreign})"
            hint = f"if nobody needs it any more, take it away first: tc qdisc del dev {said.name} root"
            context.error("foreign-scheduler", said.name, "qos.classes", message, hint=hint)
