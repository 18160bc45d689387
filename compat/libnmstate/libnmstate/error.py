"""The exceptions of nmstate, with the bases that programs catch them by.

Which of Linkhold's own problems becomes which of these is in `libnmstate.causes`.
"""


class NmstateError(Exception):
    """Base of all exceptions of this library."""


class NmstateDependencyError(NmstateError):
    """Something that has to be installed, or to run, is not there: a daemon, a plugin, a version."""


class NmstateValueError(NmstateError, ValueError):
    """The document can't be followed. Nothing was touched."""


class NmstatePermissionError(NmstateError, PermissionError):
    """The process may not do this: usually it does not run as root."""


class NmstateConflictError(NmstateError, RuntimeError):
    """Somebody else is changing the network at this moment."""


class NmstateVerificationError(NmstateError):
    """After applying, the host was not as the document says. The change was taken back."""


class NmstateKernelIntegerRoundedError(NmstateVerificationError):
    """As above, where the kernel rounds the number that was given."""


class NmstateNotImplementedError(NmstateError, NotImplementedError):
    """The document asks for something that is not supported yet."""


class NmstateInternalError(NmstateError):
    """A mistake of the library itself."""


class NmstateNotSupportedError(NmstateError):
    """This host can't do it: its kernel, its hardware or a daemon's version lacks it."""


class NmstateTimeoutError(NmstateError):
    """Something took too long."""


class NmstatePluginError(NmstateError):
    """The kernel or a daemon refused, or failed."""


class NmstateLibnmError(NmstatePluginError):
    """Never raised; programs written for nmstate 1.x name it."""
