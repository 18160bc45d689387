"""Enrolment: what is pinned is what counts, keys are nobody else's to read, and what fails changes nothing."""

import asyncio
import datetime
import json
import os
import pathlib
import typing

import pytest

from linkhold.agent.enrolment import enrolling, exchange, keys, renewal, validity
from linkhold.agent.enrolment.files import Enrolment, Files, keep, remembered, write
from linkhold.foundation.failures import Failure, Permanent, Refused, Temporary
from linkhold.foundation.logs import Log
from tests.unit.agent.authority import DAY, Authority, Centre, now


@pytest.fixture
def files(tmp_path: pathlib.Path) -> Files:
    folder = tmp_path / "pki"
    return Files(certificate=f"{folder}/agent.crt", key=f"{folder}/agent.key", ca=f"{folder}/ca.crt")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def contents(files: Files) -> dict[str, bytes]:
    folder = pathlib.Path(files.key).parent
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def modes(files: Files) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in pathlib.Path(files.key).parent.iterdir()}


def enrolled(files: Files, authority: Authority, **lifetime: datetime.datetime) -> None:
    request = enrolling.ask(files, "host.example")
    enrolling.take(files, authority.sign(request, **lifetime), authority.pem, authority.fingerprint)


def test_a_request_names_the_host_and_what_it_answers_to() -> None:
    from cryptography import x509

    asked = x509.load_pem_x509_csr(keys.new_request("host.example", ["192.0.2.7", "2001:db8::7", "h"]).request)
    names = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert asked.is_signature_valid
    assert asked.subject.rfc4514_string() == "CN=host.example"
    assert names.get_values_for_type(x509.DNSName) == ["host.example", "h"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.7", "2001:db8::7"]


def test_by_files(files: Files, authority: Authority) -> None:
    request = enrolling.ask(files, "host.example")
    assert modes(files) == {"agent.key.new": 0o600}
    certificate = authority.sign(request)
    spelled = "SHA256:" + ":".join(authority.fingerprint[at : at + 2].upper() for at in range(0, 64, 2))
    enrolling.take(files, certificate, authority.pem, spelled)
    assert contents(files)["agent.crt"] == certificate
    assert modes(files) == {"agent.key": 0o600, "agent.crt": 0o644, "ca.crt": 0o644, "enrolment.json": 0o644}
    assert remembered(files).ca == authority.fingerprint


def test_the_key_is_nobodys_whatever_the_umask(files: Files, authority: Authority) -> None:
    former = os.umask(0)
    try:
        enrolled(files, authority)
    finally:
        os.umask(former)
    assert modes(files)["agent.key"] == 0o600


def test_another_ca_than_the_pinned_one_is_refused(files: Files, authority: Authority) -> None:
    other = Authority()
    request = enrolling.ask(files, "host.example")
    before = contents(files)
    with pytest.raises(Refused, match=other.fingerprint):
        enrolling.take(files, other.sign(request), other.pem, authority.fingerprint)
    assert contents(files) == before


@pytest.mark.parametrize("fault", ["other key", "other CA", "expired", "future", "no PEM"])
def test_what_does_not_fit_changes_nothing(files: Files, authority: Authority, fault: str) -> None:
    enrolled(files, authority)
    request = enrolling.ask(files, "host.example")
    certificate = {
        "other key": lambda: authority.sign(keys.new_request("host.example").request),
        "other CA": lambda: Authority().sign(request),
        "expired": lambda: authority.sign(request, begins=now() - 2 * DAY, ends=now() - DAY),
        "future": lambda: authority.sign(request, begins=now() + DAY),
        "no PEM": lambda: b"nonsense",
    }[fault]()
    before = contents(files)
    with pytest.raises(Permanent):
        enrolling.take(files, certificate, authority.pem, authority.fingerprint)
    assert contents(files) == before


def test_a_certificate_without_a_request_is_refused(files: Files, authority: Authority) -> None:
    with pytest.raises(Permanent, match="no request waits"):
        enrolling.take(files, b"", authority.pem, authority.fingerprint)


def test_a_certificate_that_can_not_be_written_leaves_the_old_pair(
    files: Files, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(files, authority)
    before = contents(files)
    made = keys.new_request("host.example")
    rename = os.rename

    def full(source: str, target: str) -> None:
        if target == files.certificate:
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(Permanent, match="No space left"):
        keep(
            files, certificate=authority.sign(made.request), key=made.key, ca=authority.pem, enrolment=Enrolment(ca="x")
        )
    monkeypatch.undo()
    left = {name: text for name, text in contents(files).items() if name in before}
    assert left == before


def test_what_a_link_in_the_agents_folder_points_to_is_never_written_out_for_it(
    files: Files, authority: Authority, tmp_path: pathlib.Path
) -> None:
    """Root enrols into a folder of the agent's user, who could have put a link to root's secrets where the key is."""
    secret = tmp_path / "secret"
    secret.write_text("of root")
    os.makedirs(files.certificate)  # so that the certificate can't follow
    os.symlink(secret, files.key)
    made = keys.new_request("host.example")
    with pytest.raises(Permanent):
        keep(files, certificate=b"x", key=made.key, ca=authority.pem, enrolment=Enrolment())
    assert os.readlink(files.key) == str(secret)
    assert secret.read_text() == "of root"
    assert sorted(os.listdir(os.path.dirname(files.key))) == sorted(
        map(os.path.basename, (files.certificate, files.key))
    )


def test_with_a_centre(files: Files, authority: Authority, tmp_path: pathlib.Path) -> None:
    centre = Centre(authority, tmp_path)
    with centre.serving() as url:
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
        assert [path for path, _, _ in centre.asked] == ["/engine/linkhold/v1/ca", "/engine/linkhold/v1/enrol"]
        before = contents(files)
        with pytest.raises(Refused, match="token does not count"):
            enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
    assert contents(files) == before
    assert remembered(files) == Enrolment(ca=authority.fingerprint, engine=url, name="host.example")
    keys.check(before["agent.crt"], before["agent.key"], authority.pem)


@pytest.mark.parametrize("before", [False, True])
def test_a_ca_that_comes_along_with_the_pinned_one_is_not_believed(
    files: Files, authority: Authority, tmp_path: pathlib.Path, before: bool
) -> None:
    """The pinned CA's certificate is no secret: whoever sits between could add one of their own to it."""
    between = Authority()
    centre = Centre(authority, tmp_path, own=between)
    centre.shown = between.pem + authority.pem if before else authority.pem + between.pem
    with centre.serving() as url, pytest.raises(Refused):
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
    assert [token for _, token, _ in centre.asked] == [""]
    assert contents(files) == {}


def test_of_what_a_centre_or_people_bring_only_the_pinned_ca_is_kept(
    files: Files, authority: Authority, tmp_path: pathlib.Path
) -> None:
    both = authority.pem + Authority().pem
    centre = Centre(authority, tmp_path)
    centre.shown = both
    with centre.serving() as url:
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
    assert contents(files)["ca.crt"].count(b"BEGIN CERTIFICATE") == 1
    request = enrolling.ask(files, "host.example")
    enrolling.take(files, authority.sign(request), both, authority.fingerprint)
    assert contents(files)["ca.crt"].count(b"BEGIN CERTIFICATE") == 1
    assert keys.certificate(contents(files)["ca.crt"]) == keys.certificate(authority.pem)


def test_the_token_is_not_shown_to_a_centre_of_another_ca(
    files: Files, authority: Authority, tmp_path: pathlib.Path
) -> None:
    other = Centre(Authority(), tmp_path)
    with other.serving() as url, pytest.raises(Refused, match="shows a CA with the fingerprint"):
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
    assert [token for _, token, _ in other.asked] == [""]
    assert contents(files) == {}


def test_the_token_is_not_shown_to_whoever_shows_a_stolen_ca(
    files: Files, authority: Authority, tmp_path: pathlib.Path
) -> None:
    """It knows the right CA, which is public, and has no certificate of it."""
    impostor = Centre(authority, tmp_path, own=Authority("a CA"))
    with impostor.serving() as url, pytest.raises(Refused, match="is not who it should be"):
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
    assert [token for _, token, _ in impostor.asked] == [""]


@pytest.mark.parametrize(
    ("status", "kind"), [(403, Refused), (409, Refused), (500, Temporary), (503, Temporary), (200, Refused)]
)
def test_a_refusal_says_whether_trying_again_helps(
    files: Files, authority: Authority, tmp_path: pathlib.Path, status: int, kind: type[Failure]
) -> None:
    centre = Centre(authority, tmp_path)
    centre.broken = status
    with centre.serving() as url, pytest.raises(kind) as caught:
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
    assert caught.value.answer == "out of order"


def test_nobody_there_is_temporary() -> None:
    with pytest.raises(Temporary, match="can't be reached"):
        exchange.ca_of("https://127.0.0.1:1", "x")


@pytest.mark.parametrize("url", ["http://engine.example", "engine.example", "https://"])
def test_only_https(url: str) -> None:
    with pytest.raises(Permanent, match="https://"):
        exchange.ca_of(url, "x")


class Calendar:
    """A clock whose sleeps take no time."""

    def __init__(self, begin: float, most: int) -> None:
        self.at, self.left, self.slept = begin, most, list[float]()

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept.append(seconds)
        self.left -= 1
        if self.left == 0:
            raise asyncio.CancelledError


async def watched(files: Files, calendar: Calendar) -> tuple[int, list[dict[str, typing.Any]]]:
    lines: list[dict[str, typing.Any]] = []
    reloads: list[None] = []
    log = Log("test", write=lambda line: lines.append(json.loads(line)), journal=False)
    with pytest.raises(asyncio.CancelledError):
        await renewal.forever(files, lambda: reloads.append(None), log, calendar)
    return len(reloads), lines


def test_a_certificate_is_renewed_once_two_thirds_of_its_life_are_over(
    files: Files, authority: Authority, tmp_path: pathlib.Path
) -> None:
    centre = Centre(authority, tmp_path)
    with centre.serving() as url:
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example", ["host", "192.0.2.7"])
        old = contents(files)["agent.crt"]
        begins, ends = validity.life(old)
        third = (ends - begins) / 3
        assert not renewal.renew_if_due(files, begins + 2 * third - DAY)
        assert renewal.renew_if_due(files, begins + 2 * third)
        new = contents(files)
    assert centre.asked[-1] == ("/engine/linkhold/v1/renew", "", "host.example")
    assert new["agent.crt"] != old
    assert keys.names_of(new["agent.crt"]) == ("host.example", "host", "192.0.2.7")
    keys.check(new["agent.crt"], new["agent.key"], authority.pem)


def test_renewal_looks_once_a_day_and_once_an_hour_after_a_failure(
    files: Files, authority: Authority, tmp_path: pathlib.Path
) -> None:
    centre = Centre(authority, tmp_path)
    with centre.serving() as url:
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
        begins, _ = validity.life(contents(files)["agent.crt"])
        calendar = Calendar((begins + 243.5 * DAY).timestamp(), 3)
        centre.broken = 503
        reloads, lines = asyncio.run(watched(files, calendar))
    assert reloads == 0
    assert calendar.slept == [renewal.DAY, renewal.HOUR, renewal.HOUR]
    assert [line["event"] for line in lines] == ["certificate-not-renewed"] * 2


def test_after_a_renewal_the_new_one_is_loaded(files: Files, authority: Authority, tmp_path: pathlib.Path) -> None:
    centre = Centre(authority, tmp_path)
    with centre.serving() as url:
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
        made = keys.new_request("host.example")
        old = authority.sign(made.request, begins=now() - 20 * DAY, ends=now() + 5 * DAY)
        keep(files, certificate=old, key=made.key, ca=authority.pem, enrolment=remembered(files))
        reloads, lines = asyncio.run(watched(files, Calendar(now().timestamp(), 2)))
    assert reloads == 1
    assert [line["event"] for line in lines] == ["certificate-renewed"]


def test_a_certificate_that_ends_and_nobody_renews_is_told(files: Files, authority: Authority) -> None:
    enrolled(files, authority, begins=now() - 30 * DAY, ends=now() + 3 * DAY)
    reloads, lines = asyncio.run(watched(files, Calendar(now().timestamp(), 2)))
    assert reloads == 0
    assert [(line["event"], line["level"]) for line in lines] == [("certificate-ends", "warning")] * 2


def test_a_centre_that_changes_its_ca_is_not_followed(
    files: Files, authority: Authority, tmp_path: pathlib.Path
) -> None:
    centre = Centre(authority, tmp_path)
    with centre.serving() as url:
        enrolling.by_centre(files, url, "once", authority.fingerprint, "host.example")
        before = contents(files)
        centre.shown = Authority().pem
        with pytest.raises(Refused, match="another CA"):
            renewal.renew_if_due(files, now() + 300 * DAY)
    assert contents(files) == before


def test_a_file_in_the_present_folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("host.csr", b"x", 0o644)
    assert os.listdir() == ["host.csr"]
