"""Profiles as NetworkManager itself understands them: what is generated is loaded, and read back over D-Bus."""

import asyncio
import pathlib
import typing

import pytest

from linkhold.foundation.diagnostics import Invalid
from linkhold.generating.files import generate
from linkhold.planning.diff import differences
from linkhold.providers.networkmanager.bus import Bus, Call
from linkhold.providers.networkmanager.dbus import I_PROFILE, I_SETTINGS, SETTINGS
from linkhold.providers.networkmanager.profiles import Settings, decode_all, keyfile, kind_of
from linkhold.providers.networkmanager.profiles.versions import KINDS as SINCE
from linkhold.providers.networkmanager.profiles.versions import modern, worded
from linkhold.providers.networkmanager.values import packed, plain
from linkhold.state.document import parse
from tests.lab import namespaces
from tests.services.by_files import DOCUMENT, KINDS, NEEDED, PORT_OPTIONS, missing
from tests.services.rigs.networkmanager import PROFILES, NetworkManager

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = sorted([*(ROOT / "examples").glob("*.yml"), *(ROOT / "tests/unit/generating/words").glob("*.yml")])
"""And documents with all that such files can hold."""
RELEASE = (1, 42)
"""Debian 12's."""


def _generated(example: pathlib.Path) -> dict[str, Settings]:
    """Profiles of an example that this release can hold, by file name; none where no release can."""
    try:
        generated = generate(parse(example.read_text(), source=example.name)).files
    except Invalid:
        return {}  # tests/unit/generating says which, and why
    files = {file.name: file.text for file in generated}
    profiles = {name: keyfile.read(text) for name, text in files.items()}
    known = {name: one for name, one in profiles.items() if SINCE.get(kind_of(one), (1, 0)) <= RELEASE}
    return {name: worded(one, RELEASE) for name, one in known.items()}


async def _all_settings() -> dict[str, Settings]:
    """What NetworkManager has, with secrets, by UUID."""
    bus = await Bus.open()
    try:
        (paths,) = await bus.call(Call(SETTINGS, I_SETTINGS, "ListConnections"))
        found: dict[str, Settings] = {}
        for path in paths:
            answer = await bus.attempt(Call(path, I_PROFILE, "GetSettings"))
            if answer.failure is not None:
                continue  # deleted since it was listed
            settings = plain(answer.body[0])
            for secret in ("802-1x", "macsec", "wireguard", "vpn"):
                if secret in settings:
                    (told,) = await bus.call(Call(path, I_PROFILE, "GetSecrets", "s", (secret,)))
                    _add_secrets(settings, plain(told), secret)
            found[settings["connection"]["uuid"]] = settings
        return found
    finally:
        bus.close()


def _add_secrets(settings: Settings, told: Settings, setting: str) -> None:
    for key, value in told.get(setting, {}).items():
        if key == "peers":
            secrets = {one["public-key"]: one for one in value}
            held = settings[setting].get("peers", [])
            settings[setting]["peers"] = [{**one, **secrets.get(one["public-key"], {})} for one in held]
        else:
            settings[setting][key] = value


def _unlike(ours: Settings, theirs: Settings) -> list[str]:
    """Properties that came back with another value, and what a profile means where one did not come back (a default)."""
    mine, back = modern(ours), modern(theirs)
    words = [
        f"{setting}.{key}: {value!r} came back as {back[setting][key]!r}"
        for setting, properties in mine.items()
        for key, value in properties.items()
        if key in back.get(setting, {}) and _sorted(back[setting][key]) != _sorted(value)
    ]
    words += [
        f"{setting} did not come back" for setting, properties in mine.items() if properties and setting not in back
    ]
    return words + [f"came back as another: {one}" for one in differences(decode_all(mine), decode_all(back))]


def _sorted(value: typing.Any) -> typing.Any:
    """Lists in one order; of maps in them, what is not a default that says nothing."""
    if not isinstance(value, list):
        return value
    return sorted((_telling(one) if isinstance(one, dict) else one for one in value), key=repr)


