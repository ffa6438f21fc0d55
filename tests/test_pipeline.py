"""The whole job with scripted engines: done once, resumed, and never with damaged results."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from trax.asr import RecognitionOptions
from trax.audio import Limits
from trax.diarization import DiarizationOptions
from trax.errors import (
    Cancelled,
    EngineError,
    LimitExceeded,
    StageTimeout,
    StoreUnavailable,
    UnreadableAudio,
)
from trax.pipelines.transcribe import TRANSCRIBE, JobResult, transcribe
from trax.progress import current_reporter, reporting, silent, stage_progress
from trax.stages.options import TranscribeOptions
from trax.testing import Recorder, ScriptedEngines, tone, write_audio
from trax.transcript import Transcript
from trax.transcript.codec import from_json
from trax.work.workspace import Workspace

OPTIONS = TranscribeOptions(formats=("txt", "json"))


def document(workspace: Workspace, result: JobResult) -> Transcript:
    data = workspace.objects.local_path(result.transcript).read_bytes()
    return from_json(Transcript, data, "transcript")


def cached(result: JobResult) -> dict[str, bool]:
    return {run.stage: run.cached for run in result.runs}


class TestOneJob:
    def test_a_recording_becomes_a_transcript(self, workspace, recording):
        """Words, speakers, exports, rows."""
        result = transcribe(workspace, recording, OPTIONS)
        made = document(workspace, result)
        assert made.text == "hello there."
        assert [segment.speaker for segment in made.segments] == ["SPEAKER_00", "SPEAKER_01"]
        assert (made.recording.name, made.recording.duration) == ("recording.wav", 2.0)
        assert set(result.exports) == {"txt", "json"}
        assert workspace.repository.get(result.transcript_id) == made
        assert [run.stage for run in result.runs] == list(TRANSCRIBE.names)

    def test_stages_say_what_they_used(self, workspace, recording):
        """Processors, memory and disk, besides time."""
        runs = transcribe(workspace, recording, OPTIONS).runs
        assert all(run.processor_seconds > 0 for run in runs)
        assert all(run.peak_memory_bytes > 0 for run in runs)

    def test_it_says_what_made_it(self, workspace, recording):
        """Engines, options, version: enough to make it again."""
        provenance = document(workspace, transcribe(workspace, recording, OPTIONS)).provenance
        assert provenance.recogniser == provenance.diarizer == "scripted/1"
        assert json.loads(provenance.options)["recognition"]["plan"] == "balanced"

    def test_silence_is_an_empty_transcript(self, workspace, recording, engines):
        """Nothing is invented."""
        engines.text, engines.speakers = "", 0
        made = document(workspace, transcribe(workspace, recording, OPTIONS))
        assert (made.segments, made.speakers, made.language, made.text) == ((), (), "", "")

    def test_warnings_of_decoding_reach_the_transcript(self, workspace, recording):
        """People must know that a part is missing."""
        recording.write_bytes(recording.read_bytes()[:40_000])
        made = document(workspace, transcribe(workspace, recording, OPTIONS))
        assert any("ends early" in warning for warning in made.warnings)

    def test_progress_is_told(self, workspace, recording):
        """Every stage starts and ends; shares stay between 0 and 1."""
        recorder = Recorder()
        with reporting(recorder):
            transcribe(workspace, recording, OPTIONS)
        assert set(recorder.finished) == set(TRANSCRIBE.names)
        assert recorder.started[0] == "ingest"
        assert recorder.finished[-1] == "publish"
        for stage in ("ingest", "recognise", "diarize"):
            shares = recorder.shares(stage)
            assert shares
            assert all(0.0 <= share <= 1.0 for share in shares)

    def test_recognition_and_diarization_run_at_once(
        self, workspace, recording, engines, monkeypatch
    ):
        """Each waits for the other to have begun: one after the other would wait for ever."""
        barrier = threading.Barrier(2, timeout=20)
        recognise, begin = engines.recognise, engines.begin

        def first(*args):
            barrier.wait()
            return recognise(*args)

        def second(*args):
            barrier.wait()
            return begin(*args)

        monkeypatch.setattr(engines, "recognise", first)
        monkeypatch.setattr(engines, "begin", second)
        assert transcribe(workspace, recording, OPTIONS).transcript_id

    def test_the_same_twice_is_the_same_byte_for_byte(
        self, workspace, recording, tmp_path, engines
    ):
        """In another store, too."""
        other = replace(workspace, objects=type(workspace.objects)(tmp_path / "other"))
        one = transcribe(workspace, recording, OPTIONS)
        two = transcribe(other, recording, OPTIONS)
        assert one.transcript.sha256 == two.transcript.sha256
        assert one.transcript_id == two.transcript_id


class TestDoneOnce:
    def test_a_second_run_is_all_from_cache(self, workspace, recording, engines):
        """No engine is asked."""
        first = transcribe(workspace, recording, OPTIONS)
        second = transcribe(workspace, recording, OPTIONS)
        assert not any(cached(first).values())
        assert all(cached(second).values())
        assert sorted(engines.calls) == ["diarize", "recognise"]
        assert second.transcript == first.transcript
        assert second.exports == first.exports

    def test_a_copy_under_another_name_is_the_same_recording(self, workspace, recording, engines):
        """Content decides; the transcript takes the new name."""
        transcribe(workspace, recording, OPTIONS)
        copy = recording.with_name("copy.wav")
        copy.write_bytes(recording.read_bytes())
        result = transcribe(workspace, copy, OPTIONS)
        assert len(engines.calls) == 2
        assert document(workspace, result).recording.name == "copy.wav"
        assert len(workspace.repository.summaries()) == 1

    @pytest.mark.parametrize(
        ("options", "again"),
        [
            (
                OPTIONS.model_copy(update={"recognition": RecognitionOptions(beam_size=2)}),
                {"recognise"},
            ),
            (
                OPTIONS.model_copy(update={"recognition": RecognitionOptions(language="de")}),
                {"recognise", "enhance"},
            ),
            (
                OPTIONS.model_copy(update={"diarization": DiarizationOptions(speakers=3)}),
                {"diarize"},
            ),
            (OPTIONS.model_copy(update={"formats": ("srt",)}), set()),
        ],
        ids=["beam size", "language", "speakers", "formats"],
    )
    def test_an_option_redoes_its_stage_and_those_after(self, workspace, recording, options, again):
        """And no other."""
        transcribe(workspace, recording, OPTIONS)
        result = transcribe(workspace, recording, options)
        after = {"publish"} | ({"merge", "annotate"} if again else set())
        assert {stage for stage, kept in cached(result).items() if not kept} == again | after

    def test_another_engine_redoes_its_stages(self, workspace, recording, engines):
        """The fingerprint is part of the key."""
        transcribe(workspace, recording, OPTIONS)
        engines.version = "2"
        result = transcribe(workspace, recording, OPTIONS)
        assert {stage for stage, kept in cached(result).items() if kept} == {"ingest"}

    def test_another_stage_version_redoes_it(self, workspace, recording, monkeypatch):
        """Changed code must not serve old results."""
        transcribe(workspace, recording, OPTIONS)
        newer = {"diarize": replace(TRANSCRIBE.stage("diarize"), version=99)}
        stages = tuple(newer.get(stage.name, stage) for stage in TRANSCRIBE.stages)
        changed = replace(TRANSCRIBE, stages=stages)
        monkeypatch.setattr("trax.pipelines.transcribe.TRANSCRIBE", changed)
        result = transcribe(workspace, recording, OPTIONS)
        assert cached(result)["recognise"]
        assert not cached(result)["diarize"]

    def test_a_failure_keeps_finished_stages(self, workspace, recording, engines):
        """The next try begins after them."""
        engines.diarize_errors = [EngineError("out of memory")]
        with pytest.raises(EngineError, match="out of memory"):
            transcribe(workspace, recording, OPTIONS)
        result = transcribe(workspace, recording, OPTIONS)
        assert {stage for stage, kept in cached(result).items() if kept} == {
            "ingest",
            "recognise",
            "enhance",
        }
        assert engines.calls.count("recognise") == 1

    def test_nothing_temporary_stays(self, workspace, recording, engines):
        """Neither after success nor after failure."""
        engines.diarize_errors = [EngineError("no")]
        with pytest.raises(EngineError):
            transcribe(workspace, recording, OPTIONS)
        transcribe(workspace, recording, OPTIONS)
        assert list(workspace.objects.scratch.iterdir()) == []


class TestDamage:
    @pytest.mark.parametrize(
        "pattern", ["recordings/*/audio.flac", "checkpoints/*/*/*.json", "checkpoints/*/*.json"]
    )
    @pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
    def test_damaged_results_are_made_again(
        self, workspace, recording, tmp_path, pattern, damage, caplog
    ):
        """Recomputed, reported, never used."""
        first = transcribe(workspace, recording, OPTIONS)
        victims = sorted((tmp_path / "store").glob(pattern))
        assert victims
        for victim in victims:
            data = victim.read_bytes()
            if damage == "remove":
                victim.unlink()
            else:
                victim.write_bytes(
                    data[: len(data) // 2] if damage == "cut" else data[:-1] + bytes([data[-1] ^ 1])
                )
        again = transcribe(workspace, recording, OPTIONS)
        assert not all(cached(again).values())
        assert again.transcript.sha256 == first.transcript.sha256
        manifests_gone = damage == "remove" and pattern == "checkpoints/*/*.json"
        assert manifests_gone or "running it again" in caplog.text


@pytest.mark.slow
class TestLongRecordings:
    def test_a_long_recording_is_heard_in_chunks(self, workspace, tmp_path, engines):
        """Times count from the recording's start."""
        result = transcribe(workspace, write_audio(tmp_path / "long.wav", tone(650.0)), OPTIONS)
        made = document(workspace, result)
        assert engines.chunks > 2
        assert made.text == "hello there."
        assert made.words[-1].end == pytest.approx(650.0)
        assert [speaker.label for speaker in made.speakers] == ["SPEAKER_00", "SPEAKER_01"]
        assert max(turn.end for turn in made.turns) == pytest.approx(650.0)

    def test_progress_never_runs_back(self, workspace, tmp_path):
        """Over chunks, too."""
        recorder = Recorder()
        with reporting(recorder):
            transcribe(workspace, write_audio(tmp_path / "long.wav", tone(650.0)), OPTIONS)
        for stage in ("recognise", "diarize", "ingest"):
            assert recorder.shares(stage) == sorted(recorder.shares(stage))


