"""Route rules: additive in a document, taken away only by ``state: absent`` entries whose given fields all match."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Names, Range, Spelled, Strict
from linkhold.state.forms import Form, Plain, Whole
from linkhold.state.spellings import OPTIONAL_NETWORK, is_ipv6


class Hexadecimal(Form):
    """A number that is printed as ``0x…``."""

    expected = "a whole number, as in 0x30"
    _whole = Whole(0, 2**32 - 1)

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        """As a whole number of 32 bits."""
        return self._whole.read(raw, at, found)

    def write(self, value: typing.Any, secrets: bool) -> Plain:
        """As a hexadecimal text."""
        return hex(value)

    def schema(self) -> dict[str, Plain]:
        """As a whole number of 32 bits."""
        return self._whole.schema()


class RouteRule(Record):
    """Which routing table (or which fate) a packet meets, by where it comes from and goes to.

    A `priority` of -1 means the next free one; a `route_table` of 0 the main table. `fwmark` and `fwmask` are numbers.
    """

    state: typing.Literal["absent"] | Unset = UNSET
    family: typing.Literal["ipv4", "ipv6"] | Unset = UNSET
    ip_from: typing.Annotated[str | Unset, OPTIONAL_NETWORK] = UNSET
    ip_to: typing.Annotated[str | Unset, OPTIONAL_NETWORK] = UNSET
    priority: typing.Annotated[int | Unset, Range(-1, 2**32 - 1)] = UNSET
    route_table: typing.Annotated[int | Unset, Range(0, 2**32 - 1)] = UNSET
    fwmark: typing.Annotated[int | Unset, Hexadecimal()] = UNSET
    fwmask: typing.Annotated[int | Unset, Hexadecimal()] = UNSET
    action: typing.Literal["blackhole", "unreachable", "prohibit"] | Unset = UNSET
    iif: typing.Annotated[str | Unset, Names("source")] = UNSET
    suppress_prefix_length: typing.Annotated[
        int | Unset, Spelled("suppress-prefix-length", "suppress_prefixlength"), Range(0, 128), Strict()
    ] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """The family is known, and the addresses are of it."""
        networks = [("ip-from", self.ip_from), ("ip-to", self.ip_to)]
        given = {key: text for key, text in networks if isinstance(text, str) and text}
        families = {key: "ipv6" if is_ipv6(text) else "ipv4" for key, text in given.items()}
        if self.state != "absent" and self.family is UNSET and not families:
            hint = "say family: ipv4 or family: ipv6, or give ip-from or ip-to"
            found.error("missing-key", at, "the rule says no family", expected="family, ip-from or ip-to", hint=hint)
        expected = self.family if isinstance(self.family, str) else next(iter(families.values()), None)
        for key, family in families.items():
            if family != expected:
                message = f"{given[key]} is of {family}, the rule of {expected}"
                found.error("family", (*at, key), message, expected=f"a network of {expected}")


class RouteRules(Record):
    """`config` are the rules that were set by hand."""

    config: tuple[RouteRule, ...] | Unset = UNSET
