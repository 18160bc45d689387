"""The support bundle: one tar.gz with what there is to know of a host's network and of how it came to be so.

- ``about.json``: when, which host, versions of all that plays a part
- ``executor/*.json``: the host's state, facts, running and safe configuration, what drifted, neighbours
- ``history.json``: all transactions with their plans (where root asks)
- ``logs/*.log``: the journal of our units, the last seven days; ``units/*``: the units as systemd has them
- ``settings/*``: what stands below ``/etc/linkhold``
- ``missing.txt``: what could not be had, and why

Secrets are taken out (`scrubbing`); keys are not looked into but to take them out of everything else.
"""

import io
import json
import os
import tarfile
import time
import typing

from linkhold.agent.enrolment.files import files_of
from linkhold.agent.machine import identity
from linkhold.agent.support.asking import Unanswered, ask_all, output
from linkhold.agent.support.scrubbing import Scrubber

if typing.TYPE_CHECKING:
    from linkhold.agent.settings import Settings

VERBS: typing.Final = ("hello", "snapshot", "show", "history", "drift", "neighbours")
UNITS: typing.Final = (
    "linkhold-agent",
    "linkhold-executor",
    "linkhold-networks-restore",
    "linkhold-restore",
    "linkhold-boot-guard",
)
TOOLS: typing.Final = (
    ("systemd", "systemctl", "--version"),
    ("NetworkManager", "NetworkManager", "--version"),
    ("Open vSwitch", "ovs-vswitchd", "--version"),
    ("dhcpcd", "dhcpcd", "--version"),
    ("iproute2", "ip", "-V"),
)
LONGEST: typing.Final = 32 * 1024 * 1024
"""Bytes of one file; of longer ones the end is kept, which is the latest."""

Content = str | bytes | Unanswered


class Bundle:
    """Collects, then writes. What is `learn`ed as secret is taken out of everything that is written."""

    def __init__(self) -> None:
        self.files: dict[str, typing.Any] = {}
        self.missing: list[str] = []
        self.scrubber = Scrubber()

    def add(self, name: str, content: typing.Any) -> None:
        """A text, or plain data for a file of JSON."""
        if isinstance(content, Unanswered):
            self.missing.append(f"{name}: {content.reason}")
            return
        if not isinstance(content, str):
            self.scrubber.learn(content)
        self.files[name] = content

    def write(self, path: str) -> None:
        """Write all of it, for nobody's eyes but ours.

        Raises:
            OSError: the disk does not take it; a file of that name is there already.
        """
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            top = os.path.basename(path).removesuffix(".tar.gz")
            for name, text in self._texts():
                content = text.encode("utf-8", "replace")[-LONGEST:]
                entry = tarfile.TarInfo(f"{top}/{name}")
                entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
                archive.addfile(entry, io.BytesIO(content))

    def _texts(self) -> typing.Iterator[tuple[str, str]]:
        for name, content in sorted(self.files.items()):
            if isinstance(content, str):
                yield name, self.scrubber.text(content)
            else:
                yield name, json.dumps(self.scrubber.plain(content), indent=1, ensure_ascii=False) + "\n"
        yield "missing.txt", self.scrubber.text("".join(f"{line}\n" for line in self.missing))


def collect(settings: "Settings", *, etc: str = "/etc/linkhold") -> Bundle:
    """All of it."""
    bundle = Bundle()
    _learn_keys(bundle, settings)
    bundle.add("about.json", about())
    for verb, answer in ask_all(settings.executor, VERBS).items():
        bundle.add(f"executor/{verb}.json", answer)
    for unit in UNITS:
        bundle.add(f"logs/{unit}.log", output("journalctl", "-u", unit, "-S", "-7d", "-o", "short-iso-precise", "-q"))
        bundle.add(f"units/{unit}.txt", output("systemctl", "--no-pager", "-l", "status", unit))
        bundle.add(f"units/{unit}.unit", output("systemctl", "--no-pager", "cat", unit))
    _add_settings(bundle, etc)
    return bundle


def about() -> dict[str, typing.Any]:
    """When, which host, and versions."""
    return {
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "host": identity.host_name(),
        "uuid": identity.host_uuid(),
        "operating-system": identity.operating_system(),
        "packages": identity.packages(),
        "tools": {name: _first_line(output(*command)) for name, *command in TOOLS},
    }


def _first_line(said: str | Unanswered) -> str:
    if isinstance(said, Unanswered):
        return "not there"
    return said.strip().partition("\n")[0]


def _learn_keys(bundle: Bundle, settings: "Settings") -> None:
    for path in (settings.key, files_of(settings).waiting_key):
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                bundle.scrubber.learn_text("\n".join(line for line in file if "-----" not in line))
        except OSError:
            continue  # nothing to take out


def _add_settings(bundle: Bundle, etc: str) -> None:
    """Files of our folder; scripts are named and not copied, since nobody knows what is in them."""
    for folder, folders, names in os.walk(etc):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            place = f"settings/{os.path.relpath(path, etc)}"
            if os.access(path, os.X_OK) or not name.endswith((".toml", ".yml", ".yaml", ".json", ".conf")):
                bundle.add(f"{place}.name", f"{path} ({os.stat(path).st_size} bytes)\n")
                continue
            bundle.add(place, _read(bundle, path))


def _read(bundle: Bundle, path: str) -> Content:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(LONGEST)
    except OSError as error:
        return Unanswered(str(error))
    if path.endswith((".yml", ".yaml", ".json", ".toml")):
        _learn_document(bundle, text, path)
    return text


def _learn_document(bundle: Bundle, text: str, path: str) -> None:
    """Which values in a document are secret; one that can't be read is scrubbed by the forms of secrets alone."""
    import tomllib

    import yaml

    try:
        plain = tomllib.loads(text) if path.endswith(".toml") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError):
        return
    bundle.scrubber.learn(plain)
