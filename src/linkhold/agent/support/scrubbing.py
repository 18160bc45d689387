"""Taking secrets out of what is given away.

Three ways, since no one is enough: values under secret keys of plain data are masked (`foundation.logs.masked`); what was
found there, and in the files that hold secrets, is taken out of every text, wherever it stands; and texts lose what looks
like a secret by its form: private keys, bearer tokens, ``password=…``.
"""

import json
import re
import typing

from linkhold.foundation.logs import HIDDEN, masked

SHORTEST: typing.Final = 6
"""Letters of a secret that is taken out of texts; shorter ones stand in too many innocent words."""

_FORMS: typing.Final = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"(?i)\b(?<=bearer )[a-z0-9._~+/-]+=*"),
    re.compile(
        r"(?i)(?<![a-z])((?:[a-z0-9]+[-_])*"
        r"(?:password|passwd|passphrase|psk|secret|token|cak|credentials|(?:private|preshared)[-_]?key)"
        r"[\"']?\s*[:=]\s*)(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s,;}\]]+)"
    ),
)


class Scrubber:
    """Knows the secrets that it has seen; show it everything with `learn` before anything is given away."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def learn(self, plain: typing.Any) -> None:
        """See which values of plain data are secret."""
        self._compare(plain, masked(plain))

    def learn_text(self, text: str) -> None:
        """See a secret: a whole one, or the file that holds one."""
        self._secrets |= {line.strip() for line in text.splitlines() if len(line.strip()) >= SHORTEST}

    def plain(self, value: typing.Any) -> typing.Any:
        """Plain data without them."""
        return json.loads(self.text(json.dumps(masked(value), ensure_ascii=False, default=str)))

    def text(self, text: str) -> str:
        """A text without them."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN).replace(json.dumps(secret, ensure_ascii=False)[1:-1], HIDDEN)
        key, bearer, word = _FORMS
        text = bearer.sub(HIDDEN, key.sub(HIDDEN, text))
        return word.sub(_word_hidden, text)

    def _compare(self, value: typing.Any, hidden: typing.Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                self._compare(inner, hidden[key] if isinstance(hidden, dict) else HIDDEN)
        elif isinstance(value, list | tuple):
            for index, inner in enumerate(value):
                self._compare(inner, hidden[index] if isinstance(hidden, list) else HIDDEN)
        elif hidden == HIDDEN and value != HIDDEN and len(str(value)) >= SHORTEST:
            self._secrets.add(str(value))


def _word_hidden(found: re.Match[str]) -> str:
    said = found[2]
    quote = said[0] if said[0] in "\"'" else ""
    inner = said.strip("\"'")
    if inner in ("", "null", "None", "true", "false", HIDDEN):
        return found[0]
    return f"{found[1]}{quote}{HIDDEN}{quote}"
