"""Scripts of interfaces, run by the real command."""

import pathlib

import pytest

from tests.kernel.command_line import CommandLine, wait_until
from tests.lab import namespaces

UP, DOWN = 'echo "$1 $2 $IP4_ADDRESS_0" >>{log}', 'echo "$1 $2 $NM_DISPATCHER_ACTION" >>{log}'


class Host:
    """The command, and what scripts wrote."""

    def __init__(self, folder: pathlib.Path, netns: namespaces.Namespace) -> None:
        self.linkhold, self.netns, self.log = CommandLine(folder), netns, folder / "log"
        self.linkhold.environment["LINKHOLD_PROVIDER"] = "auto"  # the kernel, with what completes it

    def document(self, up: str = UP, down: str = DOWN, state: str = "up", name: str = "br0", more: str = "") -> str:
        up, down = (script.format(log=self.log) for script in (up, down))
        return f"""\
interfaces:
- name: {name}
  type: linux-bridge
  state: {state}
  ipv4: {{enabled: true, address: [{{ip: 192.0.2.1, prefix-length: 24}}]}}
  dispatch:
    post-activation: |
      {up or "''"}
    post-deactivation: |
      {down or "''"}
  {more}
"""

    def apply(self, text: str, *words: str, code: int = 0) -> str:
        done = self.linkhold("apply", "-", *words, text=text)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def told(self) -> list[str]:
        found = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return found

    def shown(self, name: str = "br0") -> dict[str, str]:
        return self.linkhold.json("show", name)["interfaces"][0].get("dispatch", {})

    def unchanged(self, text: str) -> bool:
        return self.linkhold("plan", "-", "--exit-code", text=text).returncode == 0


@pytest.fixture
def host(netns: namespaces.Namespace, tmp_path: pathlib.Path) -> Host:
    return Host(tmp_path, netns)


def test_up_and_down(host: Host) -> None:
    document = host.document()
    host.apply(document)
    assert host.told() == ["br0 up 192.0.2.1/24"]
    assert host.shown() == {
        "post-activation": UP.format(log=host.log) + "\n",
        "post-deactivation": DOWN.format(log=host.log) + "\n",
    }
    assert host.unchanged(document)
    host.apply("interfaces: [{name: br0, type: linux-bridge, state: down}]")
    assert host.told() == ["br0 down down"]
    host.apply("interfaces: [{name: br0, type: linux-bridge, state: up}]")
    assert host.told() == ["br0 up 192.0.2.1/24"]
    host.apply("interfaces: [{name: br0, state: absent}]")
    assert host.told() == ["br0 down down"]
    assert not list((host.linkhold.folder / "root/run/linkhold/dispatch").glob("*/*"))


def test_addresses_are_there_when_it_runs(host: Host) -> None:
    host.apply(host.document(up="ip -o -4 address show dev $1 | grep -o '192[0-9./]*' | head -n1 >>{log}"))
    assert host.told() == ["192.0.2.1/24"]


def test_a_new_script_on_an_interface_that_is_up_is_run_once(host: Host) -> None:
    host.apply(host.document())
    host.told()
    host.apply(host.document(up="echo other >>{log}"))
    assert host.told() == ["other"]
    host.apply(host.document(up="echo other >>{log}", more="mtu: 1400"))
    assert host.told() == []


def test_an_empty_text_takes_a_script_away(host: Host) -> None:
    host.apply(host.document())
    text = "interfaces: [{name: br0, dispatch: {post-activation: '', post-deactivation: ''}}]"
    host.apply(text)
    assert host.shown() == {}
    assert host.unchanged(text)
    host.told()
    host.apply("interfaces: [{name: br0, state: absent}]")
    assert host.told() == []


def test_a_script_that_fails_takes_the_change_back(host: Host) -> None:
    said = host.apply(host.document(up="echo it was me; exit 3"), code=1)
    assert "the post-activation script of br0 failed with exit code 3" in said
    assert "it was me" in said
    assert [one["ifname"] for one in host.netns.ip_json("link")] == ["lo"]
    assert host.told() == ["br0 down down"]  # what it may have begun has had its end
    assert not list((host.linkhold.folder / "root/run/linkhold/dispatch").glob("*/*"))


def test_the_former_script_is_back_and_has_run(host: Host) -> None:
    host.apply(host.document())
    host.told()
    host.apply(host.document(up="exit 1"), code=1)
    assert host.told() == ["br0 up 192.0.2.1/24"]
    assert host.unchanged(host.document())


def test_a_script_after_going_down_has_no_say(host: Host) -> None:
    host.apply(host.document(down="echo tried >>{log}; exit 1"))
    host.told()
    host.apply("interfaces: [{name: br0, state: absent}]")
    assert host.told() == ["tried"]
    assert [one["ifname"] for one in host.netns.ip_json("link")] == ["lo"]


def test_what_was_not_confirmed_is_taken_back_with_its_scripts(host: Host) -> None:
    host.apply(host.document(), "--no-commit")
    assert host.shown()
    assert host.linkhold("rollback").returncode == 0
    assert host.told() == ["br0 up 192.0.2.1/24", "br0 down down"]


def test_restoring_runs_them_again(host: Host) -> None:
    host.apply(host.document())
    host.told()
    host.netns.ip("link", "del", "br0")
    for path in (host.linkhold.folder / "root/run/linkhold/dispatch").glob("*/*/*"):
        path.unlink()  # as a boot would
    assert host.linkhold("restore").returncode == 0
    assert host.told() == ["br0 up 192.0.2.1/24"]
    assert host.unchanged(host.document())


def test_what_a_script_leaves_running_is_ended(host: Host) -> None:
    host.apply(host.document(up="sleep 1000 & echo $! >>{log}"))
    (process,) = host.told()
    stat = pathlib.Path(f"/proc/{process}/stat")
    wait_until(lambda: not stat.exists() or ") Z " in stat.read_text(), "it is gone")
