"""Which exception of nmstate stands for which problem of Linkhold: the one place that knows.

Mistakes in the document are `NmstateValueError` unless `_MISTAKES` says otherwise; what the kernel or a daemon did is told
by the type of the failure. Where nmstate 1.x and 2.x raise different classes for the same cause, a class below is both.
"""

import collections.abc
import contextlib
import json
import os
import typing

from libnmstate import error as errors
from linkhold.foundation import failures
from linkhold.foundation.diagnostics import Diagnostic, Invalid, spell
from linkhold.foundation.record import UNSET

_UNSUPPORTED = "unsupported"
_POLICY = frozenset({"capture", "template"})
_SERVICES = frozenset({"ovs-bridge", "ovs-interface", "ipsec"})
"""Kinds that need a daemon, not just a kernel."""


class _Conflict(errors.NmstateConflictError, errors.NmstateInternalError):
    """Another transaction has the host: a conflict for 1.x, an internal error for 2.x."""


class _NothingWaits(errors.NmstateInternalError, errors.NmstateValueError):
    """Nothing waits for commit or rollback: a wrong value for 1.x, an internal error for 2.x."""


class _NoService(errors.NmstateDependencyError, errors.NmstatePluginError):
    """The daemon that this needs does not run: a dependency for early 2.x, a plugin's failure for later ones."""


class _NotYet(errors.NmstateNotImplementedError, errors.NmstateNotSupportedError):
    """Autoconfiguration without DHCPv6, by NetworkManager: nmstate calls it not implemented."""


_KINDS: typing.Final[dict[type[errors.NmstateError], str]] = {
    errors.NmstateInternalError: "Bug",
    errors.NmstateKernelIntegerRoundedError: "KernelIntegerRoundedError",
    errors.NmstateVerificationError: "VerificationError",
    errors.NmstateValueError: "InvalidArgument",
    errors.NmstateNotImplementedError: "NotImplementedError",
    errors.NmstateNotSupportedError: "NotSupportedError",
    errors.NmstateDependencyError: "DependencyError",
    errors.NmstatePermissionError: "PermissionError",
    errors.NmstatePluginError: "PluginFailure",
}


def kind_of(error: errors.NmstateError) -> str:
    """The word that nmstatectl puts before the message; '' where the message begins with it already."""
    return next((word for cls, word in _KINDS.items() if isinstance(error, cls)), "")


@contextlib.contextmanager
def translated() -> collections.abc.Iterator[None]:
    """Raise what nmstate would raise. A mistake of ours becomes an `NmstateInternalError` with its traceback in the chain."""
    try:
        yield
    except errors.NmstateError:
        raise
    except Invalid as invalid:
        raise _of_document(invalid) from invalid
    except failures.Failure as failure:
        raise _of_failure(failure) from failure
    except Exception as bug:
        raise errors.NmstateInternalError(f"{type(bug).__name__}: {bug}") from bug


def _of_document(invalid: Invalid) -> errors.NmstateError:
    wrong = invalid.diagnostics.errors()
    text = "\n".join(_sentence(one) for one in wrong) or str(invalid)
    if wrong and all(one.code == _UNSUPPORTED for one in wrong):
        return _of_host(invalid, text)
    if wrong and all(one.code in _POLICY for one in wrong):
        return errors.NmstateError(f"PolicyError: {text}")
    classes = {_of_mistake(one) for one in wrong if one.code != _UNSUPPORTED}
    return (classes.pop() if len(classes) == 1 else errors.NmstateValueError)(text)


def _of_mistake(one: Diagnostic) -> type[errors.NmstateError]:
    if one.code == "missing-key" and one.path[:2] == ("routes", "config") and "next-hop-interface" in one.message:
        return errors.NmstateNotImplementedError
    if one.code == "route-weight":
        return errors.NmstateNotSupportedError
    return errors.NmstateValueError


def _sentence(one: Diagnostic) -> str:
    place = f"{one.source or 'line'}:{one.line}:{one.column}: " if one.line else ""
    if one.excerpt:
        return "\n".join((f"{place}{one.message}", *(f"| {line}" for line in one.excerpt.splitlines())))
    text = f"{place}{spell(one.path)}: {one.message}" if one.path else f"{place}{one.message}"
    return f"{text}; expected {one.expected}" if one.expected else text


