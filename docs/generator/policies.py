"""docs/reference/policies.md: the language of policies, with the cases of `tests/cases/policy` as examples."""

import inspect
import pathlib
import typing

from generator import REPOSITORY
from generator.markdown import NOTICE, code, fenced, table
from linkhold.policy import expression
from linkhold.policy.capture import LISTINGS
from linkhold.policy.document import DESIRED

CASES = REPOSITORY / "tests/cases/policy"

INTRODUCTION: typing.Final = f"""\
# The language of policies

A document with any of these keys is a policy:

| key | what |
| --- | --- |
| `capture` | a map of names to captures; their order says nothing |
| {" or ".join(map(code, DESIRED))} | the document that is wanted, with templates |
| `current` | a state to look at instead of the host's |

[The guide](../howto/policies.md) shows one at work. The result is the document that is wanted with its
templates filled in; with captures, only what of it
differs from the current state."""

CAPTURES: typing.Final = """\
- `PATH == VALUE` keeps the elements in which the path leads to that value; of an interface everything is kept.
  `!=` keeps the others. Where none is left, that is a mistake.
- `PATH := VALUE` sets the value in every element; `null` takes the key away.
- `PATH` alone keeps only that part; of interfaces also name and type.
- What stands before a pipe is what another capture found; without one, a capture looks at the current state.
- Values are compared as what they are: a MAC address in lower case is the same as in upper case, `1500` is
  `"1500"`, `yes` is `true`. `null` is equal to what is not there.
- A path through a list leads to all of its elements, or with a number to one, counted from 0.
- Words with blanks, quotes or `|`, `=`, `:=` in them go into quotes; within `"`, a backslash takes the meaning
  from the next character."""

TEMPLATES: typing.Final = """\
`"{{ capture.NAME.PATH }}"` stands for what the path leads to in what that capture found. In lists the path says
which element: `interfaces.0.name`.

- A text that is nothing but a template becomes the value with its type, be it a list or a map.
- Where there is text around it, the value has to be a text or a number. There may be several in one text."""

MISTAKES: typing.Final = """\
All mistakes are told at once, each with its place in the file and a pointer within the text. Those that need no
host (grammar, captures that are not there or need each other,
unknown keys in what is wanted) are told by `linkhold validate` too."""


def page() -> str:
    """The page."""
    grammar = inspect.cleandoc(expression.__doc__ or "").split("::\n\n")[1].split("\n\n")[0]
    grammar = inspect.cleandoc("\n" + grammar)
    lists = ((code(".".join(one.keys)), one.noun) for one in LISTINGS)
    parts = [NOTICE, INTRODUCTION, "## Captures", fenced(grammar), CAPTURES]
    parts += [
        "Paths begin with a section of a document, or with `capture.NAME`. Elements are those of these lists; "
        "any other section counts as one element:",
        table(("path", "element"), lists),
        "## Templates",
        TEMPLATES,
        "## Mistakes",
        MISTAKES,
        "## Examples",
        "Each is a test: on a host as [here](../../tests/cases/policy/dhcp-to-static/current.yml), the policy gives the "
        "document below it.",
    ]
    for case in sorted(CASES.iterdir()):
        if not case.name.startswith("mistake-"):
            parts += _example(case)
    return "\n\n".join(parts)


def _example(case: pathlib.Path) -> list[str]:
    lines = (case / "policy.yml").read_text(encoding="utf-8").splitlines()
    sentence = " ".join(line[2:] for line in lines if line.startswith("# "))
    policy = "\n".join(line for line in lines if not line.startswith("# "))
    result = (case / "result.yml").read_text(encoding="utf-8")
    title = case.name.replace("-", " ").capitalize()
    return [f"### {title}", sentence, fenced(policy, "yaml"), "gives", fenced(result, "yaml")]
