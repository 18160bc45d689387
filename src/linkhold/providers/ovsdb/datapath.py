"""Whether this kernel has a datapath for Open vSwitch; ovs-vswitchd lists the kind ``system`` even where there is none."""

import socket
import struct

_NETLINK_GENERIC = 16
_GENL_ID_CTRL = 0x10
_CTRL_CMD_GETFAMILY = 3
_CTRL_ATTR_FAMILY_NAME = 2
_NLM_F_REQUEST = 1
_NLMSG_ERROR = 2
_FAMILY = b"ovs_datapath\0"  # include/uapi/linux/openvswitch.h
_LIMIT_S = 5.0  # loading the module may take a moment


def in_kernel() -> bool:
    """Ask for the family of generic netlink messages that the datapath understands; the kernel loads its module for that
    (`include/uapi/linux/genetlink.h`)."""
    attribute = struct.pack("=HH", 4 + len(_FAMILY), _CTRL_ATTR_FAMILY_NAME) + _FAMILY
    attribute += b"\0" * (-len(attribute) % 4)
    body = struct.pack("=BBH", _CTRL_CMD_GETFAMILY, 1, 0) + attribute
    request = struct.pack("=IHHII", 16 + len(body), _GENL_ID_CTRL, _NLM_F_REQUEST, 1, 0) + body
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_GENERIC) as control:
        control.settimeout(_LIMIT_S)
        control.send(request)
        answer = control.recv(65536)
    (kind,) = struct.unpack_from("=H", answer, 4)
    return bool(kind != _NLMSG_ERROR)
