"""The project's own modules, parsed: what the architecture tests look at."""

import ast
import collections.abc
import functools
import pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "src/linkhold"


def modules() -> list[pathlib.Path]:
    """Every module of the package, as a path relative to it."""
    found = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    assert len(found) > 20, f"no modules in {PACKAGE}?"
    return found


@functools.cache
def parsed(module: pathlib.Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"), filename=str(module))


def defined_names(tree: ast.AST) -> collections.abc.Iterator[tuple[str, int]]:
    """Every name that this code gives to something, with its line: what is ours, unlike the names it only uses."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name):
                yield name, node.lineno
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno


def module_level_imports(tree: ast.Module) -> collections.abc.Iterator[str]:
    """The modules that importing this one imports: not those inside functions or under TYPE_CHECKING."""
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        match pending.pop():
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.If(test=test, body=body, orelse=other):
                pending += other if "TYPE_CHECKING" in ast.unparse(test) else [*body, *other]
            case ast.Try(body=body, handlers=handlers, orelse=other, finalbody=last):
                pending += [*body, *other, *last, *(stmt for handler in handlers for stmt in handler.body)]
            case ast.ClassDef(body=body) | ast.With(body=body):
                pending += body
