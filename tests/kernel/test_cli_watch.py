"""`linkhold watch`: what others do to the network, as they do it, and what is no longer as committed."""

import json
import signal

import pytest

from tests.kernel.command_line import BRIDGE, CommandLine

pytestmark = pytest.mark.needs("bridge", "veth")


@pytest.fixture
def linkhold(netns, tmp_path):
    return CommandLine(tmp_path)


class Watching:
    """A running `linkhold watch`, whose lines are read as they come."""

    def __init__(self, linkhold, *words):
        self.process = linkhold.start("watch", *words)

    def line(self):
        return self.process.stdout.readline()

    def json(self):
        return json.loads(self.line())

    def end(self):
        self.process.send_signal(signal.SIGINT)
        _, complaint = self.process.communicate(timeout=20)
        assert complaint == ""
        return self.process.returncode


@pytest.fixture
def watching(linkhold):
    """Starts a watch; once it has begun to listen the test goes on."""
    begun = []

    def start(*words):
        one = Watching(linkhold, *words)
        begun.append(one.process)
        if "--drift" not in words:
            assert one.process.stderr.readline() == "linkhold: watching; Ctrl-C ends it\n"
        return one

    yield start
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_an_address_and_a_link(watching, netns):
    watch = watching("--json")
    netns.ip("address", "add", "198.51.100.1/24", "dev", "lo")
    first = watch.json()
    assert (first["action"], first["subject"], first["name"]) == ("~", "interface", "lo")
    assert first["at"] > 1e9
    assert first["differences"][0]["path"] == "interfaces[lo].ipv4.address[198.51.100.1/24]"
    netns.ip("link", "add", "br9", "type", "bridge")
    second = watch.json()
    assert (second["action"], second["name"]) == ("+", "br9")
    netns.ip("link", "set", "lo", "down")
    third = watch.json()
    assert any((one["path"], one["after"]) == ("interfaces[lo].state", "down") for one in third["differences"])
    assert watch.end() == 0


def test_words_for_people(watching, netns):
    watch = watching()
    netns.ip("link", "set", "lo", "mtu", "1400")
    assert watch.line().count(":") == 2
    assert watch.line() == "~ interface lo (loopback)\n"
    assert watch.line() == "    mtu: 65536 → 1400\n"


def test_it_ends_by_itself(linkhold):
    done = linkhold("watch", "--for", "0.2", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_drift_comes_and_goes(linkhold, watching, netns):
    linkhold("apply", "-q", text=BRIDGE)
    watch = watching("--drift", "--json")
    assert watch.json()["drift"] == []
    netns.ip("address", "del", "192.0.2.1/24", "dev", "br0")
    (change,) = watch.json()["drift"]
    assert (change["action"], change["name"]) == ("~", "br0")
    netns.ip("link", "add", "br7", "type", "bridge")  # of which the committed document says nothing
    netns.ip("address", "add", "192.0.2.1/24", "dev", "br0")
    assert watch.json()["drift"] == []
    assert watch.end() == 0


def test_drift_once_says_so_by_its_exit_code(linkhold, netns):
    linkhold("apply", "-q", text=BRIDGE)
    same = linkhold("watch", "--drift", "--once")
    assert same.returncode == 0
    assert "as it was committed" in same.stdout
    netns.ip("link", "set", "br0", "down")
    other = linkhold("watch", "--drift", "--once")
    assert other.returncode == 4
    assert "state: up → down" in other.stdout
    netns.ip("link", "delete", "br0")
    gone = linkhold("watch", "--drift", "--once", "--json")
    assert gone.returncode == 4
    assert [one["action"] for one in json.loads(gone.stdout)["drift"]] == ["-"]


def test_drift_where_nothing_was_committed(linkhold):
    done = linkhold("watch", "--drift", "--once")
    assert done.returncode == 1
    assert "nothing was committed" in done.stderr
