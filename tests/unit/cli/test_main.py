"""Finding the command: help, unknown words, and the short way past the parser."""

import pytest

from linkhold.cli import codes, main


def run(capsys, *words):
    try:
        code = main.main(words)
    except SystemExit as ended:
        code = ended.code
    return code, *capsys.readouterr()


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_explains_itself_with_examples(capsys, name):
    code, text, complaint = run(capsys, *name.split(), "--help")
    assert (code, complaint) == (0, "")
    assert text.startswith(f"usage: linkhold {name}")
    examples = text.split("examples:\n")[1].splitlines()
    assert any(f"linkhold {name}" in line for line in examples)
    assert all(len(line) <= 110 for line in text.splitlines())


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_example_is_a_command_line_that_is_understood(name):
    import shlex

    understood = 0
    for line in main.load(name).EXAMPLES.splitlines():
        head = line.strip().split("     ")[0].split("   ")[0].split(" | ")[0].split(" > ")[0].split(" < ")[0]
        words = [word for word in shlex.split(head, comments=True) if "=" not in word]
        if words[:1] != ["linkhold"]:
            continue
        command, words = main.named(words[1:])
        assert command in main.COMMANDS
        main.parser_of(command).parse_args(words)
        understood += 1
    assert understood


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("help",)])
def test_help_lists_all_commands_and_exit_codes(capsys, words):
    code, text, _ = run(capsys, *words)
    assert code == 0
    for name, sentence in main.COMMANDS.items():
        assert f"  {name}" in text
        assert sentence in text
    for number in codes.EXIT_CODES:
        assert f"{number}  " in text


def test_help_of_a_command_both_ways(capsys):
    assert run(capsys, "help", "apply") == run(capsys, "apply", "--help")
    assert run(capsys, "help", "agent", "call") == run(capsys, "agent", "call", "--help")


@pytest.mark.parametrize("group", main.GROUPS)
def test_help_of_a_group_lists_its_commands(capsys, group):
    code, text, _ = run(capsys, group, "--help")
    assert code == 0
    assert text.startswith(f"usage: linkhold {group} COMMAND")
    assert all(f"  {name}" in text for name in main.COMMANDS if name.startswith(f"{group} "))
    assert run(capsys, group) == (2, "", text)
    assert run(capsys, "help", group)[1] == text


def test_every_command_of_two_words_is_in_a_group():
    assert {name.split()[0] for name in main.COMMANDS if " " in name} == set(main.GROUPS)
    assert not set(main.GROUPS) & set(main.COMMANDS)


def test_an_unknown_command_of_a_group(capsys):
    code, _, complaint = run(capsys, "agent", "cal")
    assert code == 2
    assert "agent call" in complaint


def test_no_command_is_a_wrong_command_line(capsys):
    code, text, complaint = run(capsys)
    assert (code, text) == (2, "")
    assert complaint.startswith("usage: linkhold COMMAND")


def test_an_unknown_command_gets_a_hint(capsys):
    code, text, complaint = run(capsys, "aply")
    assert (code, text) == (2, "")
    assert complaint == "linkhold: error: invalid choice: 'aply' (did you mean 'apply' or 'policy'?)\n"


def test_options_are_not_abbreviated(capsys):
    code, _, complaint = run(capsys, "apply", "--no-com")
    assert code == 2
    assert "--no-com" in complaint


@pytest.mark.parametrize(
    "words",
    [
        ("apply", "--timeout", "soon"),
        ("apply", "--timeout", "-1"),
        ("apply", "--wait", "inf"),
        ("apply", "--probe", "ping:192.0.2.1"),
        ("watch", "--for", "x"),
    ],
)
def test_wrong_values_are_a_wrong_command_line(capsys, words):
    code, _, complaint = run(capsys, *words)
    assert code == 2
    assert words[1] in complaint


@pytest.mark.parametrize("names", [[], ["lo"], ["eth*", "br0"]])
def test_the_short_way_is_what_the_parser_gives(names):
    assert vars(main.without_parser("show", names)) == vars(main.parser_of("show").parse_args(names))


def test_there_is_no_short_way_for_options_and_other_commands():
    assert main.without_parser("show", ["--json"]) is None
    assert main.without_parser("plan", []) is None


@pytest.mark.parametrize("words", [("version",), ("--version",), ("-V",)])
def test_version(capsys, words):
    import linkhold

    assert run(capsys, *words) == (0, f"linkhold {linkhold.__version__}\n", "")
