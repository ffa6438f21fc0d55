"""A machine is measured on the recording that is shipped, and compared."""

import json
from dataclasses import replace

import pytest

from trax.cli import bench as command
from trax.errors import InvalidOption
from trax.service import bench
from trax.service.bench import measured, sample


@pytest.fixture
def figures(workspace):
    return list(measured(workspace, ["fast"]))


class TestBench:
    def test_a_plan_has_speed_memory_and_errors(self, figures):
        """Of scripted engines, that say nothing right."""
        (found,) = figures
        assert found.speed_factor > 0
        assert found.peak_memory_bytes > 0
        assert found.wer > 0.9
        assert found.der is not None

    def test_a_plan_that_there_is_not_is_refused_before_anything_is_measured(self, workspace):
        """Whatever stands before it."""
        with pytest.raises(InvalidOption, match="balanced"):
            next(measured(workspace, ["fast", "quick"]))

    def test_nothing_of_it_is_kept(self, workspace, figures):
        """The user's own stores are left alone."""
        assert workspace.jobs.known(()) == {}
        assert not list(workspace.objects.list())

    def test_shipped_figures_stand_beside(self, figures, tmp_path, monkeypatch):
        """On the page, below the plan that they are of."""
        path = tmp_path / "reference.json"
        path.write_text(json.dumps([{**command_json(figures[0]), "seconds": 12.25}]))
        monkeypatch.setattr(bench, "_REFERENCE", path)
        shown = command.page(figures, bench.kept_figures())
        assert "| fast | cpu |" in shown
        assert "|   shipped figures | cpu | 12.2 |" in shown

    def test_measures_that_are_not_installed_are_unknown(self, figures):
        """Speed is told all the same."""
        found = [replace(figures[0], wer=None, der=None)]
        assert "| unknown | unknown |" in command.page(found, {})

    def test_the_sample_has_a_reference(self):
        """Both are shipped."""
        assert sample().with_suffix(".seglst.json").exists()


def command_json(figures) -> dict[str, object]:
    from trax.cli.tables import plain

    return plain(figures)
