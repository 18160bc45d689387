"""docs/reference/library.md: the public names of `linkhold`, with their signatures and docstrings."""

import ast
import inspect
import textwrap
import typing

import linkhold
from generator.markdown import NOTICE, code, fenced

INTRODUCTION: typing.Final = """\
# The library

`import linkhold` imports nothing heavy; each name below is loaded on first use. The functions block until they are done."""


def page() -> str:
    """The page."""
    parts = [NOTICE, INTRODUCTION]
    for name in linkhold.__all__:
        thing = getattr(linkhold, name)
        if inspect.isclass(thing):
            parts += _class(name, thing)
        elif callable(thing):
            parts += [f"## {name}", fenced(signature(thing), "python"), docstring(thing)]
    return "\n\n".join(part for part in parts if part)


def _class(name: str, cls: type) -> typing.Iterator[str]:
    kind = "exception" if issubclass(cls, BaseException) else "class"
    yield f"## {name}"
    yield f"*{kind} {cls.__module__}.{cls.__qualname__}*"
    yield docstring(cls)
    fields = getattr(cls, "names", None)
    if callable(fields) and fields():
        yield "Fields: " + ", ".join(code(one) for one in fields()) + "."


def signature(function: typing.Any) -> str:
    """`def` and its arguments as written in the source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        raise TypeError(f"{function!r} is no function")
    arguments = _lines(tree.args)
    returns = f" -> {ast.unparse(tree.returns)}" if tree.returns else ""
    start = "async def" if isinstance(tree, ast.AsyncFunctionDef) else "def"
    line = f"{start} {tree.name}({', '.join(arguments)}){returns}"
    if len(line) <= 100:
        return line
    return f"{start} {tree.name}(\n" + "".join(f"    {one},\n" for one in arguments) + f"){returns}"


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
    text = argument.arg + (f": {ast.unparse(argument.annotation)}" if argument.annotation else "")
    return text + (f"{' = ' if argument.annotation else '='}{ast.unparse(default)}" if default is not None else "")


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
        yield f"- `{name}`: {rest}" if colon else f"- {item}"
