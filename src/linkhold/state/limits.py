"""What a document may cost: bounds on its text, each with its reason, and what is raised beyond them."""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Path

MAX_BYTES: typing.Final = 32 * 2**20
"""Largest document: 100,000 interfaces take about 25 MB; reading time and memory are linear in it."""

MAX_DEPTH: typing.Final = 64
"""Deepest nesting of maps and lists. The schema needs 8; what is opaque to us is still walked by recursion later."""

MAX_NODES: typing.Final = 2_000_000
"""Most values, each followed alias counted as all it stands for: 50,000 interfaces with 40 properties each."""

MAX_ALIASES: typing.Final = 100_000
"""Most places with an alias (``*x``): a person writes a dozen, a generator one for each interface."""

MAX_SCALAR: typing.Final = 2**20
"""Longest text, in characters: the largest things people embed are certificates, a hundred times smaller."""

MAX_DIGITS: typing.Final = 40
"""Longest number: 2**128, an IPv6 address as a number, has 39 digits. Decoding long ones takes quadratic time."""

MAX_MISTAKES: typing.Final = 200
"""Most mistakes told at once: finding what was meant takes time for each, and nobody reads more."""


class TextError(Exception):
    """Reading can't go on; `diagnostic` says why. Never leaves `load`."""

    def __init__(
        self, code: str, message: str, *, path: Path = (), line: int = 0, column: int = 0, hint: str = ""
    ) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code=code, path=path, message=message, line=line, column=column, hint=hint)
