"""What is to stand in a profile, put together leaf by leaf, and laid over what stands there."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset

Settings = dict[str, dict[str, typing.Any]]
"""``{setting: {property: plain value}}`` in the shapes of the D-Bus API: bytes for ``ay``, lists of maps for ``aa{sv}``."""

Version = tuple[int, int]
"""Major and minor number of NetworkManager, as in (1, 42)."""

MAPS: typing.Final = frozenset({("bond", "options"), ("user", "data"), ("vpn", "data"), ("vpn", "secrets")})
"""Properties whose keys are settings of their own: they are laid over each other key by key."""

WHEN_SAID: typing.Final = frozenset(
    {("802-3-ethernet", "assigned-mac-address"), ("802-3-ethernet", "mtu"), ("infiniband", "mtu"), ("loopback", "mtu")}
)
"""Properties that may hold a rule where the host shows what came of it (a random MAC, the MTU that the card likes)."""

Same = typing.Callable[[typing.Any], typing.Any]


def same(value: typing.Any) -> typing.Any:
    """As it is."""
    return value


class Column(typing.NamedTuple):
    """A field of the state that a profile holds as one property: how it is written there, and read back."""

    field: str
    key: str
    to: Same = same
    back: Same = same


class Draft:
    """Values by setting and property; None takes a property away, so that NetworkManager's default holds."""

    def __init__(self) -> None:
        self.values: Settings = {}
        self.dropped: set[str] = set()

    def drop(self, *settings: str) -> None:
        """Take whole settings away, unless something is said of them."""
        self.dropped.update(settings)

    def section(self, setting: str) -> dict[str, typing.Any]:
        """The properties of one setting so far; the setting is there from now on."""
        return self.values.setdefault(setting, {})

    def put(self, setting: str, key: str, value: typing.Any) -> None:
        """Say one property; what is not said (`UNSET`) stays as it is, an empty text takes it away."""
        if not isinstance(value, Unset):
            self.section(setting)[key] = None if value == "" else value

    def table(self, setting: str, record: Record | Unset, columns: typing.Iterable[Column]) -> None:
        """Say all fields of a section of the state that were said."""
        if isinstance(record, Unset):
            return
        for column in columns:
            value = record.get(column.field)
            if value is not UNSET:
                self.put(setting, column.key, column.to(value))


def decoded(section: typing.Mapping[str, typing.Any], columns: typing.Iterable[Column]) -> dict[str, typing.Any]:
    """The fields that the properties of one setting say."""
    said = ((column.field, column.back(section[column.key])) for column in columns if column.key in section)
    return {field: value for field, value in said if value is not UNSET}


def overlay(current: Settings, said: Settings, known: Settings) -> Settings:
    """A profile with what was `said`; and with what is `known` of the interface where the profile speaks of that already.

    What neither names stays, whoever put it there.
    """
    result = {setting: dict(properties) for setting, properties in current.items()}
    for setting, properties in said.items():
        section = result.setdefault(setting, {})
        for key, value in properties.items():
            _set(setting, section, key, value)
    for setting, properties in known.items():
        section = result.get(setting, {})
        for key in section.keys() & properties.keys():
            told = key in said.get(setting, {}) or (setting, key) in WHEN_SAID
            if not told and properties[key] is not None:
                _agree(setting, section, key, properties[key])
    return result


def _set(setting: str, section: dict[str, typing.Any], key: str, value: typing.Any) -> None:
    if value is None:
        section.pop(key, None)
    elif (setting, key) in MAPS:
        merged = {**section.get(key, {}), **value}
        section[key] = {name: inner for name, inner in merged.items() if inner is not None}
    else:
        section[key] = value


def _agree(setting: str, section: dict[str, typing.Any], key: str, value: typing.Any) -> None:
    if (setting, key) in MAPS:
        value = {name: inner for name, inner in value.items() if name in section[key]}
    _set(setting, section, key, value)


def trimmed(after: Record, before: Record | None) -> typing.Any:
    """What `after` says otherwise than `before`: the same class, lists whole, sections trimmed likewise."""
    if before is None or type(before) is not type(after):
        return after
    values: dict[str, typing.Any] = {}
    for name, value in after.__dict__.items():
        old = before.__dict__.get(name, UNSET)
        if name != "name" and value == old:
            continue
        values[name] = trimmed(value, old) if isinstance(value, Record) and isinstance(old, Record) else value
    return type(after).of(values)
