"""What the agent counts, and its text in the exposition format of Prometheus (version 0.0.4)."""

import bisect
import typing

BOUNDS: typing.Final = (0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0)
"""Upper bounds of the buckets of durations, in seconds."""

CONTENT_TYPE: typing.Final = "text/plain; version=0.0.4; charset=utf-8"

HEADS: typing.Final = {
    "linkhold_request_seconds": ("histogram", "How long requests took, by verb."),
    "linkhold_requests_total": ("counter", "Requests by verb and outcome (ok, or the code of the error)."),
    "linkhold_transactions_total": ("counter", "Transactions by outcome, since the agent began."),
    "linkhold_drift": ("gauge", "Whether the host differs from what it was given (1) or not (0)."),
    "linkhold_drift_differences": ("gauge", "In how many changes it differs."),
    "linkhold_interface_up": ("gauge", "Whether an interface carries (1) or not (0)."),
    "linkhold_snapshot_generation": ("gauge", "How often the host was seen to change."),
    "linkhold_connections": ("gauge", "Open connections of the centre's clients."),
    "linkhold_certificate_ends_seconds": ("gauge", "When the host's certificate ends, seconds since the epoch."),
    "linkhold_unsaved": ("gauge", "Whether a reboot would lose configuration (1) or not (0)."),
}
"""Name → type and meaning."""


class Histogram:
    """Counts of durations by bucket."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.counts[bisect.bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Metrics:
    """All that is counted. Labels that come from outside are those of known verbs only, so there are few of them."""

    def __init__(self) -> None:
        self._durations: dict[str, Histogram] = {}
        self._counters: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
        self._gauges: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        self._read: list[typing.Callable[[], None]] = []

    def before_reading(self, refresh: typing.Callable[[], None]) -> None:
        """Call this each time before the text is made."""
        self._read.append(refresh)

    def called(self, verb: str, outcome: int | str, seconds: float) -> None:
        """A request was answered."""
        self._durations.setdefault(verb, Histogram()).add(seconds)
        self._count("linkhold_requests_total", verb=verb, outcome=str(outcome))

    def ended(self, outcome: str) -> None:
        """A transaction came to its end."""
        self._count("linkhold_transactions_total", outcome=outcome)

    def set(self, name: str, value: float, **labels: str) -> None:
        """What is so now."""
        self._gauges[name, tuple(sorted(labels.items()))] = value

    def clear(self, name: str) -> None:
        """Nothing is known of this any more, under any label."""
        self._gauges = {key: value for key, value in self._gauges.items() if key[0] != name}

    def _count(self, name: str, **labels: str) -> None:
        key = name, tuple(sorted(labels.items()))
        self._counters[key] = self._counters.get(key, 0) + 1

    def text(self) -> str:
        """All of it, in the exposition format."""
        for refresh in self._read:
            refresh()
        lines: list[str] = []
        for name, (kind, help_) in HEADS.items():
            found = self._lines(name)
            if found:
                lines += [f"# HELP {name} {help_}", f"# TYPE {name} {kind}", *found]
        return "\n".join(lines) + "\n"

    def _lines(self, name: str) -> list[str]:
        if name == "linkhold_request_seconds":
            return [line for verb, one in sorted(self._durations.items()) for line in _histogram(name, verb, one)]
        both: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {**self._counters, **self._gauges}
        return [
            f"{name}{_labels(labels)} {_number(value)}"
            for (known, labels), value in sorted(both.items())
            if known == name
        ]


def _histogram(name: str, verb: str, one: Histogram) -> typing.Iterator[str]:
    so_far = 0
    for bound, count in zip((*map(_number, BOUNDS), "+Inf"), one.counts, strict=True):
        so_far += count
        yield f"{name}_bucket{_labels((('le', bound), ('verb', verb)))} {so_far}"
    yield f"{name}_sum{_labels((('verb', verb),))} {_number(round(one.total, 6))}"
    yield f"{name}_count{_labels((('verb', verb),))} {so_far}"


def _labels(labels: typing.Sequence[tuple[str, str]]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