class TestStopping:
    def test_a_stop_ends_the_stage_at_its_next_step(self, workspace, recording, engines):
        """And keeps what was finished."""
        stop = threading.Event()
        stop.set()
        with reporting(silent, stop), pytest.raises(Cancelled):
            transcribe(workspace, recording, OPTIONS)
        assert transcribe(workspace, recording, OPTIONS).transcript_id

    def test_a_stage_over_its_time_is_ended(self, workspace, recording, engines, monkeypatch):
        """At its next step, with a sentence that names the setting."""
        recognise = engines.recognise

        def slow(waveform, options, progress):
            time.sleep(0.05)
            return recognise(waveform, options, progress)

        engines.recognise = slow
        with pytest.raises(StageTimeout, match="took longer than"):
            transcribe(replace(workspace, stage_timeout=0.01), recording, OPTIONS)

    def test_a_reporter_is_only_there_inside(self):
        """Jobs of one process do not mix up their reports."""
        recorder = Recorder()
        with reporting(recorder):
            assert current_reporter() is recorder
            with reporting(silent):
                assert current_reporter() is not recorder
            assert current_reporter() is recorder
        assert current_reporter() is silent

    def test_either_of_two_stops_counts(self):
        """The user's and the task's."""
        outer, inner = threading.Event(), threading.Event()
        for event in (outer, inner):
            event.set()
            with reporting(silent, outer), reporting(silent, inner), pytest.raises(Cancelled):
                stage_progress("merge", 10.0)(0.5)
            event.clear()


