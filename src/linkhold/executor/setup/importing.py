"""A host that vdsm had managed: its persistent configuration becomes ours.

vdsm keeps one JSON file for each network, bond and card below ``nets/``, ``bonds/`` and ``devices/`` of
``/var/lib/vdsm/persistence/netconf`` (a link to a folder of another name). Files are named as what they describe.
"""

import json
import os
import typing

from linkhold.executor.setup.store import Held, Store
from linkhold.foundation.failures import NotPermitted, Permanent

FOLDER: typing.Final = "/var/lib/vdsm/persistence/netconf"

SECTIONS: typing.Final = {"nets": "networks", "bonds": "bonds", "devices": "devices"}

Plain = dict[str, typing.Any]


def there(folder: str = FOLDER) -> bool:
    """Whether vdsm has left a configuration there."""
    return any(os.path.isdir(os.path.join(folder, one)) for one in SECTIONS)


def read_folder(folder: str) -> Plain:
    """What stands there, in the shape of `networks.forms`.

    Raises:
        Permanent: there is nothing of vdsm's, or a file can't be read.
    """
    if not there(folder):
        raise Permanent(f"{folder} holds no configuration of vdsm: there is neither nets, bonds nor devices in it")
    return {section: _read_section(os.path.join(folder, part)) for part, section in SECTIONS.items()}


def _read_section(path: str) -> Plain:
    try:
        names = sorted(os.listdir(path))
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise NotPermitted(f"can't read {path}: {error.strerror}") from error
    except OSError as error:  # a file where a folder should be
        raise Permanent(f"can't read {path}: {error.strerror}") from error
    return {name: _read_file(os.path.join(path, name)) for name in names if not name.startswith(".")}


def _read_file(path: str) -> typing.Any:
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except PermissionError as error:
        raise NotPermitted(f"can't read {path}: {error.strerror}") from error
    except OSError as error:
        raise Permanent(f"can't read {path}: {error.strerror}") from error
    except ValueError as error:
        raise Permanent(f"{path} is no JSON: {error}") from error


def take_over(store: Store, folder: str = FOLDER) -> Held:
    """Let what vdsm would restore be *safe*; the host is not touched.

    Raises:
        Invalid: something in it is no network, bond or card; with every mistake.
        Failure: it can't be read, or not be written down.
    """
    held = Held(store.form.read(read_folder(folder)))
    store.save(held)
    return held
