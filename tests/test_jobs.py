"""Prefect in this process: what is set for it, what is told when it is away, when a stage is tried
again.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.states import Completed, Failed

from tasks.browse import stage_row
from tasks.policy import if_transient
from trax.cli.edge import tell
from trax.errors import (
    DamagedObject,
    EngineError,
    ModelUnavailable,
    PrefectUnavailable,
    StoreUnavailable,
    UnreadableAudio,
)
from trax.orchestration import environment as module
from trax.orchestration.environment import configure
from trax.orchestration.flows import run_flow
from trax.progress import StageRun


@pytest.fixture
def clean(monkeypatch, tmp_path):
    """No Prefect settings, a user home without a Prefect profile, an environment to write to."""
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "DO_NOT"))]:
        monkeypatch.delenv(name)
    environment = dict(os.environ)
    monkeypatch.setattr(module.os, "environ", environment)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "user")
    return environment


def write_flow(folder: Path, name: str, body: str) -> Path:
    """A stand-in for a flow: a coroutine function in ``flows/<name>.py`` under a package of its
    own.
    """
    (folder / "flows").mkdir(parents=True, exist_ok=True)
    file = folder / "flows" / f"{name}.py"
    file.write_text(f"async def {name}(**parameters):\n    {body}\n")
    return file


@pytest.fixture
def rooms(tmp_path, monkeypatch):
    """A folder with flows of the test's own; the project's are forgotten for a while."""
    for name in [name for name in sys.modules if name.split(".")[0] == "flows"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "rooms"), *sys.path])
    yield tmp_path / "rooms"
    for name in [name for name in sys.modules if name.split(".")[0] == "flows"]:
        del sys.modules[name]


class TestConfiguration:
    def test_history_is_kept_in_trax_s_home(self, clean, tmp_path):
        """And the folder is there."""
        configure(tmp_path / "a" / "prefect")
        assert clean["PREFECT_HOME"] == str(tmp_path / "a" / "prefect")
        assert (tmp_path / "a" / "prefect").is_dir()

    def test_a_user_s_profile_is_respected(self, clean, tmp_path):
        """Their server, their history."""
        (tmp_path / "user" / ".prefect").mkdir(parents=True)
        (tmp_path / "user" / ".prefect" / "profiles.toml").touch()
        configure(tmp_path / "prefect")
        assert "PREFECT_HOME" not in clean

    def test_what_the_user_set_is_not_changed(self, clean, tmp_path):
        """Environment variables win."""
        clean["PREFECT_HOME"] = "elsewhere"
        clean["PREFECT_SERVER_LOGGING_LEVEL"] = "DEBUG"
        configure(tmp_path / "prefect")
        assert clean["PREFECT_HOME"] == "elsewhere"
        assert clean["PREFECT_SERVER_LOGGING_LEVEL"] == "DEBUG"

    def test_nothing_is_told_to_anybody(self, clean, tmp_path):
        """No analytics without a word from the user."""
        configure(tmp_path / "prefect")
        assert clean["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
        assert clean["DO_NOT_TRACK"] == "1"

    def test_a_home_that_cannot_be_made_is_an_error_of_ours(self, clean, tmp_path):
        """A file stands there."""
        (tmp_path / "taken").touch()
        with pytest.raises(StoreUnavailable, match="cannot make the folder"):
            configure(tmp_path / "taken" / "prefect")


class TestRunning:
    def test_the_flow_s_result_is_given(self, clean, rooms, tmp_path):
        """With the parameters it was called with."""
        file = write_flow(rooms, "echo", "return parameters['word']")
        assert run_flow(file, {"word": "hello"}, tmp_path / "prefect") == "hello"

    def test_the_flow_s_own_errors_go_through(self, clean, rooms, tmp_path):
        """The first cause, as it was raised."""
        file = write_flow(
            rooms,
            "bad",
            "from trax.errors import UnreadableAudio; raise UnreadableAudio('x.mp3', 'it is "
            "empty')",
        )
        with pytest.raises(UnreadableAudio, match="it is empty"):
            run_flow(file, {}, tmp_path / "prefect")

    @pytest.mark.parametrize(
        "failure",
        [
            "raise RuntimeError('Timed out while attempting to connect to ephemeral Prefect "
            "API server.')",
            "raise RuntimeError('Failed to reach API at http://127.0.0.1:9/api/')",
            "import httpx; raise httpx.ConnectError('refused')",
        ],
    )
    def test_a_server_that_does_not_answer_is_said(self, clean, rooms, tmp_path, failure, capsys):
        """With the way to do without."""
        file = write_flow(rooms, "away", failure)
        with pytest.raises(PrefectUnavailable, match="does not answer") as caught:
            run_flow(file, {}, tmp_path / "prefect")
        tell(caught.value)
        assert "TRAX_RUNNER=local" in capsys.readouterr().err.replace("\n", " ")

    def test_other_runtime_errors_are_not_taken_for_that(self, clean, rooms, tmp_path):
        """A defect stays a defect."""
        file = write_flow(rooms, "broken", "raise RuntimeError('something else')")
        with pytest.raises(RuntimeError, match="something else"):
            run_flow(file, {}, tmp_path / "prefect")


class TestRetrying:
    @pytest.mark.parametrize(
        ("error", "again"),
        [
            (StoreUnavailable("away"), True),
            (EngineError("out of memory"), False),
            (UnreadableAudio("x", "y"), False),
            (ModelUnavailable("base", "nowhere"), False),
            (DamagedObject("k", "missing"), False),
            (ZeroDivisionError("a defect"), False),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_only_what_may_pass_is_tried_again(self, error, again):
        """An error's class says so itself."""
        assert asyncio.run(if_transient(None, None, Failed(data=error))) is again

    def test_success_is_not_tried_again(self):
        """There is nothing to mend."""
        assert asyncio.run(if_transient(None, None, Completed(data=1))) is False


class TestStageTable:
    run = StageRun(
        stage="diarize",
        key="k",
        seconds=4.0,
        cached=False,
        audio_seconds=60.0,
        started_at=datetime.now(UTC),
        peak_memory_bytes=1_500_000_000,
        engine="e",
    )

    def test_a_row_says_how_it_went(self):
        """In words that people use."""
        assert stage_row(self.run) == {
            "stage": "diarize",
            "seconds": 4.0,
            "from cache": "no",
            "times faster than real time": 15.0,
            "peak memory (MB)": 1500,
            "engine": "e",
        }

    def test_a_look_up_has_no_speed(self):
        """A thousand times real time would be a boast."""
        from dataclasses import replace

        row = stage_row(replace(self.run, cached=True))
        assert (row["from cache"], row["times faster than real time"]) == ("yes", "")
