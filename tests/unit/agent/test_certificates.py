"""The server's certificates: waited for, replaced while it runs, and never by something that does not fit."""

import asyncio
import json
import os
import pathlib
import shutil
import ssl
import typing

import pytest

from linkhold.agent.certificates import Certificates
from linkhold.agent.enrolment import keys
from linkhold.foundation.logs import Log
from linkhold.wire.tls import Files
from tests.unit.agent.authority import Authority


class Folder:
    """The files, and what was said of them."""

    def __init__(self, path: pathlib.Path) -> None:
        self.files = Files(f"{path}/ca", f"{path}/crt", f"{path}/key")
        self.lines: list[dict[str, typing.Any]] = []
        self.used: list[ssl.SSLContext] = []
        log = Log("test", write=lambda line: self.lines.append(json.loads(line)), journal=False)
        self.certificates = Certificates(self.files, log, self)
        self.certificates.use = self.used.append
        self.slept = 0
        self.authority = Authority()

    def now(self) -> float:
        return 0.0

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept += 1
        if self.slept == 3:
            self.enrol()

    def enrol(self) -> None:
        made = keys.new_request("host")
        for path, text in zip(
            self.files, (self.authority.pem, self.authority.sign(made.request), made.key), strict=True
        ):
            pathlib.Path(f"{path}.new").write_bytes(text)
            os.rename(f"{path}.new", path)

    def events(self) -> list[str]:
        return [line["event"] for line in self.lines]


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> Folder:
    return Folder(tmp_path)


def test_a_host_that_is_not_enrolled_waits_and_says_so_once(folder: Folder) -> None:
    assert isinstance(asyncio.run(folder.certificates.first()), ssl.SSLContext)
    assert (folder.slept, folder.events()) == (3, ["not-enrolled"])


def test_who_waits_can_be_told_to_look(folder: Folder) -> None:
    async def told() -> int:
        waiting = asyncio.Event()
        folder.sleep = lambda _: waiting.wait()  # type: ignore[method-assign,assignment,return-value]
        first = asyncio.ensure_future(folder.certificates.first())
        await asyncio.sleep(0)
        folder.enrol()
        folder.certificates.look()
        async with asyncio.timeout(10):
            await first
        return folder.slept

    assert asyncio.run(told()) == 0


def test_new_files_are_used_and_the_same_ones_are_not_loaded_again(folder: Folder) -> None:
    folder.enrol()
    asyncio.run(folder.certificates.first())
    assert folder.certificates.reload()
    assert folder.used == []
    folder.enrol()
    assert folder.certificates.reload()
    assert (len(folder.used), folder.events()) == (1, ["certificate-loaded"])


def test_what_does_not_fit_is_not_used(folder: Folder, tmp_path: pathlib.Path) -> None:
    folder.enrol()
    asyncio.run(folder.certificates.first())
    shutil.copy(folder.files.authority, folder.files.certificate)
    assert not folder.certificates.reload()
    assert (folder.used, folder.events()) == ([], ["certificate-not-usable"])
    folder.enrol()
    assert folder.certificates.reload()
    assert len(folder.used) == 1