def _telling(entry: dict[str, typing.Any]) -> list[tuple[str, typing.Any]]:
    return sorted((key, _sorted(value)) for key, value in entry.items() if value not in (0, False, ""))


def test_every_example_is_loaded_and_read_back_as_it_was_said(networkmanager: NetworkManager) -> None:
    wrong: list[str] = []
    loaded = 0
    for example in EXAMPLES:
        profiles = _generated(example)
        files = [PROFILES / name for name in profiles]
        for file in files:
            file.write_text(keyfile.write(profiles[file.name]))
            file.chmod(0o600)
        networkmanager.nmcli("connection", "load", *map(str, files), check=False)
        held = asyncio.run(_all_settings())
        for name, ours in profiles.items():
            theirs = held.get(ours["connection"]["uuid"])
            if theirs is None:
                wrong.append(f"{example.stem}: {name} was not loaded:\n{keyfile.write(ours)}")
                continue
            loaded += 1
            wrong += [f"{example.stem}: {name}: {word}" for word in _unlike(ours, theirs)]
        for file in files:
            file.unlink()
        networkmanager.nmcli("connection", "reload")
    if wrong:
        wrong.append(networkmanager.log())
    assert not wrong, "\n".join(wrong)
    assert loaded > len(EXAMPLES)


async def _add(profiles: typing.Iterable[Settings]) -> list[str]:
    """Store profiles over D-Bus; the refusals."""
    bus = await Bus.open()
    try:
        answers = await bus.all(
            Call(SETTINGS, I_SETTINGS, "AddConnection2", "a{sa{sv}}ua{sv}", (packed(one, {}), 0x21, {}))
            for one in profiles
        )
        return [str(one.failure) for one in answers if one.failure is not None]
    finally:
        bus.close()


def test_profiles_are_the_same_over_dbus_and_in_files(networkmanager: NetworkManager) -> None:
    """Added over D-Bus, they come back as they were said; the files that NetworkManager writes say the same to us."""
    wrong: list[str] = []
    for example in EXAMPLES:
        profiles = _generated(example)
        refused = asyncio.run(_add(profiles.values()))
        wrong += [f"{example.stem}: {word}" for word in refused]
        held = asyncio.run(_all_settings())
        written = {}
        for file in PROFILES.iterdir():
            settings = keyfile.read(file.read_text())
            written[settings["connection"]["uuid"]] = settings
        for ours in profiles.values():
            uuid = ours["connection"]["uuid"]
            if not refused:
                wrong += [
                    f"{example.stem} {ours['connection']['id']}: D-Bus: {word}" for word in _unlike(ours, held[uuid])
                ]
                wrong += [
                    f"{example.stem} {ours['connection']['id']}: file: {word}" for word in _unlike(ours, written[uuid])
                ]
        for file in PROFILES.iterdir():
            file.unlink()
        networkmanager.nmcli("connection", "reload")
    assert not wrong, "\n".join(wrong)


def test_what_networkmanager_makes_of_the_files_is_what_the_document_says(
    networkmanager: NetworkManager, netns: namespaces.Namespace
) -> None:
    _made(networkmanager, netns, DOCUMENT.replace(PORT_OPTIONS, ""))
    assert netns.ip_json("link", "show", "mv0")[0]["link"] == "right"


@pytest.mark.needs(*NEEDED)
def test_networkmanager_makes_the_kinds_that_need_more_of_the_kernel(
    networkmanager: NetworkManager, netns: namespaces.Namespace
) -> None:
    _made(networkmanager, netns, KINDS)


def _made(networkmanager: NetworkManager, netns: namespaces.Namespace, text: str) -> None:
    for number in (1, 2):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
    document = parse(text)
    for file in generate(document).files:
        path = PROFILES / file.name
        path.write_text(file.text)
        path.chmod(file.mode)
    networkmanager.nmcli("connection", "reload")
    try:
        networkmanager.wait_until(lambda: not missing(document), "the host is as the document says")
    except AssertionError as error:
        raise AssertionError("\n".join([*missing(document), str(error)])) from error
