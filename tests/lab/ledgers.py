"""What ran where: reading the ledgers of a run's places and judging them together."""

import collections
import collections.abc
import dataclasses
import fnmatch
import json
import pathlib
import re

PLACES = ("checks", "no place", "namespace", "lab")
OUTCOMES = ("passed", "failed", "deferred", "skipped")


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One test in one place."""

    node: str
    place: str
    outcome: str
    detail: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """A whole run."""

    counts: collections.abc.Mapping[tuple[str, str], int]
    """How many in (place, outcome)."""
    failed: tuple[Line, ...]
    nowhere: tuple[Line, ...]
    """Ran in no place, and nowhere.txt does not say why."""
    excused: tuple[tuple[Line, str], ...]
    """Ran in no place; with the reason."""
    unneeded: tuple[str, ...]
    """Patterns of nowhere.txt that match nothing."""

    @property
    def passed_count(self) -> int:
        """All passes in all places."""
        return sum(count for (_, outcome), count in self.counts.items() if outcome == "passed")

    @property
    def failed_count(self) -> int:
        """All failures in all places, and what ran nowhere without a reason."""
        return len(self.failed) + len(self.nowhere)


def read(path: pathlib.Path) -> list[Line]:
    """The lines of one ledger; none when its place never began."""
    if not path.exists():
        return []
    return [Line(**json.loads(text)) for text in path.read_text().splitlines()]


def read_excuses(path: pathlib.Path) -> dict[str, str]:
    """Pattern → reason of nowhere.txt. ValueError for a line without a reason."""
    excuses = {}
    for text in path.read_text().splitlines():
        if not text.strip() or text.startswith("#"):
            continue
        parts = re.split(r"\s{2,}", text.strip(), maxsplit=1)
        if len(parts) != 2:
            raise ValueError(f"{path.name}: no reason behind {text!r}")
        excuses[parts[0]] = parts[1]
    return excuses


def judge(lines: collections.abc.Iterable[Line], excuses: collections.abc.Mapping[str, str]) -> Verdict:
    """Put the places together: what failed anywhere, what ran nowhere."""
    lines = list(lines)
    ran = {line.node for line in lines if line.outcome in ("passed", "failed")}
    idle = {line.node: line for line in lines if line.node not in ran}
    nowhere, excused, used = [], [], set()
    for node, line in idle.items():
        pattern = next((pattern for pattern in excuses if matches(node, pattern)), None)
        if pattern is None:
            nowhere.append(line)
        else:
            used.add(pattern)
            excused.append((line, excuses[pattern]))
    return Verdict(
        counts=collections.Counter((line.place, line.outcome) for line in lines),
        failed=tuple(line for line in lines if line.outcome == "failed"),
        nowhere=tuple(nowhere),
        excused=tuple(excused),
        unneeded=tuple(pattern for pattern in excuses if pattern not in used),
    )


def matches(node: str, pattern: str) -> bool:
    """Does the node id match? Brackets are meant literally, for they name a parameter."""
    return fnmatch.fnmatchcase(node, pattern.replace("[", "[[]"))


def table(verdict: Verdict) -> str:
    """How many ran where."""
    seen = {place for place, _ in verdict.counts}
    places = [*PLACES, *sorted(seen.difference(PLACES))]
    rows: list[tuple[str, ...]] = [("place", *OUTCOMES)]
    for place in places:
        rows.append((place, *(str(verdict.counts.get((place, outcome), 0)) for outcome in OUTCOMES)))
    return "\n".join("".join([f"  {row[0]:<12}", *(f"{cell:>10}" for cell in row[1:])]) for row in rows)


def report(verdict: Verdict) -> str:
    """The table, what is wrong, and the plain closing line."""
    parts = ["", table(verdict), ""]
    for line, reason in verdict.excused:
        parts.append(f"ran nowhere: {line.node} ({reason})")
    for line in verdict.nowhere:
        parts.append(
            f"RAN NOWHERE, and tests/lab/nowhere.txt does not say why: {line.node} ({line.outcome}: {line.detail})"
        )
    for pattern in verdict.unneeded:
        parts.append(f"tests/lab/nowhere.txt excuses what needs no excuse: {pattern}")
    for line in verdict.failed:
        parts.append(f"FAILED in {line.place}: {line.node}")
    parts.append(f"{verdict.passed_count} passed, {verdict.failed_count} failed")
    return "\n".join(parts)
