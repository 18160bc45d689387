"""The reference pages are what the code gives."""

import importlib.util
import pathlib
import shutil
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generate():
    """docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate", REPOSITORY / "docs/generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_page_is_stale(generate):
    assert generate.stale() == [], "run `make docs`"


def test_every_page_is_generated_or_listed(generate):
    index = (REPOSITORY / "docs/README.md").read_text()
    for path in (REPOSITORY / "docs/reference").iterdir():
        assert path.name in generate.PAGES
        assert f"reference/{path.name}" in index


def test_every_property_and_kind_is_in_the_reference():
    from linkhold.state.fields import fields_of
    from linkhold.state.interfaces import KINDS
    from linkhold.state.schema import record_classes

    text = (REPOSITORY / "docs/reference/document.md").read_text()
    keys = {field.key for cls in record_classes() for field in fields_of(cls).values()}
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []
    assert [kind for kind in KINDS if f"`type: {kind}`" not in text] == []


def test_every_command_and_exit_code_is_in_the_reference():
    from linkhold.cli.codes import EXIT_CODES
    from linkhold.cli.main import COMMANDS

    text = (REPOSITORY / "docs/reference/command-line.md").read_text()
    assert [name for name in COMMANDS if f"\n## {name}\n" not in text] == []
    assert [code for code in EXIT_CODES if f"\n| {code} |" not in text] == []


def test_the_manual_page_is_well_formed():
    if shutil.which("groff") is None:
        text = (REPOSITORY / "docs/reference/linkhold.8").read_text()
        macros = {line.split()[0] for line in text.splitlines() if line.startswith(".")}
        assert macros <= {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".BR", ".I", ".RI", ".nf", ".fi", '.\\"'}
        return
    command = ["groff", "-man", "-Tutf8", "-ww", "-z", str(REPOSITORY / "docs/reference/linkhold.8")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
