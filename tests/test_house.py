"""The house style and the shape of the tree, as far as a machine can see them."""

import ast
import re
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.tree import PYPROJECT, ROOMS, ROOT, files, modules, name

PYTHON = (*ROOMS, "tests", "benchmarks")
CONTRACTS = PYPROJECT["tool"]["importlinter"]["contracts"]
GENERATED = "store/migrations/versions/"  # one migration is one statement a table, and is never edited again
PLATFORMS = [m.rpartition(".")[2] for c in CONTRACTS if c["type"] == "independence" for m in c["modules"]]

# What belongs to one machine or to the making of the program, and not into the program.
FOREIGN = re.compile(
    r"/root/|/Users/|/home/[a-z]|/tmp/|py"
    r"pi\.org|python"
    r"hosted|index-url|find-links"
    r"|\b[Ii]ssues? (#|\d|show\b)|\.\./shared|\bfacts/\w+\.md"
)


def docstring(node: ast.AST) -> ast.Constant | None:
    """The node of a module's, class's or function's docstring."""
    match node:
        case (
            ast.Module(body=[ast.Expr(value=ast.Constant(value=str()) as text), *_])
            | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str()) as text), *_])
            | ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str()) as text), *_])
            | ast.AsyncFunctionDef(body=[ast.Expr(value=ast.Constant(value=str()) as text), *_])
        ):
            return text
    return None


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Constant | None) -> int:
    return (node.end_lineno or 0) - node.lineno + 1 if node else 0


def functions(*folders: str) -> Iterator[tuple[str, int]]:
    """Every function with its lines, docstring left out: explaining more should cost nothing."""
    for module, tree in modules(*folders):
        for node in ast.walk(tree) if not module.startswith(GENERATED) else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}:{node.lineno} {node.name}", lines_of(node) - lines_of(docstring(node))


def test_no_module_is_over_400_lines() -> None:
    written = [path for path in files() if path.suffix == ".py" and not name(path).startswith(GENERATED)]
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in written}
    assert {module: lines for module, lines in lengths.items() if lines > 400} == {}


def test_no_function_is_over_80_lines() -> None:
    assert [(function, lines) for function, lines in functions(*PYTHON) if lines > 80] == []


def test_most_functions_are_short() -> None:
    lengths = [lines for _, lines in functions(*ROOMS)]
    assert statistics.median(lengths) <= 8
    assert statistics.quantiles(lengths, n=10)[-1] <= 30


