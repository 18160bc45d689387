"""Reading what may be a document or a policy: the keys tell."""

import typing

from linkhold.foundation.diagnostics import Invalid
from linkhold.policy.document import Policy, is_policy, parse_policy, read_policy
from linkhold.state.document import Document, parse_document, read
from linkhold.state.forms import Plain
from linkhold.state.network import NetworkState

_POLICY: typing.Final = "policy"
"""The code of the diagnostic that says: a policy is no document. Whoever reads documents only shows that one."""


def parse_either(text: str | bytes, *, source: str = "") -> Document | Policy:
    """The document or the policy that a YAML or JSON text holds; a document is read once, a policy twice.

    Raises:
        Invalid: with all mistakes that can be found without a host, each with its line and column.
    """
    try:
        return parse_document(text, source=source)
    except Invalid as invalid:
        if not any(one.code == _POLICY for one in invalid.diagnostics):
            raise
    return parse_policy(text, source=source)


def read_either(plain: Plain) -> NetworkState | Policy:
    """The same for plain data.

    Raises:
        Invalid: with all mistakes that can be found without a host.
    """
    return read_policy(plain) if is_policy(plain) else read(plain)
