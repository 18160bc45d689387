"""docs/reference/library.md: the public names of `linkhold`, with their signatures and docstrings."""

import ast
import inspect
import re
import textwrap
import typing

import linkhold
from generator.markdown import NOTICE, code, fenced
from linkhold.executor import store
from linkhold.planning import change, planner
from linkhold.policy import evaluate
from linkhold.transaction import result

INTRODUCTION: typing.Final = """\
# The library

`import linkhold` imports nothing heavy; each name below is loaded on first use. The functions block until they are done;
`linkhold.aio` has the same ones as coroutines. A *document* is a text (YAML or JSON), plain data (what `json.loads`
gives) or a `NetworkState`.

```python
{example}
```"""

FUNCTIONS: typing.Final = (
    "show",
    "plan",
    "apply",
    "confirm",
    "commit",
    "rollback",
    "restore",
    "history",
    "evaluate_policy",
    "generate_differences",
    "generate_inverse",
)
"""In the order in which one needs them."""

VALUES: typing.Final = (
    planner.Outcome,
    change.Plan,
    change.Change,
    change.Difference,
    change.Risk,
    result.Result,
    store.Told,
    evaluate.Evaluated,
)
"""What the functions give."""


def page() -> str:
    """The page."""
    doc = inspect.cleandoc(linkhold.__doc__ or "")
    example = "\n".join(line[4:] for line in doc.splitlines() if line.startswith("    ") or not line)
    parts = [NOTICE, INTRODUCTION.format(example=re.sub(r" +#", "  #", example.strip())), "## Functions"]
    for name in FUNCTIONS:
        parts += _function(name)
    parts.append("## Exceptions")
    for name in linkhold.__all__:
        thing = getattr(linkhold, name)
        if inspect.isclass(thing) and issubclass(thing, BaseException):
            parts += [f"### {name}", docstring(thing)]
    parts.append("## Values")
    for cls in (linkhold.Diagnostic, *VALUES):
        fields = ", ".join(map(code, cls.field_names()))
        parts += [f"### {cls.__name__}", f"*{cls.__module__}.{cls.__qualname__}*", docstring(cls), f"Fields: {fields}."]
    return "\n\n".join(part for part in parts if part)


def _function(name: str) -> typing.Iterator[str]:
    function = getattr(linkhold, name)
    yield f"### {name}"
    if function.__name__ != name:
        yield f"Another name of [`{function.__name__}`](#{function.__name__})."
    else:
        yield fenced(signature(function), "python")
        yield docstring(function)


def signature(function: typing.Any) -> str:
    """`def` and its arguments as written in the source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        raise TypeError(f"{function!r} is no function")
    arguments = _lines(tree.args)
    returns = f" -> {_type(tree.returns)}" if tree.returns else ""
    line = f"def {tree.name}({', '.join(arguments)}){returns}"
    if len(line) <= 100:
        return line
    return f"def {tree.name}(\n" + "".join(f"    {one},\n" for one in arguments) + f"){returns}"


def _lines(arguments: ast.arguments) -> list[str]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    lines = [_one(one, default) for one, default in zip(plain, defaults, strict=True)]
    if arguments.vararg:
        lines.append("*" + _one(arguments.vararg, None))
    elif arguments.kwonlyargs:
        lines.append("*")
    return lines + [
        _one(one, default) for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]


def _one(argument: ast.arg, default: ast.expr | None) -> str:
    text = argument.arg + (f": {_type(argument.annotation)}" if argument.annotation else "")
    return text + (f"{' = ' if argument.annotation else '='}{ast.unparse(default)}" if default is not None else "")


def _type(annotation: ast.expr) -> str:
    """An annotation, one in quotes without them."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    return ast.unparse(annotation)


def docstring(thing: typing.Any) -> str:
    """The docstring in Markdown: paragraphs stay; `Raises:` and examples become a list and code."""
    text = inspect.cleandoc(thing.__doc__ or "").replace("``", "`")
    parts = []
    for paragraph in text.split("\n\n"):
        lines = paragraph.splitlines()
        head = lines[0].strip() if lines else ""
        if head in ("Raises:", "Args:", "Returns:"):
            parts.append(f"**{head[:-1]}**\n\n" + "\n".join(_items(textwrap.dedent("\n".join(lines[1:])))))
        elif lines and lines[0].startswith((">>>", "    ")):
            parts.append(fenced(textwrap.dedent(paragraph), "python"))
        else:
            parts.append(" ".join(paragraph.split()))
    return "\n\n".join(parts)


def _items(text: str) -> typing.Iterator[str]:
    items: list[str] = []
    for line in text.splitlines():
        if line.startswith(" ") and items:
            items[-1] += " " + line.strip()
        elif line.strip():
            items.append(line.strip())
    for item in items:
        name, colon, rest = item.partition(": ")
        names = ", ".join(map(code, name.split(", "))) if re.fullmatch(r"[\w., ]+", name) and colon else name
        yield f"- {names}{colon}{rest}"