def undocumented(tree: ast.Module) -> Iterator[str]:
    if not ast.get_docstring(tree):
        yield "the module"
    for node in tree.body:
        if (
            isinstance(node, ast.ClassDef | ast.FunctionDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ):
            yield node.name


def test_every_module_and_public_name_says_what_it_is() -> None:
    found = {module: list(undocumented(tree)) for module, tree in modules(*ROOMS) if not module.startswith(GENERATED)}
    assert {module: names for module, names in found.items() if names} == {}


def test_nothing_is_called_manager_helper_or_utils() -> None:
    vague = re.compile(r"(manager|helper|util)s?$", re.IGNORECASE)
    names = [
        f"{module} {node.name}"
        for module, tree in modules(*ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and vague.search(node.name)
    ]
    assert names + [module for module, _ in modules(*ROOMS) if vague.search(Path(module).stem)] == []


def patches(tree: ast.Module) -> Iterator[int]:
    """Lines of `patch(…)`, `patch.object(…)`, `monkeypatch.setattr(…)` and the like; a set environment is none."""
    harmless = {"setenv", "delenv", "chdir", "context", "syspath_prepend"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).split(".")
            if any("patch" in part.lower() for part in called) and called[-1] not in harmless:
                yield node.lineno


def test_fakes_are_preferred_to_patches() -> None:
    found = [f"{module}:{line}" for module, tree in modules("tests") for line in patches(tree)]
    assert len(found) < 10, found


def foreign(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:  # a sample in another encoding
        return
    for number, line in enumerate(lines, 1):
        if FOREIGN.search(line):
            yield f"{name(path)}:{number}: {line.strip()[:100]}"


def test_the_tree_names_no_machine_index_or_tracker() -> None:
    assert [line for path in files() if path != Path(__file__) for line in foreign(path)] == []


@pytest.mark.parametrize(
    "lock", ["requirements.txt", "docs/deploy/requirements.txt", "benchmarks/peers.txt", "benchmarks/match-peers.txt"]
)
def test_every_locked_requirement_has_a_version_and_hashes(lock: str) -> None:
    text = re.sub(r"^#.*\n", "", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE)
    requirements = text.replace("\\\n", " ").splitlines()
    assert len(requirements) > 20
    whole = re.compile(r"[a-z0-9-]+==\S+( ; [^@]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert [line[:60] for line in requirements if not whole.fullmatch(line)] == []


def requirement(text: str) -> str:
    match = re.match(r"[\w-]+", text)
    assert match
    return match[0].lower()


def test_every_dependency_is_locked() -> None:
    project = PYPROJECT["project"]
    stated = [*project["dependencies"], *PYPROJECT["dependency-groups"]["dev"], *PYPROJECT["build-system"]["requires"]]
    stated += [text for extra in project["optional-dependencies"].values() for text in extra]
    locked = set(re.findall(r"^([\w-]+)==", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE))
    assert {requirement(text) for text in stated} - locked == set()


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_one_module_knows_the_http_library() -> None:
    importers = {m for m, tree in modules(*ROOMS) if any(i.split(".")[0] == "httpx" for i in imports(tree))}
    assert importers <= {"connectors/http.py"}


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not within functions or for types alone either. Packages are left out: what they offer is their modules'."""
    trees = {m.removesuffix(".py").replace("/", "."): tree for m, tree in modules(*ROOMS)}
    order = TopologicalSorter({module: trees.keys() & {*imports(tree)} - {module} for module, tree in trees.items()})
    order.prepare()  # raises CycleError, which names them


def words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Names, imports and strings of a module, with their lines; docstrings may say what they like."""
    prose = {docstring(node) for node in ast.walk(tree)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if node not in prose:
                yield node.lineno, text
            case ast.Name(id=text) | ast.Attribute(attr=text) | ast.keyword(arg=str(text)) | ast.arg(arg=text):
                yield node.lineno, text
            case ast.FunctionDef(name=text) | ast.ClassDef(name=text):
                yield node.lineno, text
            case ast.Import() | ast.ImportFrom():
                yield node.lineno, ast.unparse(node)


def test_every_platform_is_kept_from_the_others() -> None:
    assert {path.parent.name for path in files(ROOT / "connectors") if path.name == "sandbox.py"} <= {
        "connectors",
        *PLATFORMS,
    }


def test_a_platform_is_named_in_its_own_folder_and_in_configuration_alone() -> None:
    named = re.compile("|".join(PLATFORMS), re.IGNORECASE)
    rooms = [room for room in ROOMS if room != "config"]
    found = [
        f"{module}:{line}: {word[:60]}"
        for module, tree in modules(*rooms)
        for line, word in words(tree)
        if named.search(word) and not module.startswith(tuple(f"connectors/{p}/" for p in PLATFORMS))
    ]
    assert found == []


def test_the_layers_name_every_room_and_hold() -> None:
    layers = next(c["layers"] for c in CONTRACTS if c["type"] == "layers")
    assert {room for layer in layers for room in layer.split(" | ")} == set(ROOMS)
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_wheel_carries_every_module_and_data_file_and_no_test(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    carried = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    needed = {name(path) for room in ROOMS for path in files(ROOT / room)}
    assert needed - carried == set()
    assert {file.split("/")[0] for file in carried if ".dist-info/" not in file} == set(ROOMS)
