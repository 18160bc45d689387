"""Options of a bond as text (``mode=4 miimon=100``) and by name; which there are and what they may be is the core's to say."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.networks.mistakes import Mistakes, Stage
from linkhold.state.fields import Default, fields_of
from linkhold.state.forms import read_record, write_record
from linkhold.state.interfaces.bond import BondOptions, LinkAggregation
from linkhold.state.scalars import Plain

USUAL_MODE: typing.Final = "balance-rr"


def split(text: str, at: Path, found: Mistakes) -> dict[str, str]:
    """The options that a text holds. ``custom=…`` was for hooks, and is left out."""
    options: dict[str, str] = {}
    for word in text.split():
        name, sign, value = word.partition("=")
        if not sign or not name:
            message = f"Error parsing bonding options: '{word}'"
            found.error(Stage.BOND, "bad-bonding", at, message, expected="name=value, with blanks between")
        elif options.setdefault(name, value) != value:
            message = f"Error parsing bonding options: '{name}' is said twice"
            found.error(Stage.BOND, "bad-bonding", at, message, hint="say it once")
    if "custom" in options:
        found.warning("ignored", at, "'custom' among the options of a bond is ignored", hint="leave it out")
        del options["custom"]
    return options


def canonical(said: typing.Mapping[str, str], at: Path, found: Mistakes) -> dict[str, str]:
    """The same with words for numbers where the kernel has words, `mode` first; all that is wrong as diagnostics."""
    raw: dict[str, Plain] = {name: value for name, value in said.items() if name != "mode"}
    mistakes = Diagnostics()
    read = read_record(LinkAggregation, {"mode": said.get("mode") or USUAL_MODE, "options": raw}, (), mistakes)
    for one in mistakes:
        option = str(one.path[-1]) if one.path else "options"
        message = f"{option}: {one.message}"
        if one.code == "unknown-key":
            message = f"'{option}' is not a valid bonding option"
        elif one.code == "bond-option":
            message = f"'{option}' is not a valid bonding option: {one.message}"
        found.error(Stage.BOND, "bad-bonding", at, message, expected=one.expected, hint=one.hint)
    if not isinstance(read, LinkAggregation):
        return {}
    options = read.options if isinstance(read.options, BondOptions) else BondOptions()
    return as_text(read.mode if isinstance(read.mode, str) else USUAL_MODE, options)


def as_text(mode: str, options: BondOptions) -> dict[str, str]:
    """Options of the core as a request names them: `mode` first, the others sorted, flags as 0 and 1."""
    plain = write_record(options)
    return {"mode": mode, **{name: _text(plain[name]) for name in sorted(plain)}}


def _text(value: Plain) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def of_kernel(section: LinkAggregation) -> dict[str, str]:
    """The options that a bond of the host has beside the defaults; ``{}`` where its mode is not known."""
    if not isinstance(section.mode, str):
        return {}
    options = section.options if isinstance(section.options, BondOptions) else BondOptions()
    known = fields_of(BondOptions)
    changed = {}
    for name, value in options.fitting(section.mode).said().items():
        default = known[name].marker(Default)
        if default is None or default.value != value:
            changed[name] = value
    return as_text(section.mode, BondOptions(**changed))


def lacking(options: typing.Mapping[str, str], defaults: typing.Mapping[str, typing.Mapping[str, str]]) -> list[str]:
    """The options that this kernel does not have; `defaults` as in `facts.Facts.bond_defaults`, nothing known: none."""
    table = defaults.get(options.get("mode", USUAL_MODE))
    if not table:
        return []
    return [name for name in options if name not in table and name != "mode"]


def join(options: typing.Mapping[str, str]) -> str:
    """The options as one text."""
    return " ".join(f"{name}={value}" for name, value in options.items())


def follows_port(options: typing.Mapping[str, str]) -> bool:
    """Whether the bond takes the MAC of its active port, so that none can be given."""
    return options.get("mode") == "active-backup" and options.get("fail_over_mac") == "active"
