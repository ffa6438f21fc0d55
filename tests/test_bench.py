"""A machine is measured on the recording that is shipped, and compared."""

import json
import os
from dataclasses import replace
from functools import partial

import bench_workspaces
import pytest

from trax.cli import bench as command
from trax.cli.tables import plain
from trax.errors import EngineError, InvalidOption, ModelUnavailable
from trax.service import bench
from trax.service.bench import PlanFigures, kept_figures, measured, sample
from trax.testing.engine_server import scripted_workspace

FIGURES = PlanFigures(
    plan="fast",
    seconds=3.0,
    speed_factor=20.0,
    processors=1.5,
    peak_memory_bytes=800_000_000,
    peak_device_memory_bytes=0,
    device="cpu",
    wer=0.05,
    der=0.02,
)


@pytest.fixture
def shipped(tmp_path, monkeypatch) -> list[PlanFigures]:
    """Figures that Trax ships, written as `trax bench --json` prints them."""
    found = [replace(FIGURES, seconds=12.25)]
    path = tmp_path / "reference.json"
    path.write_text(json.dumps(command.compared(found, {})))
    monkeypatch.setattr(bench, "_REFERENCE", path)
    return found


class TestMeasured:
    def test_a_plan_has_speed_memory_and_errors(self, tmp_path):
        """Of scripted engines, that say nothing right. Nothing of it is kept."""
        make = partial(scripted_workspace, tmp_path)
        (found,) = measured(make, ["fast"])
        assert found.speed_factor > 0
        assert found.peak_memory_bytes > 0
        assert found.wer > 0.9
        assert found.der is not None
        assert make().jobs.known(()) == {}
        assert not list(make().objects.list())

    def test_each_plan_has_engines_and_a_process_of_its_own(self, tmp_path):
        """No plan finds what the one before has loaded."""
        plans = [each.plan for each in measured(partial(bench_workspaces.noted, tmp_path))]
        assert plans == ["fast", "balanced"]
        makers = {int(each.stem) for each in tmp_path.glob("*.made")}
        assert len(makers - {os.getpid()}) == 2

    def test_a_plan_that_there_is_not_is_refused_before_anything_is_measured(self, tmp_path):
        """Whatever stands before it."""
        with pytest.raises(InvalidOption, match="balanced"):
            next(measured(partial(bench_workspaces.noted, tmp_path), ["fast", "quick"]))
        assert not list(tmp_path.iterdir())

    def test_a_model_that_is_missing_is_told_before_anything_is_measured(
        self, tmp_path, monkeypatch
    ):
        """Rather than after minutes of the plans before."""

        def missing(_engines, _options):
            raise ModelUnavailable("words", "it is nowhere")

        monkeypatch.setattr("trax.testing.engine_server.BreakingEngines.diarizer", missing)
        with pytest.raises(ModelUnavailable):
            next(measured(partial(bench_workspaces.noted, tmp_path)))
        assert [each.stem for each in tmp_path.glob("*.made")] == [str(os.getpid())]

    def test_a_process_that_ends_under_a_plan_is_told(self, tmp_path):
        """As one sentence, rather than waited for."""
        with pytest.raises(EngineError, match="fast ended early"):
            next(measured(partial(bench_workspaces.deadly, tmp_path, os.getpid())))

    def test_what_nobody_foresaw_is_told_too(self, tmp_path):
        """Across processes."""
        with pytest.raises(EngineError, match="ValueError: unforeseen"):
            next(measured(partial(bench_workspaces.faulty, tmp_path, os.getpid())))

    def test_the_sample_has_a_reference(self):
        """Both are shipped."""
        assert sample().with_suffix(".seglst.json").exists()


class TestCompared:
    def test_shipped_figures_stand_beside(self, shipped):
        """On the page and in the table, below the plan that they are of."""
        shown = command.page([FIGURES, replace(FIGURES, plan="accurate")], kept_figures())
        assert "| fast | cpu | 3.0 |" in shown
        assert "|   shipped figures | cpu | 12.2 |" in shown
        assert shown.count("shipped") == 1

    def test_json_has_them_too(self, shipped):
        """With each plan; null where none are shipped."""
        other = replace(FIGURES, plan="accurate")
        first, second = command.compared([FIGURES, other], kept_figures())
        assert first == plain(FIGURES) | {"shipped": plain(shipped[0])}
        assert second["shipped"] is None

    def test_measures_that_are_not_installed_are_unknown(self):
        """Speed is told all the same."""
        found = [replace(FIGURES, wer=None, der=None)]
        assert "| unknown | unknown |" in command.page(found, {})

    def test_a_page_that_cannot_be_written_is_refused_before_anything_is_measured(
        self, trax, tmp_path, monkeypatch
    ):
        """Not after minutes."""
        monkeypatch.setattr(bench, "measured", lambda *_args: pytest.fail("it was measured"))
        for file in (tmp_path, tmp_path / "nowhere" / "page.md"):
            result = trax("bench", "--out", str(file))
            assert result.exit_code == 2
            assert "--out must name a file" in result.stderr