class TestBadInput:
    def test_what_is_no_audio_leaves_nothing(self, workspace, tmp_path):
        """No checkpoint, no row, no file."""
        (tmp_path / "text.mp3").write_text("Dear all,\n" * 100)
        with pytest.raises(UnreadableAudio):
            transcribe(workspace, tmp_path / "text.mp3", OPTIONS)
        assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []
        assert workspace.repository.summaries() == []

    def test_limits_hold_before_anything_is_decoded(self, workspace, recording):
        """From the settings."""
        with pytest.raises(LimitExceeded):
            transcribe(replace(workspace, limits=Limits(duration=1.0)), recording, OPTIONS)


class TestOptions:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"diarization": {"speakers": 2, "max_speakers": 3}},
            {"diarization": {"min_speakers": 4, "max_speakers": 3}},
            {"diarization": {"speakers": 0}},
            {"recognition": {"beam_size": 0}},
            {"recognition": {"language": "English"}},
            {"recognition": {"model": ""}},
            {"formats": ["pdf"]},
            {"unknown": 1},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, wrong):
        """Before any work."""
        with pytest.raises(ValidationError):
            TranscribeOptions.model_validate(wrong)

    def test_every_option_is_explained(self):
        """The Prefect form shows titles and descriptions to people."""
        schema = TranscribeOptions.model_json_schema()
        for model in (schema, *schema["$defs"].values()):
            for name, field in model.get("properties", {}).items():
                named = (
                    schema["$defs"][field["$ref"].rsplit("/", 1)[-1]] if "$ref" in field else field
                )
                assert named.get("title"), name
                assert named.get("description"), name

    def test_options_survive_json(self):
        """They travel as flow parameters."""
        options = TranscribeOptions.model_validate(
            {"diarization": {"max_speakers": 4}, "formats": ["SRT", "txt"]}
        )
        assert TranscribeOptions.model_validate_json(options.model_dump_json()) == options


