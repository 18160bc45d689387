"""The words NetworkManager uses on D-Bus: names, numbers, and what the numbers mean (nm-dbus-interface.h)."""

import typing

SERVICE: typing.Final = "org.freedesktop.NetworkManager"
ROOT: typing.Final = "/org/freedesktop"
MANAGER: typing.Final = "/org/freedesktop/NetworkManager"
SETTINGS: typing.Final = "/org/freedesktop/NetworkManager/Settings"
DNS_MANAGER: typing.Final = "/org/freedesktop/NetworkManager/DnsManager"
NOTHING: typing.Final = "/"
"""An object path that stands for no object."""

I_MANAGER: typing.Final = SERVICE
I_SETTINGS: typing.Final = f"{SERVICE}.Settings"
I_PROFILE: typing.Final = f"{SERVICE}.Settings.Connection"
I_ACTIVE: typing.Final = f"{SERVICE}.Connection.Active"
I_DEVICE: typing.Final = f"{SERVICE}.Device"
I_DNS: typing.Final = f"{SERVICE}.DnsManager"
I_CHECKPOINT: typing.Final = f"{SERVICE}.Checkpoint"
I_OBJECTS: typing.Final = "org.freedesktop.DBus.ObjectManager"
I_PROPERTIES: typing.Final = "org.freedesktop.DBus.Properties"

# NMDeviceState
UNMANAGED: typing.Final = 10
UNAVAILABLE: typing.Final = 20
DISCONNECTED: typing.Final = 30
PREPARE: typing.Final = 40
IP_CONFIG: typing.Final = 70
ACTIVATED: typing.Final = 100
DEACTIVATING: typing.Final = 110
FAILED: typing.Final = 120

STATES: typing.Final = {
    0: "unknown",
    UNMANAGED: "unmanaged",
    UNAVAILABLE: "unavailable",
    DISCONNECTED: "disconnected",
    PREPARE: "prepare",
    50: "configuring",
    60: "waiting for secrets",
    IP_CONFIG: "getting its IP settings",
    80: "checking its IP settings",
    90: "waiting for secondary connections",
    ACTIVATED: "activated",
    DEACTIVATING: "deactivating",
    FAILED: "failed",
}

# NMActiveConnectionState
ACTIVE_ACTIVATING: typing.Final = 1
ACTIVE_ACTIVATED: typing.Final = 2
ACTIVE_DEACTIVATING: typing.Final = 3
ACTIVE_DEACTIVATED: typing.Final = 4

# NMActivationStateFlags
LAYER2_READY: typing.Final = 0x4
EXTERNAL: typing.Final = 0x80

# NMSettingsAddConnection2Flags, NMSettingsUpdate2Flags
TO_DISK: typing.Final = 0x1
IN_MEMORY: typing.Final = 0x2
BLOCK_AUTOCONNECT: typing.Final = 0x20
NO_REAPPLY: typing.Final = 0x40

# NMSettingsConnectionFlags
PROFILE_UNSAVED: typing.Final = 0x1
PROFILE_EXTERNAL: typing.Final = 0x8

# NMManagerReloadFlags
RELOAD_CONFIGURATION: typing.Final = 0x1

# NMCheckpointCreateFlags
DELETE_NEW_CONNECTIONS: typing.Final = 0x2
DISCONNECT_NEW_DEVICES: typing.Final = 0x4

REASONS: typing.Final = {
    0: "no reason given",
    1: "unknown",
    2: "it is now managed",
    3: "it is now unmanaged",
    4: "it could not be made ready for configuration",
    5: "its IP settings could not be had",
    6: "its IP settings are no longer valid",
    7: "secrets were required but not given",
    8: "the 802.1X supplicant disconnected",
    9: "the 802.1X supplicant could not be configured",
    10: "the 802.1X supplicant failed",
    11: "the 802.1X supplicant took too long",
    15: "the DHCP client could not be started",
    16: "the DHCP client failed",
    17: "the DHCP client failed",
    35: "the firmware is missing",
    36: "the device was removed",
    38: "its profile was removed or is not valid any more",
    39: "somebody disconnected it",
    40: "the carrier changed",
    50: "a dependency failed",
    52: "the kernel has no module for it, or another module is missing",
    53: "a secondary connection failed",
    54: "the FCoE setup failed",
    56: "the team could not be controlled",
    60: "a new activation took its place",
    61: "its parent changed",
    62: "its parent changed how it is managed",
    63: "the database of Open vSwitch failed",
    64: "another machine has its address",
    65: "the modes of its IP methods are not supported",
    66: "the virtual functions could not be configured",
    67: "the peer was not found",
}
"""NMDeviceStateReason, of those a wired host can meet."""


def reason(number: int) -> str:
    """A device's reason in words."""
    return REASONS.get(number, f"reason {number}")
