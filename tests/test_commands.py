"""The table of commands: what each is called, and what is imported before it runs."""

import subprocess
import sys

import pytest

from trax.cli.lazy import PANELS, loaded

COMMANDS = {name: text for panel in PANELS.values() for name, text in panel.items()}
ENGINES = (
    "alembic",
    "av",
    "ctranslate2",
    "docx",
    "httpx",
    "minio",
    "numpy",
    "openai",
    "prefect",
    "scipy",
    "sklearn",
    "torch",
)


def imported(script: str, names: tuple[str, ...], **environment: str) -> list[str]:
    """Which of the modules *names* are imported after *script*, in a process of its own."""
    after = f"import sys\n{script}\nprint('imported', *[n for n in {names!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", after], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1].split()[1:]


def test_the_overview_imports_no_command():
    """`trax --help` knows commands by name and summary alone."""
    script = "import trax.cli\ntrax.cli.app(['--help'], standalone_mode=False)"
    modules = tuple(f"trax.cli.{name}" for name in COMMANDS)
    assert imported(script, (*ENGINES, *modules, "sqlalchemy", "pydantic", "trax.errors")) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_found_and_keeps_its_name(command):
    """A line of the overview leads to a module."""
    assert loaded(command).name == command


@pytest.mark.parametrize("command", COMMANDS)
def test_help_gives_an_example(trax, command):
    """`--help` is where people look first."""
    result = trax(command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"trax {command}" in result.stdout


def test_a_command_that_is_none_suggests_one(trax):
    """A typing error costs no second look."""
    result = trax("shwo")
    assert result.exit_code == 2
    assert "Did you mean 'show'?" in result.stderr


@pytest.mark.slow
def test_showing_a_transcript_waits_for_no_engine(tmp_path):
    """`trax show` reads rows: no model, server, audio or migration is imported for that."""
    script = (
        "from trax.compose import open_transcripts\n"
        "from trax.settings import load_settings\n"
        "from trax.testing.samples import transcript\n"
        "open_transcripts(load_settings()).save(transcript())\n"
    )
    environment = {"TRAX_HOME": str(tmp_path), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    shown = "import trax.cli\ntrax.cli.app(['show', 'latest'], standalone_mode=False)"
    assert imported(shown, ENGINES, **environment) == []
