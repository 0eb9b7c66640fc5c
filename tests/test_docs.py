"""The documentation says what the program does: commands, options, make targets, links, names of tests.

Settings are held against `docs/configuration.md` by the tests of `config/`.
"""

import ast
import re
import shlex
from collections.abc import Iterator

import pytest
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from tests.tree import ROOT, pages

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)\s]+)\)")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
PAGES = dict(pages())

Command = TyperCommand | TyperGroup


def program() -> TyperGroup:
    """The command line, as its parser sees it."""
    from sync.cli import app

    command = get_command(app)
    assert isinstance(command, TyperGroup)
    return command


def commands(group: TyperGroup, path: str = "rekisteri") -> Iterator[tuple[str, Command]]:
    """Every command that does something, with the words that call it."""
    for word, command in group.commands.items():
        assert isinstance(command, Command)
        if command.hidden:
            continue
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{path} {word}")
        if not isinstance(command, TyperGroup) or command.invoke_without_command:
            yield f"{path} {word}", command


def options(command: Command) -> set[str]:
    return {
        option
        for parameter in command.params
        if isinstance(parameter, TyperOption) and not parameter.hidden
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--") and option != "--help"
    }


def spoken() -> str:
    return "\n".join(PAGES.get(page, "") for page in ("README.md", "docs/commands.md"))


def test_every_command_is_documented() -> None:
    assert [path for path, _ in commands(program()) if path not in spoken()] == []


def test_every_option_is_documented() -> None:
    known = set(re.findall(r"--[a-z][a-z-]*", spoken()))
    assert {path: missing for path, command in commands(program()) if (missing := options(command) - known)} == {}


def test_every_command_shows_an_example_in_its_help() -> None:
    def shown(command: Command) -> str:
        return f"{command.help or ''}\n{command.epilog or ''}"

    assert [path for path, command in commands(program()) if path not in shown(command)] == []


def console(text: str, word: str) -> Iterator[list[str]]:
    """Calls of a command in the fenced blocks of a page, as words; comments and prompts left out."""
    for block in FENCE.findall(text):
        for line in block.splitlines():
            words = line.strip().removeprefix("$ ").removeprefix(".venv/bin/")
            if words.startswith(f"{word} "):
                yield shlex.split(words.partition(" | ")[0], comments=True)[1:]


def resolve(group: TyperGroup, words: list[str]) -> Command | None:
    """The command that these words call; None where there is none."""
    for word in words:
        if word.startswith("-"):
            continue
        command = group.commands.get(word)
        if isinstance(command, TyperGroup):
            group = command
        elif command or not group.invoke_without_command:
            return command if isinstance(command, TyperCommand) else None
    return group


def refusal(group: TyperGroup, words: list[str]) -> str | None:
    """What is wrong with a call, if anything."""
    while words and words[0] == "--config":
        words = words[2:]
    command = resolve(group, words)
    asked = any(word.startswith("--") for word in words)  # `rekisteri --version`
    if not command or (isinstance(command, TyperGroup) and not command.invoke_without_command and not asked):
        return "no such command"
    unknown = {word.partition("=")[0] for word in words if word.startswith("--")} - options(command)
    return f"no such option: {', '.join(unknown)}" if unknown - {"--help"} else None


@pytest.mark.parametrize("page", [page for page in PAGES if not page.startswith("docs/contract")])
def test_every_command_that_a_page_shows_exists(page: str) -> None:
    group = program()
    wrong = {" ".join(call): refusal(group, call) for call in console(PAGES[page], "rekisteri")}
    assert {call: why for call, why in wrong.items() if why} == {}


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_shows_exists(page: str) -> None:
    inline = set(re.findall(r"`make ([a-z-]+)`", PAGES[page]))
    fenced = {word for call in console(PAGES[page], "make") for word in call if re.fullmatch("[a-z-]+", word)}
    assert (inline | fenced) - TARGETS == set()


def anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken(page: str) -> Iterator[str]:
    for link in LINK.findall(FENCE.sub("", PAGES[page])):
        file, _, anchor = link.partition("#")
        target = (ROOT / page).parent / file if file else ROOT / page
        headings = anchors(target.read_text("utf-8")) if target.suffix == ".md" and target.exists() else set()
        if not target.exists() or (anchor and anchor not in headings):
            yield link


@pytest.mark.parametrize("page", PAGES)
def test_every_link_between_pages_leads_somewhere(page: str) -> None:
    assert list(broken(page)) == []


def defined(file: str) -> set[str]:
    path = ROOT / file
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def test_every_invariant_names_a_test_that_exists() -> None:
    program()
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGES["docs/design.md"])
    assert len(named) >= 13
    assert [f"{file}::{test}" for file, test in named if not (ROOT / file).exists()] == []
    assert [f"{file}::{test}" for file, test in named if test and test not in defined(file)] == []
