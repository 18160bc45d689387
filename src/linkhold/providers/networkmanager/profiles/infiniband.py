"""The setting ``infiniband``."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.infiniband import DEFAULT_PKEY, InfinibandConfig

SETTING: typing.Final = "infiniband"

_NO_PARTITION: typing.Final = -1

_COLUMNS: typing.Final = (
    Column("mode", "transport-mode"),
    Column("parent", "parent", lambda said: said or None),
    Column("pkey", "p-key", lambda said: _NO_PARTITION if said == DEFAULT_PKEY else said,
           lambda said: DEFAULT_PKEY if said == _NO_PARTITION else said),
)  # fmt: skip


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed; a profile needs a transport."""
    section = said.get("infiniband")
    draft.table(SETTING, section, _COLUMNS)
    if not current and (section is UNSET or section.mode is UNSET):
        draft.put(SETTING, "transport-mode", "datagram")


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``infiniband``."""
    return {"infiniband": InfinibandConfig(**decoded(settings.get(SETTING, {}), _COLUMNS))}
