"""What the operator decided about the agent: section ``[agent]`` of ``/etc/linkhold/linkhold.toml``, every key optional.

[agent]
port = 54321                                  # TCP, where the centre calls
address = "::"                                # of IPv6 and IPv4
certificate = "/etc/pki/linkhold/agent.crt"   # or vdsm's: /etc/pki/vdsm/certs/vdsmcert.pem
key = "/etc/pki/linkhold/agent.key"
ca = "/etc/pki/linkhold/ca.crt"
clients = ["engine.example.org"]              # names (CN) or SHA-256 fingerprints of who may call; empty: all of the CA
metrics = "127.0.0.1:9547"                    # empty: no metrics
"""

import typing

from linkhold.foundation.diagnostics import did_you_mean
from linkhold.foundation.failures import Permanent
from linkhold.foundation.record import Record

CONFIGURATION: typing.Final = "/etc/linkhold/linkhold.toml"
PKI: typing.Final = "/etc/pki/linkhold"
VDSM_HOOKS: typing.Final = "/usr/libexec/vdsm/hooks/{point}"


class Settings(Record):
    """All keys of the section with their defaults.

    `hooks` are folders of scripts, ``{point}`` in them is the name of a moment; `vdsm_hooks` adds vdsm's own. `hook_seconds`
    is how long one script may take. `fake_cards`, `hidden_cards`, `hidden_bonds` and `hidden_vlans` are patterns of names:
    what counts as a card though it is none, and what reports leave out (vdsm's ``fake_nics``, ``hidden_nics``, …).
    `software_version` and `cluster_levels` are what a centre that expects vdsm wants to read.
    """

    port: int = 54321
    address: str = "::"
    executor: str = "/run/linkhold/executor.sock"
    user: str = "linkhold"
    certificate: str = f"{PKI}/agent.crt"
    key: str = f"{PKI}/agent.key"
    ca: str = f"{PKI}/ca.crt"
    clients: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ("/etc/linkhold/hooks/{point}.d",)
    vdsm_hooks: bool = False
    hook_seconds: float = 60.0
    metrics: str = ""
    fake_cards: tuple[str, ...] = ("dummy_*", "veth_*")
    hidden_cards: tuple[str, ...] = ("w*", "usb*")
    hidden_bonds: tuple[str, ...] = ()
    hidden_vlans: tuple[str, ...] = ()
    software_version: str = "4.50"
    cluster_levels: tuple[str, ...] = ("4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8")

    @property
    def hook_folders(self) -> tuple[str, ...]:
        """All folders of scripts, in the order in which they are looked through."""
        return (*self.hooks, VDSM_HOOKS) if self.vdsm_hooks else self.hooks


def read(path: str = CONFIGURATION) -> Settings:
    """The settings of a file; the defaults where it is not there.

    Raises:
        Permanent: it can't be read, names a key that is not one, or gives it a value of another type.
    """
    import tomllib

    try:
        with open(path, "rb") as file:
            said = tomllib.load(file).get("agent", {})
    except FileNotFoundError:
        return Settings()
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Permanent(f"{path}: {error}") from error
    if not isinstance(said, dict):
        raise Permanent(f"{path}: [agent] is a section of keys and values")
    return Settings(**{key: _checked(path, key, value) for key, value in said.items()})


def _checked(path: str, key: str, value: object) -> typing.Any:
    """A value of the file as a field takes it: of its default's type; lists become tuples of texts."""
    if key not in Settings.field_names():
        hint = did_you_mean(key, Settings.field_names())
        raise Permanent(f"{path}: [agent] has no key '{key}' ({hint})")
    usual = getattr(Settings, key)
    if isinstance(usual, tuple):
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        raise Permanent(f"{path}: [agent] {key} is a list of texts")
    if isinstance(usual, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(usual):
        raise Permanent(f"{path}: [agent] {key} is {_WORDS[type(usual)]}, not {value!r}")
    if key in ("port", "hook_seconds") and not 0 < typing.cast(float, value) <= 65535:
        raise Permanent(f"{path}: [agent] {key} is a number from 1 to 65535, not {value!r}")
    return value


_WORDS: typing.Final[dict[type, str]] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
