"""IEEE 802.1X: proving to a switch port who we are."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Secret


class Ieee8021X(Record):
    """Port authentication by EAP; certificates are given as absolute paths of files."""

    identity: str | Unset = UNSET
    eap_methods: tuple[str, ...] | Unset = UNSET
    private_key: str | Unset = UNSET
    client_cert: str | Unset = UNSET
    ca_cert: str | Unset = UNSET
    private_key_password: typing.Annotated[str | Unset, Secret()] = UNSET
    phase2_auth: str | Unset = UNSET
    password: typing.Annotated[str | Unset, Secret()] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Files of keys and certificates are named by absolute paths: who reads them has another working directory."""
        files = {"private-key": self.private_key, "client-cert": self.client_cert, "ca-cert": self.ca_cert}
        for key, path in files.items():
            if isinstance(path, str) and path and not path.startswith(("/", "pkcs11:", "file:///")):
                found.error("path", (*at, key), f"'{path}' is a relative path", expected="an absolute path")