def test_scripted_engines_fail_on_demand(tmp_path: Path):
    """The kit's own rule: one error a call, in order."""
    engines = ScriptedEngines(recognise_errors=[EngineError("first"), None])
    from trax.audio import Waveform

    sound = Waveform(tone(1.0), 16_000)
    with pytest.raises(EngineError, match="first"):
        engines.recognise(sound, RecognitionOptions(), lambda share: None)
    assert engines.recognise(sound, RecognitionOptions(), lambda share: None).segments


def test_memory_is_this_program_s_alone():
    """Not what the program that started it had taken."""
    child = "from trax.hardware import peak_memory; print(peak_memory())"
    script = (
        f"import subprocess, sys; taken = bytearray(600_000_000); print(len(taken), flush=True)\n"
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert 10_000_000 < int(done.stdout.split()[1]) < 500_000_000


def test_device_memory_is_torch_s(monkeypatch):
    """Where torch has used a GPU; nothing is imported to find out."""
    from types import SimpleNamespace

    from trax.hardware import peak_device_memory

    def torch(available: bool, used: bool) -> SimpleNamespace:
        return SimpleNamespace(
            cuda=SimpleNamespace(
                is_available=lambda: available,
                is_initialized=lambda: used,
                max_memory_allocated=lambda: 5_000_000,
            )
        )

    for module, expected in (
        (torch(True, True), 5_000_000),
        (torch(True, False), 0),
        (torch(False, False), 0),
    ):
        monkeypatch.setitem(sys.modules, "torch", module)
        assert peak_device_memory() == expected
    monkeypatch.delitem(sys.modules, "torch")
    assert peak_device_memory() == 0


def test_a_wait_for_a_store_is_told(workspace, recording, engines, impatient):
    """With why, and how long."""
    recorder = Recorder()
    engines.recognise_errors = [StoreUnavailable("the store is away"), None]
    with reporting(recorder):
        transcribe(workspace, recording, OPTIONS)
    assert recorder.notes == ["the store is away; trying again in 0 s"]
