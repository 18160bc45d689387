"""The database while no server runs: the file that ovsdb-server will read when it starts, by ovsdb-tool(1).

Only for getting back: at boot the guard comes before Open vSwitch does.
"""

import json
import os
import typing

from linkhold.providers.ovsdb.connection import DATABASE, LIMIT_S, Lost, refusal_in
from linkhold.providers.ovsdb.notation import Row

_PLACES: typing.Final = ("/etc/openvswitch/conf.db", "/var/lib/openvswitch/conf.db")


def file_path() -> str:
    """The database's file, '' where there is none (``OVS_DBDIR`` as for Open vSwitch's own tools)."""
    folder = os.environ.get("OVS_DBDIR")
    places = (os.path.join(folder, "conf.db"),) if folder else _PLACES
    return next((one for one in places if os.path.exists(one)), "")


class File:
    """Carries out transactions in the file. Nobody else may have it open: ovsdb-tool(1) locks it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def transact(self, operations: list[Row], limit: float = LIMIT_S) -> list[typing.Any]:
        """See `Database.transact`."""
        results = json.loads(self._run("transact", self.path, json.dumps([DATABASE, *operations]), limit=limit))
        refusal = refusal_in(results, len(operations))
        if refusal is not None:
            raise refusal
        return list(results)

    def _run(self, *words: str, limit: float) -> str:
        import subprocess

        try:
            done = subprocess.run(["ovsdb-tool", *words], capture_output=True, text=True, check=False, timeout=limit)
        except FileNotFoundError as missing:
            raise Lost("no ovsdb-server runs, and there is no ovsdb-tool to reach its database with") from missing
        except subprocess.TimeoutExpired as late:
            raise Lost("no ovsdb-server runs, and ovsdb-tool did not answer") from late
        if done.returncode:
            raise Lost(f"no ovsdb-server runs, and {self.path} can't be used", answer=done.stderr.strip())
        return done.stdout
