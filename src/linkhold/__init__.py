"""Linkhold: a host's network as one document, applied as a transaction.

    import linkhold

    print(linkhold.show(["eth1"]).interfaces)
    document = {"interfaces": [{"name": "eth1", "type": "ethernet", "mtu": 1400}]}
    print(linkhold.plan(document).plan)
    linkhold.apply(document, commit=False, timeout=60)   # rolls itself back unless …
    linkhold.confirm()                                   # … somebody says that it still works

`linkhold.aio` has the same functions as coroutines. Everything is imported on first use.
"""

import typing

__version__ = "0.1.0"

if typing.TYPE_CHECKING:
    from linkhold.aio import NotApplied, Stranded
    from linkhold.foundation.diagnostics import Diagnostic, Invalid
    from linkhold.foundation.failures import Busy, Failure
    from linkhold.library import (
        apply,
        autoconf,
        commit,
        confirm,
        drift,
        evaluate_policy,
        generate_configurations,
        generate_differences,
        generate_inverse,
        history,
        plan,
        restore,
        rollback,
        serve,
        show,
        statistic,
    )

__all__ = [
    "Busy",
    "Diagnostic",
    "Failure",
    "Invalid",
    "NotApplied",
    "Stranded",
    "apply",
    "autoconf",
    "commit",
    "confirm",
    "drift",
    "evaluate_policy",
    "generate_configurations",
    "generate_differences",
    "generate_inverse",
    "history",
    "plan",
    "restore",
    "rollback",
    "serve",
    "show",
    "statistic",
]

_HOMES: typing.Final = {
    "Busy": "linkhold.foundation.failures",
    "Failure": "linkhold.foundation.failures",
    "Diagnostic": "linkhold.foundation.diagnostics",
    "Invalid": "linkhold.foundation.diagnostics",
    "NotApplied": "linkhold.aio",
    "Stranded": "linkhold.aio",
}


def __getattr__(name: str) -> typing.Any:
    if name not in __all__:
        raise AttributeError(f"module 'linkhold' has no attribute '{name}'")
    import importlib

    value = getattr(importlib.import_module(_HOMES.get(name, "linkhold.library")), name)
    globals()[name] = value
    return value