def _of_host(invalid: Invalid, text: str) -> errors.NmstateError:
    if os.geteuid() != 0:
        return errors.NmstatePermissionError(f"Only root may change the network: {text}")
    outcome = getattr(invalid, "outcome", None)
    blamed = {one.path[1] for one in invalid.diagnostics.errors() if one.path[:1] == ("interfaces",)}
    about = (
        {one.kind for one in outcome.desired.by_key.values() if one.name in blamed} if outcome is not None else set()
    )
    sections = {one.path[0] for one in invalid.diagnostics.errors()}
    if about & _SERVICES or sections & {"ovs-db", "ovn"}:
        return _NoService(text)
    if all(one.path[-2:] == ("ipv6", "autoconf") for one in invalid.diagnostics.errors()):
        return _NotYet(text)
    return errors.NmstateNotSupportedError(text)


def _of_failure(failure: failures.Failure) -> errors.NmstateError:
    cause = failure.__cause__
    result = getattr(failure, "result", None)
    if result is None or not isinstance(cause, failures.Failure):
        return _class_of(failure)(_told(failure))
    if isinstance(cause, failures.VerificationFailed):
        text = "\n".join(_mismatch(one, result.plan) for one in result.mismatches if not one.advisory)
        return errors.NmstateVerificationError(_with_missing(text, result))
    return _class_of(cause)(_with_missing(_told(cause), result))


def _class_of(failure: failures.Failure) -> type[errors.NmstateError]:
    from linkhold.transaction.confirm import NothingToConfirm

    if isinstance(failure, failures.Refused) and ".Connection.Invalid" in failure.answer:
        return errors.NmstateValueError  # NetworkManager calls a property of the profile wrong
    table: tuple[tuple[type[failures.Failure], type[errors.NmstateError]], ...] = (
        (NothingToConfirm, _NothingWaits),
        (failures.Busy, _Conflict),
        (failures.NotPermitted, errors.NmstatePermissionError),
        (failures.Unsupported, errors.NmstateNotSupportedError),
        (failures.VerificationFailed, errors.NmstateVerificationError),
    )
    return next((cls for kind, cls in table if isinstance(failure, kind)), errors.NmstatePluginError)


def _told(failure: failures.Failure) -> str:
    text = str(failure)
    return f"{text}: {failure.answer}" if failure.answer and failure.answer not in text else text


def _with_missing(text: str, result: typing.Any) -> str:
    """What could not be put back stands below what went wrong."""
    return "\n".join((text, *(f"Not put back: {one}" for one in result.missing)))


def _mismatch(one: typing.Any, plan: typing.Any) -> str:
    """A difference after applying in nmstate's words (nmstate, 2.3), and why, as far as that is known."""
    section, _, rest = one.path.partition("[")
    name, _, path = rest.partition("]")
    if section == "interfaces":
        text = _interface_mismatch(one, name, path.lstrip("."), plan)
    elif section in ("routes.config", "route-rules.config"):
        thing = "route" if section == "routes.config" else "route rule"
        if one.desired == "absent":
            text = f"Desired absent {thing} still found after apply: {_shown(one.current)}"
        else:
            wanted = name if one.desired == "present" else _shown(one.desired)
            text = f"Desired {thing} {wanted} not found after apply"
    elif one.path == "dns-resolver.config.server":
        text = f"Failed to apply DNS config: desire name servers '{_words(one.desired)}', got '{_words(one.current)}'"
    elif section.startswith("hostname"):
        text = f"Verification fail, desire {one.path}: {one.desired}, current: {one.current}"
    else:
        text = f"Verification failure: {one.path} desire '{_shown(one.desired)}', current '{_shown(one.current)}'"
    return f"{text} ({one.why})" if one.why else text


def _interface_mismatch(one: typing.Any, name: str, path: str, plan: typing.Any) -> str:
    changes = [change for change in plan.changes if change.subject == "interface" and change.name == name]
    sides = [side for change in changes for side in (change.after, change.before) if side is not UNSET]
    kind = sides[0].kind if sides else ""
    if not path:
        return f"Failed to find desired interface {name} {kind}".rstrip()
    if path == "state" and one.desired == "absent":
        return f"Absent/Down interface {name}/{kind} still found as {one.current}"
    if one.secret:
        return f"Verification failure: {name}.interface.{path} has another secret"
    return (
        f"Verification failure: {name}.interface.{path} desire '{_shown(one.desired)}', current '{_shown(one.current)}'"
    )


def _shown(value: object) -> str:
    return "null" if value is UNSET else json.dumps(value, separators=(",", ":"), default=str)


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else ""
