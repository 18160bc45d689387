"""The commands that need no host: validate, format, diff of two documents, schema."""

import json

import pytest

from linkhold.cli import main

GOOD = "interfaces:\n- name: br0\n  type: linux-bridge\n"
WRONG = "interfaces:\n- name: br0\n  type: linux-brigde\n- name: eth1\n  type: ethernet\n  mtu: big\n"


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def run(capsys, *words):
    return main.main(words), *capsys.readouterr()


def test_valid_documents(capsys, file):
    one, two = file("one.yml", GOOD), file("two.yml", GOOD)
    assert run(capsys, "validate", one, two) == (0, f"{one}: valid\n{two}: valid\n", "")


def test_all_mistakes_of_all_documents(capsys, file):
    good, wrong, worse = file("good.yml", GOOD), file("wrong.yml", WRONG), file("worse.yml", "routes: 3")
    code, text, complaint = run(capsys, "validate", good, wrong, worse)
    assert code == 65
    assert text == f"{good}: valid\n"
    assert f"{wrong}:3:9: error" in complaint
    assert f"{wrong}:6:8: error" in complaint
    assert f"{worse}:1:9: error" in complaint
    assert "did you mean 'linux-bridge'?" in complaint
    assert complaint.endswith("3 mistakes; nothing was touched\n")


def test_mistakes_as_json(capsys, file):
    code, text, complaint = run(capsys, "validate", "--json", file("wrong.yml", WRONG))
    told = json.loads(text)
    assert (code, complaint, told["valid"]) == (65, "", False)
    assert [(one["line"], one["column"], one["path"]) for one in told["diagnostics"]] == [
        (3, 9, "interfaces[br0].type"),
        (6, 8, "interfaces[eth1].mtu"),
    ]
    assert all(one["hint"] or one["expected"] or one["message"] for one in told["diagnostics"])
    assert run(capsys, "validate", "--json", file("good.yml", GOOD)) == (0, '{"valid": true, "diagnostics": []}\n', "")


def test_a_warning_is_told_but_is_no_mistake(capsys, file):
    code, text, complaint = run(capsys, "validate", file("empty.yml", ""))
    assert code == 0
    assert text.endswith("empty.yml: valid\n")
    assert "warning[empty]" in complaint


def test_a_file_that_is_not_there(capsys):
    assert run(capsys, "validate", "/nonexistent/x.yml") == (
        1,
        "",
        "linkhold: can't read /nonexistent/x.yml: No such file or directory\n",
    )


def test_format(capsys, file):
    path = file("x.json", '{"interfaces": [{"type": "linux-bridge", "name": "br0", "mtu": "1400"}]}')
    canonical = "---\ninterfaces:\n- name: br0\n  type: linux-bridge\n  mtu: 1400\n"
    assert run(capsys, "format", path) == (0, canonical, "")
    assert run(capsys, "format", file("again.yml", canonical)) == (0, canonical, "")
    text = run(capsys, "format", "--json", path)[1]
    assert json.loads(text) == {"interfaces": [{"name": "br0", "type": "linux-bridge", "mtu": 1400}]}


def test_a_mistake_while_formatting_json_is_json(capsys, file):
    code, text, _ = run(capsys, "format", "--json", file("x.yml", WRONG))
    assert code == 65
    assert len(json.loads(text)["diagnostics"]) == 2


def test_secrets_are_hidden_unless_asked_for(capsys, file):
    path = file(
        "x.yml",
        "interfaces:\n- name: eth1\n  type: ethernet\n"
        "  802.1x: {identity: me, eap-methods: [tls], private-key-password: hushhush}\n",
    )
    assert "hushhush" not in run(capsys, "format", path)[1]
    assert "hushhush" in run(capsys, "format", "-s", path)[1]


def test_diff_of_two_documents(capsys, file):
    old, new = file("old.yml", GOOD), file("new.yml", GOOD + "  mtu: 1400\n")
    code, text, _ = run(capsys, "diff", "--exit-code", new, old)
    assert code == 4
    assert "~ interface br0 (linux-bridge)" in text
    assert "mtu: 1400" in text
    assert run(capsys, "diff", "--exit-code", old, old) == (0, "No differences.\n", "")
    code, text, _ = run(capsys, "diff", "--json", new, old)
    assert [(one["action"], one["name"]) for one in json.loads(text)] == [("~", "br0")]
    assert run(capsys, "diff", "--json", old, old)[1] == "[]\n"


def test_schema_is_a_json_schema(capsys):
    code, text, _ = run(capsys, "schema")
    assert code == 0
    assert json.loads(text)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_version_as_json(capsys):
    import linkhold

    assert json.loads(run(capsys, "version", "--json")[1]) == {"name": "linkhold", "version": linkhold.__version__}
