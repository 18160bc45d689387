"""Profiles as plain values: what a document says of an interface, in NetworkManager's settings, and back.

Pure functions; nothing here speaks D-Bus or reads a file. `encode` and `decode` are the whole of it for one interface;
`SIGNATURES` has the D-Bus type of each property, `versions` what which release can hold, `keyfile` the files.
"""

from linkhold.providers.networkmanager.profiles.draft import Settings, Version
from linkhold.providers.networkmanager.profiles.identity import kind_of, name_of, uuid_of
from linkhold.providers.networkmanager.profiles.profile import decode, decode_all, encode
from linkhold.providers.networkmanager.profiles.signatures import SIGNATURES, signature_of

__all__ = [
    "SIGNATURES",
    "Settings",
    "Version",
    "decode",
    "decode_all",
    "encode",
    "kind_of",
    "name_of",
    "signature_of",
    "uuid_of",
]
