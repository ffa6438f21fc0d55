"""Intervals of what benchmarks report."""

import json

import numpy as np
import pytest

from benchmarks import diarization_scores as scores
from benchmarks import intervals, report
from benchmarks.corpus import Item
from trax.scoring.turns import DiarizationErrors


def scored(system: str, recording: str, wrong: float, found: int = 2) -> scores.Scored:
    return scores.Scored(
        system, "set", recording, DiarizationErrors(0.0, wrong, 0.0, 10.0), 2, found, 30.0, 3.0
    )


class TestIntervals:
    def test_an_error_rate_weighs_recordings_by_their_speech(self):
        """Errors and totals are summed; the interval lies around the rate."""
        found = intervals.error_rate([1.0, 9.0] * 4, [10.0, 30.0] * 4)
        assert found.value == pytest.approx(25.0)
        assert 10.0 < found.low < 25.0 < found.high < 30.0

    @pytest.mark.parametrize("count", [1, 2, 4])
    def test_few_recordings_say_nothing_about_others(self, count):
        """A figure without an interval, and never a difference."""
        assert str(intervals.error_rate([1.0] * count, [10.0] * count)) == "10.0"
        found = intervals.difference([1.0] * count, [5.0] * count, [10.0] * count)
        assert intervals.verdict(found) == "none: -40.0"

    def test_a_difference_is_paired(self):
        """A system that is a little better everywhere differs, even if recordings differ more."""
        others = np.linspace(1, 20, 12)
        totals = [30.0] * 12
        better = intervals.difference((others - 0.5).tolist(), others.tolist(), totals)
        assert better.differs_from_zero
        assert not intervals.verdict(better).startswith("none")

    def test_a_difference_inside_its_interval_is_called_none(self):
        """Better on some, worse on others."""
        found = intervals.difference([1.0, 5.0, 2.0] * 2, [5.0, 1.0, 2.5] * 2, [10.0] * 6)
        assert intervals.verdict(found).startswith("none: ")

    def test_a_perfect_count_still_has_an_interval(self):
        """Three of three is not certainty."""
        found = intervals.share(3, 3)
        assert found.value == found.high == pytest.approx(100.0)
        assert found.low == pytest.approx(43.85, abs=0.01)

    def test_figures_are_the_same_every_time(self):
        """Resampling has a seed."""
        errors = [1.0, 2.0, 4.0, 3.0, 1.0, 0.0]
        assert intervals.error_rate(errors, [9.0] * 6) == intervals.error_rate(errors, [9.0] * 6)


class TestTable:
    def test_systems_are_compared_on_what_both_have_heard(self):
        """The first peer may have heard fewer recordings."""
        ours = [scored("trax", name, 1.0) for name in "abcdefg"]
        theirs = [scored(scores.BASELINE, name, 2.0) for name in "abcdef"]
        row, peer = scores.table_rows([*ours, *theirs])
        assert row["recordings"] == 7
        assert row["against pyannote"] == "-10.0 [-10.0, -10.0] (6 recordings)"
        assert peer["against pyannote"] == ""

    def test_counts_are_of_recordings(self):
        """Exact, and within one."""
        (row,) = scores.table_rows([scored("trax", str(n), 1.0, found=n) for n in (2, 2, 3, 5)])
        assert str(row["count exact %"]).startswith("2 of 4: 50.0 [")
        assert str(row["within one %"]).startswith("3 of 4: 75.0 [")

    def test_errors_come_from_the_reference_beside_the_audio(self, tmp_path):
        """Turns as `benchmarks.diarizers` prints them."""
        import soundfile

        audio = tmp_path / "x.flac"
        soundfile.write(str(audio), np.zeros(160_000), 16_000)
        audio.with_suffix(".rttm").write_text(
            "SPEAKER x 1 0.0 4.0 <NA> <NA> A <NA> <NA>\nSPEAKER x 1 4.0 4.0 <NA> <NA> B <NA> <NA>\n"
        )
        item = Item(audio, audio.with_suffix(".rttm"), "", {})
        found = scores.scored("trax", "set", item, {"turns": [(-0.1, 6.0, "S")], "cpu": 1.0})
        assert (found.people, found.found, found.duration) == (2, 1, 10.0)
        assert found.wrong == pytest.approx(4.0)
        assert found.as_row()["der"] == pytest.approx(0.5)

    def test_single_recordings_are_in_the_document(self, tmp_path, monkeypatch):
        """And not in the table."""
        monkeypatch.setattr(report, "RESULTS", tmp_path)
        path = report.write("x", [{"system": "a"}], (), [scored("trax", "r1", 1.0).as_row()])
        assert json.loads(path.read_text())["recordings"][0]["recording"] == "r1"
        assert "r1" not in path.with_suffix(".md").read_text()
