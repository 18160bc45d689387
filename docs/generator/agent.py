"""docs/reference/agent.md and agent.openrpc.json: the agent's verbs, errors, settings and metrics, from its tables."""

import json
import typing

from generator.markdown import NOTICE, code, table
from linkhold.agent import events, metrics, openrpc
from linkhold.agent.hooks.folders import POINTS
from linkhold.agent.settings import Settings
from linkhold.agent.table import Verb
from linkhold.agent.verbs import ALL

INTRODUCTION: typing.Final = """\
# The agent's verbs

What a host answers to its centre: JSON-RPC 2.0 over STOMP 1.2 over mutual TLS, TCP port 54321. Send to
`jms.topic.vdsm_requests`, listen on the destination named by `reply-to`, and on `jms.queue.events` for events.
Parameters go by name or by position. Verbs that begin with `Host.` are vdsm's and answer in its shapes; they ignore
parameters that they do not know, as vdsm does. Verbs that begin with `Linkhold.` are ours, and refuse what is not in
their schema. `linkhold agent call HOST VERB` calls them from a shell; `rpc.discover` gives [the same description for
programs](agent.openrpc.json) (OpenRPC)."""

DATA: typing.Final = """\
An error is `{"code": …, "message": …, "data": {…}}`. The message of a refused request is that of its first mistake;
`data.diagnostics` lists all of them, each with `path`, `message`, `expected` and `hint`. Where the world failed,
`data` tells `transaction`, `outcome`, `reason`, `answer` (the kernel's own words), `mismatches`, and `sentence`: how
the host is now."""

EVENTS: typing.Final = """\
On `jms.queue.events`, as notifications: no `id`, no answer. `notify_time` is in milliseconds of the host's
CLOCK_MONOTONIC."""


METRICS: typing.Final = """\
`http://127.0.0.1:9547/metrics` with `metrics = "127.0.0.1:9547"`; off by default, and only ever on the loopback
interface."""


def page() -> str:
    """The page."""
    return "\n\n".join(
        [
            NOTICE,
            INTRODUCTION,
            table(("verb", "what it does"), ((f"[{code(one.name)}](#{_anchor(one)})", one.summary) for one in ALL)),
            *(_verb(one) for one in ALL),
            "## Errors",
            DATA,
            table(("code", "meaning"), ((code(str(number)), text) for number, text in openrpc.MEANINGS.items())),
            "## Events",
            EVENTS,
            table(("method", "when", "params"), _events()),
            "## Settings",
            "Section `[agent]` of `/etc/linkhold/linkhold.toml`; every key may be left out.",
            table(
                ("key", "default"),
                ((code(name), code(_toml(getattr(Settings, name)))) for name in Settings.field_names()),
            ),
            "## Points at which scripts run",
            ", ".join(map(code, POINTS)) + ". [How to run scripts around changes](../howto/run-the-agent.md#scripts).",
            "## Metrics",
            METRICS,
            table(("name", "type", "what"), ((code(name), kind, text) for name, (kind, text) in metrics.HEADS.items())),
        ]
    )


def description() -> str:
    """The OpenRPC document."""
    return json.dumps(openrpc.document(ALL), indent=2)


def _verb(verb: Verb) -> str:
    parts = [f"### {verb.name}", f"{verb.summary}."]
    if verb.params:
        rows = (
            (code(one.name), _kind(one.schema), "yes" if one.needed else "", _default(one.default), one.summary)
            for one in verb.params
        )
        parts.append(table(("parameter", "type", "needed", "default", "what"), rows))
    parts.append(f"Result: {_kind(verb.result)} ({code(verb.result_name)}).")
    if verb.errors:
        parts.append("Errors: " + ", ".join(f"{code(str(one))}" for one in verb.errors) + ".")
    return "\n\n".join(parts)


def _anchor(verb: Verb) -> str:
    return verb.name.lower().replace(".", "")


def _kind(schema: dict[str, typing.Any]) -> str:
    kinds = schema.get("type", "anything")
    words = kinds if isinstance(kinds, str) else " or ".join(kinds)
    said = schema.get("description", "")
    return f"{words}: {said}" if said else words


def _default(value: typing.Any) -> str:
    return "" if value is None else code(json.dumps(value))


def _toml(value: typing.Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def _events() -> typing.Iterator[tuple[str, str, str]]:
    what = ", ".join(sorted(events.TOLD))
    yield (
        code(events.HOST_CONNECTION),
        f"one of these changed of an interface that belongs to a network or bond of the host: {what}. "
        "Never while a change runs; once, when it is over",
        "`notify_time`",
    )
    yield (
        code(events.DRIFT),
        "the host differs from what it was given, or does no longer",
        "`drifted`, `changes` (a line each), `notify_time`",
    )
    yield (
        code("|linkhold|transaction|NAME"),
        "a transaction waits for being confirmed, or ended",
        "`transaction`, `phase`, `outcome`, `notify_time`",
    )
