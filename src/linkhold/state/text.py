"""Text to plain data, hardened: YAML and JSON in, maps, lists, texts and numbers out, every mistake with its place.

A document may come from anybody, so what it can cost is bounded before it is read: its size, its depth, the number of
its nodes *after* aliases are followed, the length of its numbers. YAML is read from the events of libyaml only (the
pure Python reader takes seconds for a megabyte); JSON, which is nearly a part of YAML, gets a fast path, and everything
strange about a JSON text is left to the YAML reader to explain.

YAML is read as version 1.2 (core schema), the way Rust's serde_yaml does: `yes`, `on`, ``1:30`` and dates are texts,
and so is a number with leading zeros.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import UNSET
from linkhold.state.limits import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, MAX_NODES, MAX_SCALAR, TextError

Plain = typing.Any
"""None, bool, int, float, str, list of Plain or dict of str to Plain."""


def load(text: str | bytes, found: Diagnostics) -> Plain:
    """The plain data of a YAML or JSON text; None for an empty one.

    Mistakes go to `found`, with line and column. After a mistake that leaves the rest readable (a key given twice, an
    unknown tag) the data is returned all the same, so that the mistakes in it can be told too; after one that does not,
    `UNSET`.
    """
    told: TextError | None = None
    try:
        decoded = decode(text)
        if decoded.lstrip()[:1] in ("{", "["):
            plain, told = _load_json(decoded)
            if plain is not UNSET:
                return plain
        from linkhold.state.yaml_reading import compose

        return compose(decoded, found)
    except TextError as error:
        syntax = error.diagnostic.code == "syntax"
        found.append(told.diagnostic if told is not None and syntax else error.diagnostic)
        return UNSET


def decode(text: str | bytes) -> str:
    """The characters of a document: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises:
        TextError: too large, or not in that encoding (naming the offset of the byte).
    """
    if len(text) > MAX_BYTES:
        raise TextError("too-large", f"the document is larger than {MAX_BYTES >> 20} MiB", hint="split it up")
    if isinstance(text, str):
        _refuse_surrogates(text)
        return text.removeprefix("\ufeff")
    encoding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        before = text[: error.start].decode(encoding, "replace")
        raise TextError(
            "encoding",
            f"the byte at offset {error.start} (0x{text[error.start]:02x}) is not {error.encoding.upper()}",
            line=before.count("\n") + 1,
            column=len(before) - before.rfind("\n"),
            hint="save the document as UTF-8",
        ) from None


def _refuse_surrogates(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        column = error.start - text.rfind("\n", 0, error.start)
        message = f"the character at {error.start} is half of a surrogate pair"
        raise TextError("encoding", message, line=line, column=column) from None


class _Strange(ValueError):
    """Something that the YAML reader is to look at (and most likely to explain)."""


def _load_json(text: str) -> tuple[Plain, TextError | None]:
    """The data of a JSON text, or `UNSET` when there is anything unusual about it.

    The second is what JSON has to say where the text is meant as JSON, for the case that YAML has no use for it either.
    """
    import json
    import sys

    # Each value but the first of its container follows a comma: counting them bounds memory before any is spent.
    if text.count(",") >= MAX_NODES:
        raise TextError("too-large", f"the document has more than {MAX_NODES} values", hint="split it up")
    limited = 0 < sys.get_int_max_str_digits() <= 10_000  # Python's own guard against long numbers stands
    try:
        if limited:
            plain = json.loads(text, parse_constant=_strange, parse_float=_finite)
        else:
            plain = json.loads(text, parse_constant=_strange, parse_float=_finite, parse_int=_short_int)
        if _count_keys(plain) != _written_keys(text):
            json.loads(text, object_pairs_hook=_unique, parse_constant=_strange)
    except json.JSONDecodeError as error:
        meant = error.msg.startswith(("Expecting ',' delimiter", "Expecting ':' delimiter", "Unterminated string"))
        return UNSET, TextError("syntax", error.msg, line=error.lineno, column=error.colno) if meant else None
    except (ValueError, RecursionError):
        return UNSET, None
    return (plain if _is_clean(text, plain) else UNSET), None


def _strange(word: str) -> typing.NoReturn:
    raise _Strange(word)


def _short_int(digits: str) -> int:
    return int(digits) if len(digits) <= MAX_DIGITS else _strange(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if number - number == 0 else typing.cast(float, _strange(digits))


def _unique(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else _strange("a key stands twice")


def _count_keys(plain: Plain) -> int:
    """How many keys all maps within have, level by level; raises `_Strange` below `MAX_DEPTH` levels."""
    level = [plain]
    keys = 0
    for _ in range(MAX_DEPTH + 1):
        maps = [one for one in level if type(one) is dict]
        lists = [one for one in level if type(one) is list]
        if not maps and not lists:
            return keys
        keys += sum(map(len, maps))
        level = [inner for one in maps for inner in one.values() if type(inner) is dict or type(inner) is list]
        level += [inner for one in lists for inner in one if type(inner) is dict or type(inner) is list]
    return _strange("too deep")


def _written_keys(text: str) -> int:
    """How many keys were written, or -1 when counting quotes before colons does not tell.

    Fewer keys in the data mean that one stood twice: a hundred times cheaper than looking at each map while it is read.
    """
    if any(blank + ":" in text for blank in " \t\r\n"):
        return -1
    return text.count('":') - text.count('\\":')


def _is_clean(text: str, plain: Plain) -> bool:
    """No lone surrogates (which no encoding can print), no endless texts."""
    import json
    import re

    if ("\\ud" in text or "\\uD" in text) and re.search(r"[\ud800-\udfff]", json.dumps(plain, ensure_ascii=False)):
        return False
    return len(text) <= MAX_SCALAR or not re.search(rf'"[^"]{{{MAX_SCALAR},}}', text)
