"""The section [agent] of the configuration file."""

import pathlib

import pytest

from linkhold.agent import settings
from linkhold.foundation.failures import Permanent


def read(tmp_path: pathlib.Path, text: str) -> settings.Settings:
    path = tmp_path / "linkhold.toml"
    path.write_text(text)
    return settings.read(str(path))


def test_without_a_file_or_a_section_all_is_at_its_default(tmp_path: pathlib.Path) -> None:
    assert settings.read(f"{tmp_path}/none") == settings.Settings()
    assert read(tmp_path, '[providers]\n"*" = "kernel"\n') == settings.Settings()


def test_what_is_said_counts(tmp_path: pathlib.Path) -> None:
    said = read(tmp_path, '[agent]\nport = 1234\nclients = ["engine"]\nhook_seconds = 5\nvdsm_hooks = true\n')
    assert (said.port, said.clients, said.hook_seconds) == (1234, ("engine",), 5.0)
    assert said.hook_folders == ("/etc/linkhold/hooks/{point}.d", "/usr/libexec/vdsm/hooks/{point}")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("prot = 1", "did you mean 'port'"),
        ('port = "1"', "port is a whole number"),
        ("port = 0", "from 1 to 65535"),
        ("port = true", "port is a whole number"),
        ('clients = "engine"', "clients is a list of texts"),
        ("clients = [1]", "clients is a list of texts"),
        ("vdsm_hooks = 1", "vdsm_hooks is true or false"),
    ],
)
def test_a_mistake_is_told_by_its_key(tmp_path: pathlib.Path, line: str, words: str) -> None:
    with pytest.raises(Permanent, match=words):
        read(tmp_path, f"[agent]\n{line}\n")


def test_what_is_no_toml_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(Permanent, match=r"linkhold\.toml"):
        read(tmp_path, "[agent\n")
    with pytest.raises(Permanent, match="is a section"):
        read(tmp_path, "agent = 1\n")
