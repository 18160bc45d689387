"""What the agent's verbs work with: one value with everything in it, made by `service.py` and by tests."""

import typing

from linkhold.foundation.record import Record

if typing.TYPE_CHECKING:
    from linkhold.agent.hooks.points import Hooks
    from linkhold.agent.link import Executor
    from linkhold.agent.metrics import Metrics
    from linkhold.agent.reports import Reports
    from linkhold.agent.settings import Settings
    from linkhold.agent.snapshots import Snapshots
    from linkhold.agent.writing import Writing
    from linkhold.foundation.clock import Clock
    from linkhold.foundation.logs import Log


class Host(Record):
    """This host, as far as the agent reaches.

    `machine` gives what capabilities tell beside the network, `load` what statistics do.
    """

    settings: "Settings"
    executor: "Executor"
    snapshots: "Snapshots"
    hooks: "Hooks"
    writing: "Writing"
    metrics: "Metrics"
    reports: "Reports"
    log: "Log"
    clock: "Clock"
    machine: typing.Callable[[], dict[str, typing.Any]]
    load: typing.Callable[[], dict[str, typing.Any]]
