"""When jobs will have ended, by how long their stages took before."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from trax.asr import Progress, RecognitionOptions
from trax.audio import Audio
from trax.pipelines.transcribe import TRANSCRIBE, identify, transcribe
from trax.progress import StageRun
from trax.service.forecast import Estimate, Figures, Forecasts, exactly
from trax.service.workers import LocalWorkers
from trax.stages.options import TranscribeOptions
from trax.store import JobRequest, StageFigure
from trax.testing import ScriptedEngines, tone, write_audio
from trax.transcript import Recognition

OPTIONS = TranscribeOptions().model_dump(mode="json")
SPEEDS = {"recognise": 0.2, "diarize": 0.1}  # seconds a second of sound; the others take nothing


def figure(stage: str, seconds: float, audio_seconds: float, machine: str = "here", **changes):
    values = {
        "stage": stage,
        "machine": machine,
        "seconds": seconds,
        "audio_seconds": audio_seconds,
        "name": "x.wav",
        "size_bytes": 32_000 * round(audio_seconds),
        "options": OPTIONS,
    }
    return StageFigure(**(values | changes))


def known(count: int = 3, length: float = 100.0) -> list[StageFigure]:
    """Every stage, so often, at the speeds above."""
    return [
        figure(stage, SPEEDS.get(stage, 0.0) * length, length)
        for stage in TRANSCRIBE.names
        for _ in range(count)
    ]


def plan(name: str) -> dict[str, object]:
    chosen = {"recognition": {"plan": name}}
    return TranscribeOptions.model_validate(chosen).model_dump(mode="json")


class TestFigures:
    def test_a_job_takes_as_long_as_the_stages_that_wait_for_each_other(self):
        """Recognition and diarization go side by side: the longer one counts."""
        figures = Figures(known(), "here")
        left = figures.left(TRANSCRIBE, OPTIONS, exactly(1000.0), {})
        assert left.middle == pytest.approx(200.0)

    @pytest.mark.parametrize(
        ("shares", "seconds"),
        [
            ({"ingest": 1.0, "recognise": 0.5}, 100.0),
            ({"ingest": 1.0, "recognise": 0.5, "diarize": 1.0}, 100.0),
            ({"ingest": 1.0, "recognise": 1.0, "diarize": 0.5}, 50.0),
            (dict.fromkeys(TRANSCRIBE.names, 1.0), 0.0),
        ],
    )
    def test_what_is_done_no_longer_counts(self, shares, seconds):
        """Of each stage the share that is left."""
        figures = Figures(known(), "here")
        left = figures.left(TRANSCRIBE, OPTIONS, exactly(1000.0), shares)
        assert left.middle == pytest.approx(seconds)

    @pytest.mark.parametrize("newest", [[], known(2)])
    def test_nothing_is_said_before_there_are_figures(self, newest):
        """Two runs are none."""
        assert Figures(newest, "here").left(TRANSCRIBE, OPTIONS, exactly(60.0), {}) is None

    def test_another_plan_has_its_own(self):
        """The accurate one takes longer."""
        figures = Figures(known(), "here")
        assert figures.left(TRANSCRIBE, plan("accurate"), exactly(60.0), {}) is None

    def test_recordings_about_as_long_are_the_measure(self):
        """A stage that takes a second however short the recording does not take an hour for a long
        one.
        """
        short = [figure("publish", 1.0, 10.0) for _ in range(30)]
        long = [figure("publish", 2.0, 3600.0) for _ in range(15)]
        estimate = Figures([*short, *long], "here").stage("publish", OPTIONS, 3000.0)
        assert estimate.middle == pytest.approx(2.0, rel=0.5)

    def test_another_machine_counts_where_this_one_has_hardly_worked(self):
        """Else only this one does."""
        theirs = [figure("recognise", 90.0, 100.0, "there") for _ in range(20)]
        mine = [figure("recognise", 20.0, 100.0) for _ in range(3)]
        assert Figures(theirs, "here").stage("recognise", OPTIONS, 100.0).middle == 90.0
        assert Figures([*theirs, *mine], "here").stage("recognise", OPTIONS, 100.0).middle == 20.0

    def test_what_differs_widens_the_bounds(self):
        """Four of five lie between them."""
        runs = [figure("recognise", float(seconds), 100.0) for seconds in range(10, 21)]
        assert Figures(runs, "here").stage("recognise", OPTIONS, 100.0) == Estimate(11, 15, 19)

    def test_a_length_that_is_not_known_is_told_by_the_files_size(self):
        """By others of the same kind alone."""
        figures = Figures(known(), "here")
        assert figures.duration("talk.WAV", 3_200_000).middle == pytest.approx(100.0)
        assert figures.duration("talk.mp3", 3_200_000) is None


class SlowEngines(ScriptedEngines):
    """Engines that take as long as `SPEEDS` say."""

    def recognise(
        self, audio: Audio, options: RecognitionOptions, progress: Progress
    ) -> Recognition:
        """After a while."""
        time.sleep(SPEEDS["recognise"] * audio.duration)
        return super().recognise(audio, options, progress)


class TestForecasts:
    @pytest.fixture
    def workers(self, workspace):
        return LocalWorkers(workspace, 1)

    def queue(self, workspace, folder, seconds: float, index: int = 0):
        file = write_audio(folder / f"{index}-{seconds}.wav", tone(seconds))
        job = identify(workspace, file, TranscribeOptions(formats=()))
        workspace.queue.put(job.request)
        return job.request

    def ends(self, workspace, workers, requests) -> list[float]:
        """Seconds from now."""
        forecasts = Forecasts(workspace.figures, workers)
        now = datetime.now(UTC)
        return [(forecasts.of(each.id).end - now).total_seconds() for each in requests]

    def test_engines_of_known_speed_end_when_it_was_foretold(self, workspace, tmp_path):
        """By recordings that were transcribed before; none is said to end before those ahead."""
        slow = replace(workspace, engines=SlowEngines())
        workers = LocalWorkers(slow, 1)
        for at in range(3):
            file = write_audio(tmp_path / f"{at}.wav", tone(4.0 + at / 10))
            transcribe(slow, file, TranscribeOptions(formats=()))
        requests = [self.queue(slow, tmp_path, 5.0, at) for at in range(1)]
        requests += [self.queue(slow, tmp_path, 5.5 + at, at) for at in range(2)]
        first, second, third = self.ends(slow, workers, requests)
        least = [SPEEDS["recognise"] * length for length in (5.0, 5.5, 6.5)]
        assert first >= 0.95 * least[0]
        assert second - first >= 0.95 * least[1]
        assert third - second >= 0.95 * least[2]

    def test_before_there_are_figures_nothing_is_said(self, workspace, workers, tmp_path):
        """Nor of what waits."""
        request = self.queue(workspace, tmp_path, 1.0)
        assert Forecasts(workspace.figures, workers).of(request.id) is None

    def test_a_job_waits_for_those_before_it_and_those_that_run(self, workspace):
        """With two places it begins when the first is free."""
        self.have_ended(workspace, 100.0)
        requests = [self.listed(workspace, at, 100.0) for at in range(4)]
        workspace.queue.take("here/1/x")
        ends = self.ends(workspace, LocalWorkers(workspace, 2), requests)
        assert ends == pytest.approx([20.0, 20.0, 40.0, 40.0], abs=1.0)

    def listed(self, workspace, number: int, seconds: float) -> JobRequest:
        """A job in the queue, whose recording is only said to be there."""
        request = JobRequest(
            pipeline="transcribe",
            key=f"{number:012d}",
            recording_sha256=f"{number:064x}",
            name=f"{number}.wav",
            source=f"/{number}.wav",
            size_bytes=32_000 * round(seconds),
            options=OPTIONS,
        )
        workspace.queue.put(request)
        return request

    def have_ended(self, workspace, seconds: float) -> None:
        """Three jobs that took as long as `SPEEDS` say."""
        for number in range(900, 903):
            request = self.listed(workspace, number, seconds)
            attempt = workspace.jobs.claim(request, "here/1/x")
            for stage in TRANSCRIBE.names:
                run = StageRun(
                    stage=stage,
                    key="k",
                    started_at=datetime.now(UTC) - timedelta(hours=1),
                    seconds=SPEEDS.get(stage, 0.0) * seconds,
                    cached=False,
                    audio_seconds=seconds,
                    peak_memory_bytes=1,
                )
                workspace.jobs.record(request.id, attempt, run)
            workspace.jobs.complete(request.id, "here/1/x")
