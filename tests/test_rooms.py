"""The house itself: what may stand where, and what the wheel holds."""

import ast
import fnmatch
import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = sorted(
    path for room in ("trax", "flows", "tasks") for path in (ROOT / room).rglob("*.py")
)
TEXT = [
    path
    for pattern in (
        "*.md",
        "*.toml",
        "Makefile",
        "docs/**/*.md",
        "benchmarks/**/*.md",
        "samples/*.md",
        "**/*.py",
    )
    for path in ROOT.glob(pattern)
    if ".venv" not in path.parts
]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.slow
def test_functions_stay_small():
    """At most sixty lines, not counting a command's options, a schema's tables, and routes that are
    made for several paths at once.
    """
    paths = [path for path in PRODUCT if "migrations" not in path.parts]
    assert [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in paths
        for node in functions(path)
        if node.end_lineno - node.body[0].lineno + 1 > 60 and node.name != "add_routes"
    ] == []


def test_prefect_is_known_in_one_room_of_the_library():
    """And only when it is used."""
    knowing = {
        path.parent.relative_to(ROOT).as_posix()
        for path in PRODUCT
        if path.is_relative_to(ROOT / "trax")
        and re.search(r"^\s*(import|from) prefect", path.read_text(), re.MULTILINE)
    }
    assert knowing == {"trax/orchestration"}


def test_no_machine_s_paths_are_written_down():
    """The project runs anywhere."""
    absolute = re.compile(r"(?<![\w.])/(work|home/\w+|Users)/")
    assert [str(path) for path in TEXT if absolute.search(path.read_text())] == []


ROOMS = ("trax", "blocks", "tasks", "flows")


def modules() -> dict[str, Path]:
    """Every module of the rooms, by its name."""
    found = {}
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(tree: ast.AST, known: dict[str, Path]) -> set[str]:
    """Modules that a module imports: at its top, in functions, for types, through importlib."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else node.module)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            name = node.args[0]
            parts = name.values if isinstance(name, ast.JoinedStr) else [name]
            pattern = "".join(
                part.value if isinstance(part, ast.Constant) else "*" for part in parts
            )
            matching = fnmatch.filter(known, pattern)
            found |= {name for name in matching if not name.endswith("__main__")}
    return found & set(known)


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Groups of modules that all lead to each other (Tarjan 1972)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in graph[name]:
            if other not in order:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == order[name]:
            at = stack.index(name)
            found.append(set(stack[at:]))
            del stack[at:]

    for name in graph:
        if name not in order:
            visit(name)
    return [group for group in found if len(group) > 1]


def test_no_modules_import_each_other_in_a_circle():
    """Not even for types, inside a function, or by a name that importlib is given."""
    known = modules()
    graph = {
        name: imported(ast.parse(path.read_text()), known) - {name} for name, path in known.items()
    }
    assert graph["trax.orchestration.blocks"] >= {"blocks"}
    assert graph["trax.orchestration.flows"] >= {"flows.transcribe"}
    assert circles(graph) == []


def test_circles_are_seen():
    """The check itself."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [{"b", "c"}]


def test_links_in_documents_lead_somewhere():
    """Relative ones, at least."""
    for path in (path for path in TEXT if path.suffix == ".md"):
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_setting_stands_in_the_docs():
    """With its variable."""
    from trax.settings import variables

    text = (ROOT / "docs" / "settings.md").read_text()
    for name in variables():
        assert f"`{name}`" in text, name


def test_the_published_schema_is_the_code_s():
    """docs/transcript.schema.json is made from the model; make it again when this fails."""
    import json

    from trax.transcript.codec import transcript_schema

    published = json.loads((ROOT / "docs" / "transcript.schema.json").read_text())
    assert published == transcript_schema()


def test_the_published_api_is_the_code_s(tmp_path):
    """docs/openapi.json is made from the routes: whoever changes one sees what callers will."""
    import json

    from trax.testing.web_server import scripted_service
    from trax.web.app import create_app

    published = json.loads((ROOT / "docs" / "openapi.json").read_text())
    described = create_app(scripted_service(tmp_path)).openapi()
    published["info"]["version"] = described["info"]["version"]
    assert json.loads(json.dumps(described)) == published


@pytest.mark.slow
def test_command_help_in_the_docs_is_the_command_s():
    """docs/cli.md is generated: `python docs/generate.py`."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from the working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--wheel-dir",
            str(folder),
            str(ROOT),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return next(folder.glob("trax_speech-*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_the_library_alone(wheel):
    """And its data: the PLDA that packaged diarization needs, the calibration of confidence."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"trax", "trax_speech"}
    assert {"trax/diarization/plda_campplus/plda.npz", "trax/asr/calibration.json"} <= set(names)


@pytest.mark.slow
def test_the_wheel_holds_the_web_interface(wheel):
    """Users need no Node: every built file that is in git is in the wheel, byte for byte."""
    held = zipfile.ZipFile(wheel)
    built = [path for path in (ROOT / "trax" / "web" / "static").rglob("*") if path.is_file()]
    assert ROOT / "trax" / "web" / "static" / "index.html" in built
    for path in built:
        assert held.read(path.relative_to(ROOT).as_posix()) == path.read_bytes()


@pytest.mark.slow
def test_every_entrypoint_loads_from_wheel_and_rooms(wheel, tmp_path):
    """As in an image: the wheel installed, the rooms copied beside it, no editable install to hide
    behind.
    """
    builder = venv.EnvBuilder(system_site_packages=False, with_pip=False, symlinks=True)
    builder.create(tmp_path / "env")
    site = next((tmp_path / "env" / "lib").glob("python3*")) / "site-packages"
    zipfile.ZipFile(wheel).extractall(site)
    packages = [entry for entry in sys.path if entry.endswith("site-packages")]
    (site / "outer.pth").write_text("\n".join(packages))
    for room in ("flows", "tasks"):
        subprocess.run(["cp", "-r", str(ROOT / room), str(tmp_path / room)], check=True)
    script = (
        f"import sys; sys.path = [p for p in sys.path if p != {str(ROOT)!r}]\n"
        "import trax, pathlib; assert "
        f"pathlib.Path(trax.__file__).is_relative_to({str(site)!r}), trax.__file__\n"
        "from prefect.flows import load_flow_from_entrypoint\n"
        "for file in sorted(pathlib.Path('flows').glob('*.py')):\n"
        "    print(load_flow_from_entrypoint(f'{file}:{file.stem}', "
        "use_placeholder_flow=False).name)\n"
    )
    done = subprocess.run(
        [str(tmp_path / "env" / "bin" / "python"), "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == sorted(
        path.stem.replace("_", "-") for path in (ROOT / "flows").glob("*.py")
    )
