"""One script: what it is given, and what becomes of those that go wrong."""

import pathlib

import pytest

from linkhold.foundation.failures import Refused
from linkhold.planning.change import Change
from linkhold.providers.dispatch.folder import Folder
from linkhold.providers.dispatch.running import environment, run
from linkhold.state.document import parse

(ETH1,) = parse("""\
interfaces:
- name: eth1
  type: ethernet
  state: up
  profile-name: uplink
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}, {ip: 192.0.2.2, prefix-length: 25}]}
  ipv6: {enabled: false}
""").interfaces
CHANGE = Change(action="~", subject="interface", name="eth1", before=ETH1, after=ETH1)


def script(folder: pathlib.Path, text: str) -> str:
    path = folder / "script"
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def test_it_is_given_what_the_dispatcher_of_networkmanager_gives() -> None:
    given = environment(ETH1, "up")
    assert {name: value for name, value in given.items() if name not in ("PATH", "LC_ALL")} == {
        "DEVICE_IFACE": "eth1",
        "DEVICE_IP_IFACE": "eth1",
        "CONNECTION_ID": "uplink",
        "NM_DISPATCHER_ACTION": "up",
        "IP4_NUM_ADDRESSES": "2",
        "IP4_ADDRESS_0": "192.0.2.1/24",
        "IP4_ADDRESS_1": "192.0.2.2/25",
        "IP6_NUM_ADDRESSES": "0",
    }


def test_bash_runs_it(tmp_path: pathlib.Path) -> None:
    path = script(tmp_path, f'[[ $1 == eth1 ]] && pwd >{tmp_path}/out && echo "$2" >>{tmp_path}/out')
    run(path, "post-deactivation", CHANGE, ETH1)
    assert (tmp_path / "out").read_text() == "/\ndown\n"


def test_one_that_takes_too_long(tmp_path: pathlib.Path) -> None:
    path = script(tmp_path, "echo begun; sleep 60; echo never")
    with pytest.raises(Refused, match=r"post-activation script of eth1 did not end within 0\.3 seconds") as caught:
        run(path, "post-activation", CHANGE, ETH1, patience=0.3)
    assert caught.value.change == CHANGE
    assert caught.value.answer == "begun"


@pytest.mark.parametrize(
    ("text", "words"),
    [("exit 7", "failed with exit code 7"), ("kill -KILL $$", "was ended by SIGKILL"), ("if", "exit code 2")],
)
def test_one_that_fails(tmp_path: pathlib.Path, text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        run(script(tmp_path, text), "post-activation", CHANGE, ETH1)


@pytest.mark.parametrize("text", ["echo a\n", "a\r\nb", "ä €", "x" * 100_000, "\n\n"])
def test_scripts_are_kept_to_the_letter(tmp_path: pathlib.Path, text: str) -> None:
    folder = Folder(str(tmp_path))
    folder.settle("eth1", "post-activation", text)
    assert folder.text("eth1", "post-activation") == text
    assert pathlib.Path(folder.script("eth1", "post-activation")).stat().st_mode & 0o777 == 0o600
    assert folder.interfaces() == ["eth1"]
    folder.settle("eth1", "post-activation", "")
    assert (folder.text("eth1", "post-activation"), folder.interfaces()) == ("", [])
