"""The ordered table of owners: what the operator forces, then what fits best by itself.

    # /etc/linkhold/linkhold.toml: the first line that fits an interface's name decides
    [providers]
    "eth0" = "kernel"
    "bond*" = "networkmanager"
    "*" = "auto"

An option of one command (``--provider``, ``LINKHOLD_PROVIDER``) comes before the file.
"""

import os
import typing

from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:  # to show a host with nothing forced upon it, nothing of planning is needed
    from linkhold.planning.owning import Owners, Row
    from linkhold.providers.contract import Capabilities

CONFIGURATION: typing.Final = "/etc/linkhold/linkhold.toml"
AUTO: typing.Final = "auto"


def forced(root: str = "") -> "tuple[Row, ...]":
    """The rows of the configuration file, in its order; up to an ``auto`` for all.

    Raises:
        Permanent: the file can't be read, or says something else than names of providers.
    """
    path = root + CONFIGURATION
    if not os.path.exists(path):
        return ()
    import tomllib

    from linkhold.planning.owning import Row

    try:
        with open(path, "rb") as file:
            said = tomllib.load(file).get("providers", {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Permanent(f"{path}: {error}") from error
    if not isinstance(said, dict) or not all(isinstance(one, str) for one in said.values()):
        raise Permanent(f"{path}: [providers] maps names of interfaces (or patterns of them) to names of providers")
    return tuple(Row(name=name, provider=provider, why=path) for name, provider in said.items())


def everything(provider: str) -> "Row":
    """The row of an option: all interfaces with one provider."""
    from linkhold.planning.owning import Row

    return Row(provider=provider, why="--provider")


def left_to_others(rows: "typing.Sequence[Row]", provider: str) -> typing.Callable[[str], bool]:
    """Tells of an interface's name whether it is forced upon another provider than this one."""

    def left(name: str) -> bool:
        import fnmatch

        row = next((one for one in rows if fnmatch.fnmatchcase(name, one.name)), None)
        return row is not None and row.provider not in (AUTO, provider)

    return left


def automatic(capabilities: "typing.Sequence[Capabilities]") -> "tuple[Row, ...]":
    """Who owns what nobody was forced upon: each service (all but the first) the kinds that it can make, in their order."""
    from linkhold.planning.owning import Row

    return tuple(
        Row(kinds=frozenset(one.kinds), provider=one.provider, why=AUTO)
        if one.provider == "ovsdb"  # also where it can't: then that is the reason to give
        else Row(
            kinds=frozenset(kind for kind, reason in one.kinds.items() if not reason), provider=one.provider, why=AUTO
        )
        for one in capabilities[1:]
        if one.kinds
    )


def table(rows: "typing.Sequence[Row]", capabilities: "typing.Sequence[Capabilities]") -> "Owners":
    """The whole table.

    Raises:
        Permanent: a row names a provider that is not there.
    """
    from linkhold.planning.owning import Owners, Row
    from linkhold.state.interfaces.common import KERNEL

    known = {one.provider for one in capabilities} | {AUTO}
    for row in rows:
        if row.provider not in known:
            raise Permanent(
                f"{row.why}: there is no provider '{row.provider}' here; there is: {', '.join(sorted(known))}"
            )
    auto = automatic(capabilities)
    said: list[Row] = []
    for row in rows:
        if row.provider == AUTO:
            said += (one.replace(name=row.name) for one in auto)
            said.append(Row(name=row.name, provider=KERNEL, why=AUTO))
        else:
            # Open vSwitch's kinds exist nowhere else: no other provider can be forced upon them
            said += (one.replace(name=row.name) for one in auto if one.provider == "ovsdb")
            said.append(row)
    return Owners(rows=(*said, *auto))
