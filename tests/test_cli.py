"""The command line as people and scripts use it; engines are scripted, all else is real."""

import json
import os
import signal
import threading
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import Result

from trax import __version__
from trax.audio import SUFFIXES
from trax.cli import batch as batch_module
from trax.cli.batch import _targets
from trax.cli.doctor import ADVICE
from trax.errors import EngineError, StoreUnavailable
from trax.export import FORMATS
from trax.service.health import Problem, all_checks
from trax.settings import load_settings
from trax.testing import CONTAINERS, ScriptedEngines, tone, transcript, write_audio


@pytest.fixture
def scripted(home, workspace, monkeypatch) -> ScriptedEngines:
    """Scripted engines behind the command, the rows where `trax show` looks."""
    from dataclasses import replace

    from trax.compose import open_database

    together = replace(workspace, database=open_database(load_settings()))
    monkeypatch.setattr(batch_module, "process_workspace", lambda: together)
    return workspace.engines


def one_error(result: Result) -> str:
    """The one sentence that an error is."""
    assert "Traceback" not in result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, result.stderr
    return lines[0]


class TestTranscribe:
    def test_one_file_prints_transcript_and_files(self, trax, scripted, recording):
        """What was said, and where it went."""
        result = trax("transcribe", recording)
        assert result.exit_code == 0, result.output
        assert "Speaker 1 0:00\nhello" in result.stdout
        assert "2 speakers, 2 words, en" in result.stdout
        for kind in ("txt", "md", "json", "srt", "vtt"):
            assert Path(f"transcripts/recording.{kind}").is_file()
            assert f"transcripts/recording.{kind}" in result.stdout

    def test_formats_and_folder_can_be_chosen(self, trax, scripted, recording):
        """Every one there is."""
        result = trax("transcribe", recording, "--format", ",".join(FORMATS), "--out", "a/b")
        assert result.exit_code == 0
        assert {path.suffix[1:] for path in Path("a/b").iterdir()} == set(FORMATS)

    def test_quiet_says_nothing(self, trax, scripted, recording):
        """For cron."""
        result = trax("transcribe", recording, "--quiet")
        assert (result.exit_code, result.output) == (0, "")

    def test_json_is_for_programs(self, trax, scripted, recording):
        """One object a recording, nothing else on standard output."""
        result = trax("transcribe", recording, "--json")
        (done,) = json.loads(result.stdout)
        assert (done["state"], done["speakers"], done["words"], done["language"]) == (
            "done",
            2,
            2,
            "en",
        )
        assert Path(done["exports"]["srt"]).is_file()
        assert done["stages"]["recognise"] == {
            "seconds": pytest.approx(0, abs=60),
            "cached": False,
            "engine": "scripted/1",
        }

    def test_a_second_run_is_from_cache(self, trax, scripted, recording):
        """And says so."""
        trax("transcribe", recording)
        result = trax("transcribe", recording, "--json")
        assert all(stage["cached"] for stage in json.loads(result.stdout)[0]["stages"].values())
        assert len(scripted.calls) == 2

    def test_options_reach_the_engines(self, trax, scripted, recording):
        """Speakers, language."""
        trax("transcribe", recording, "--speakers", 3, "--language", "de", "-f", "json")
        made = json.loads(Path("transcripts/recording.json").read_text())
        assert (len(made["speakers"]), made["language"]) == (3, "de")
        assert json.loads(made["provenance"]["options"])["diarization"]["speakers"] == 3

    def test_a_folder_is_all_its_recordings(self, trax, scripted, tmp_path):
        """Also in folders below; other files are left aside."""
        (tmp_path / "in" / "deep").mkdir(parents=True)
        write_audio(tmp_path / "in" / "b.wav", tone(1.0))
        write_audio(tmp_path / "in" / "deep" / "a.FLAC", tone(1.5))
        (tmp_path / "in" / "notes.txt").write_text("not audio")
        result = trax("transcribe", "in", "-f", "txt")
        assert result.exit_code == 0
        assert sorted(path.name for path in Path("transcripts").iterdir()) == ["a.txt", "b.txt"]
        assert result.stdout.count("done") == 2

    def test_a_failure_does_not_stop_the_rest(self, trax, scripted, recording, tmp_path):
        """The exit code tells, and the table says why."""
        (tmp_path / "bad.wav").write_text("text")
        result = trax(
            "transcribe", tmp_path / "bad.wav", recording, tmp_path / "none.wav", "-f", "txt"
        )
        assert result.exit_code == 2
        assert Path("transcripts/recording.txt").is_file()
        assert result.stderr.count("error:") == 2
        assert "Traceback" not in result.output

    def test_different_failures_are_code_one(self, trax, scripted, recording, tmp_path):
        """No single kind would be true."""
        (tmp_path / "bad.wav").write_text("text")
        scripted.diarize_errors = [EngineError("out of memory")]
        assert trax("transcribe", tmp_path / "bad.wav", recording).exit_code == 1

    @pytest.mark.parametrize(
        ("error", "code"), [(EngineError("boom"), 4), (StoreUnavailable("down"), 5)]
    )
    def test_the_error_s_own_code_is_given(self, trax, scripted, recording, impatient, error, code):
        """Scripts can tell."""
        scripted.recognise_errors = [error] * 4
        result = trax("transcribe", recording)
        assert result.exit_code == code
        assert str(error) in one_error(result)

    def test_a_name_that_is_no_text_is_refused(self, trax, scripted, recording, tmp_path):
        """In one sentence; the others go on."""
        folder = tmp_path / "recordings"
        folder.mkdir()
        (folder / "good.wav").write_bytes(recording.read_bytes())
        (folder / os.fsdecode(b"b\xff.wav")).write_bytes(recording.read_bytes())
        result = trax("transcribe", folder)
        assert result.exit_code == 2
        assert "its name is not UTF-8; rename it" in result.stderr.replace("\n", " ")
        assert Path("transcripts/good.txt").is_file()
        assert [
            each["state"] for each in json.loads(trax("transcribe", folder, "--json").stdout)
        ] == ["failed", "done"]

    @pytest.mark.parametrize(
        "arguments",
        [
            ("notes", "latest", "--at", "1"),
            ("notes", "latest", "--translate", "de"),
            ("notes", "latest", "--translate", "de", "--at", "1", "--accept-names"),
            ("show", "latest", "--tag", "budget"),
        ],
        ids=" ".join,
    )
    def test_options_that_would_do_nothing_are_refused(self, trax, scripted, arguments):
        """They name each other, before anything is looked up."""
        done = trax(*arguments)
        assert done.exit_code == 2
        assert "--" in done.stderr
        assert any(each in done.stderr for each in ("go together", "name none", "exclude"))

    def test_a_defect_is_told_as_one(self, trax, scripted, recording):
        """Not hidden, not a traceback."""
        scripted.recognise_errors = [ZeroDivisionError("division by zero")]
        result = trax("transcribe", recording)
        assert result.exit_code == 1
        assert "a defect of Trax: set TRAX_DEBUG=1" in one_error(result)

    def test_debugging_shows_where_it_comes_from(self, trax, scripted, recording, monkeypatch):
        """In the middle of a batch, too."""
        monkeypatch.setenv("TRAX_DEBUG", "1")
        scripted.recognise_errors = [ZeroDivisionError("division by zero")]
        result = trax("transcribe", recording)
        assert "Traceback" in result.stderr
        assert "engines.py" in result.stderr

    def test_errors_are_in_json_too(self, trax, scripted, tmp_path):
        """For programs that read only that."""
        result = trax("transcribe", tmp_path / "none.wav", "--json")
        assert result.exit_code == 2
        (failed,) = json.loads(result.stdout)
        assert failed["state"] == "failed"
        assert "no such file" in failed["error"]

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (["--speakers", "2", "--max-speakers", "3"], "number of speakers or its bounds"),
            (["--min-speakers", "4", "--max-speakers", "3"], "at least must not exceed at most"),
            (["--language", "English"], "language"),
            (["--format", "pdf"], "there is no format 'pdf'"),
            (["--format", ","], "at least one format"),
        ],
    )
    def test_options_that_make_no_sense(self, trax, scripted, recording, arguments, text):
        """Said before work begins; nothing is left behind."""
        result = trax("transcribe", recording, *arguments)
        assert result.exit_code == 2
        assert text in one_error(result)
        assert scripted.calls == []

    def test_an_empty_folder(self, trax, scripted, tmp_path):
        """Nothing to do is worth saying."""
        (tmp_path / "empty").mkdir()
        assert "holds no audio or video file" in one_error(trax("transcribe", "empty"))

    def test_an_output_folder_that_cannot_be_made(self, trax, scripted, recording, tmp_path):
        """A file stands there."""
        (tmp_path / "taken").touch()
        result = trax("transcribe", recording, "--out", "taken/x")
        assert result.exit_code == 5
        assert "cannot make the folder" in one_error(result)

    def test_a_wrong_setting_names_its_variable(self, trax, recording, monkeypatch):
        """One sentence."""
        monkeypatch.setenv("TRAX_DEVICE", "tpu")
        result = trax("transcribe", recording)
        assert result.exit_code == 2
        assert "TRAX_DEVICE" in one_error(result)

    def test_warnings_are_shown(self, trax, scripted, recording):
        """A part was missing."""
        recording.write_bytes(recording.read_bytes()[:30_000])
        assert "warning: the file ends early" in trax("transcribe", recording).stderr

    @pytest.mark.slow
    def test_an_interrupt_stops_at_the_next_step_and_keeps_what_is_done(
        self, trax, scripted, recording
    ):
        """Ctrl-C, then the same again."""
        begin = scripted.begin
        asked = threading.Event()

        def interrupted(*arguments):
            os.kill(os.getpid(), signal.SIGINT)
            asked.wait(5)
            return begin(*arguments)

        scripted.begin = interrupted
        result = trax("transcribe", recording)
        assert result.exit_code == 130
        assert "stopping after this step" in result.stderr
        scripted.begin = begin
        again = trax("transcribe", recording, "--json")
        assert json.loads(again.stdout)[0]["stages"]["ingest"]["cached"]
        assert again.exit_code == 0

    def test_suffixes_of_all_containers_are_taken_from_folders(self):
        """Whatever can be read is found."""
        assert {f".{suffix}" for suffix in CONTAINERS} <= SUFFIXES


class TestTargets:
    def test_the_stem_is_the_name(self):
        """As people expect."""
        assert _targets(["a/x.mp3", "y.wav"]) == {
            "a/x.mp3": "x",
            "y.wav": "y",
        }

    def test_the_same_stem_keeps_its_suffix(self):
        """Nothing is written over."""
        assert _targets(["x.mp3", "x.wav"]) == {
            "x.mp3": "x.mp3",
            "x.wav": "x.wav",
        }

    def test_the_same_name_keeps_its_path(self):
        """From two folders."""
        assert list(_targets(["a/x.mp3", "b/x.mp3"]).values()) == ["a-x.mp3", "b-x.mp3"]

    def test_a_file_named_twice_is_done_once(self):
        """Not twice."""
        assert list(_targets(["x.mp3", "x.mp3"])) == ["x.mp3"]


class TestShowAndExport:
    @pytest.fixture
    def kept(self, trax, scripted, recording) -> str:
        (done,) = json.loads(trax("transcribe", recording, "--json").stdout)
        return done["transcript"]

    def test_without_an_id_transcripts_are_listed(self, trax, kept):
        """The newest first."""
        result = trax("show")
        assert kept in result.stdout
        assert "recording.wav" in result.stdout

    def test_none_is_said(self, trax):
        """With the way to the first."""
        assert "no transcripts yet" in trax("show").stdout

    @pytest.mark.parametrize(
        "shorten", [lambda name: name, lambda name: name[:5], lambda _: "latest"]
    )
    def test_a_transcript_is_shown(self, trax, kept, shorten):
        """By id, by its beginning, or the latest."""
        result = trax("show", shorten(kept))
        assert result.exit_code == 0
        assert "Speaker 2 0:01\nthere." in result.stdout

    def test_stages_are_shown(self, trax, kept):
        """How long each took, and whether it was kept."""
        result = trax("show", kept, "--stages")
        assert all(
            stage in result.stdout
            for stage in ("ingest", "recognise", "diarize", "merge", "publish")
        )

    def test_an_unknown_id(self, trax, kept):
        """Exit code 2, one sentence."""
        result = trax("show", "zzz")
        assert result.exit_code == 2
        assert "there is no transcript 'zzz'" in one_error(result)

    def test_export_writes_files(self, trax, kept):
        """And names them."""
        result = trax("export", kept, "-f", "docx,rttm", "-o", "more")
        assert result.stdout.split() == ["more/recording.docx", "more/recording.rttm"]
        assert Path("more/recording.rttm").read_text().startswith("SPEAKER recording.wav 1")

    def test_export_to_standard_output(self, trax, kept):
        """One format, byte for byte."""
        assert trax("export", "latest", "-f", "vtt", "-o", "-").stdout.startswith("WEBVTT")
        assert "takes one format" in one_error(trax("export", "latest", "-f", "vtt,srt", "-o", "-"))

    def test_export_by_a_template(self, trax, kept, tmp_path):
        """A file, or one that has a name."""
        own = tmp_path / "own.md"
        own.write_text("{{ id }} of {{ date }}")
        written = trax("export", kept, "-f", "md", "--template", str(own), "-o", "-").stdout
        assert written.startswith(f"{kept} of 2")
        usual = trax("export", kept, "-f", "md", "--template", "note", "-o", "-").stdout
        assert usual.startswith("---\ntitle: ")
        assert "--format md" in one_error(trax("export", kept, "--template", "note"))

    def test_a_redacted_note_has_no_tags(self, trax, kept, tmp_path):
        """They may name whom it is about."""
        own = tmp_path / "own.md"
        own.write_text("tags: {{ tags | join(' ') }}.")
        assert trax("tags", "set", kept, "Anna-Berg").exit_code == 0
        asked = ("export", kept, "-f", "md", "--template", str(own), "-o", "-")
        assert trax(*asked).stdout.startswith("tags: Anna-Berg.")
        assert trax(*asked, "--redact", "all").stdout.startswith("tags: .")

    def test_export_from_a_file(self, trax, tmp_path):
        """A transcript that came by mail."""
        (tmp_path / "mail.json").write_bytes(FORMATS["json"].render(transcript()))
        result = trax("export", "mail.json", "-f", "txt", "-o", "-")
        assert result.stdout == FORMATS["txt"].render(transcript()).decode()

    @pytest.mark.parametrize("content", [None, "{", '{"id": 1}'])
    def test_export_of_what_is_no_transcript(self, trax, tmp_path, content):
        """One sentence that names the file."""
        if content is not None:
            (tmp_path / "x.json").write_text(content)
        result = trax("export", "x.json")
        assert result.exit_code == 2
        assert "x.json" in one_error(result)


class TestModels:
    def test_models_are_listed_with_where_they_are(self, trax):
        """And which is taken without asking."""
        rows = json.loads(trax("models", "--json").stdout)
        by_name = {row["name"]: row for row in rows}
        assert by_name["tiny.en"]["where"] == "package"
        assert by_name["packaged"]["auto"] == "yes"
        assert by_name["community-1"]["where"] == "hub, with a token"
        assert sum(row["auto"] == "yes" for row in rows) == 2

    def test_the_table_is_for_people(self, trax):
        """Names and places."""
        result = trax("models")
        assert result.exit_code == 0
        assert "large-v3-turbo" in result.stdout


class TestDoctor:
    def test_a_sound_machine(self, trax):
        """Everything that a job needs is there."""
        result = trax("doctor")
        assert result.exit_code == 0, result.output
        assert "miss" not in result.stdout

    def test_json(self, trax):
        """For programs."""
        checks = {check["check"]: check for check in json.loads(trax("doctor", "--json").stdout)}
        assert checks["recognition"]["state"] == "ok"
        assert checks["token"]["state"] == "note"

    def test_what_is_missing_comes_with_advice(self, trax, monkeypatch, tmp_path):
        """And exit code 3."""
        (tmp_path / "file").touch()
        monkeypatch.setenv("TRAX_HOME", str(tmp_path / "file"))
        result = trax("doctor")
        assert result.exit_code == 3
        assert "set TRAX_HOME to a folder of yours" in result.stdout

    def test_a_token_is_seen_and_not_shown(self, home, monkeypatch):
        """Secrets stay secret."""
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        checks = all_checks(load_settings())
        assert any(check.name == "token" and check.state == "ok" for check in checks)
        assert "hf_secret" not in str(checks)

    def test_every_fault_has_advice(self, home):
        """A diagnosis without a cure helps nobody."""
        assert set(ADVICE) == set(get_args(Problem))
        assert all(check.problem for check in all_checks(load_settings()) if check.state != "ok")


class TestScore:
    def test_measures_are_printed(self, trax, tmp_path):
        """Against itself: none wrong."""
        (tmp_path / "x.json").write_bytes(FORMATS["json"].render(transcript()))
        result = trax("score", "x.json", "x.json")
        assert result.exit_code == 0
        assert "cpWER" in result.stdout
        rows = json.loads(trax("score", "x.json", "x.json", "--json").stdout)
        assert {row["measure"]: row["rate"] for row in rows}["WER"] == 0.0

    def test_documents_with_nothing_in_common(self, trax, tmp_path):
        """Words here, turns there."""
        (tmp_path / "x.txt").write_text("hello")
        (tmp_path / "x.rttm").write_bytes(FORMATS["rttm"].render(transcript()))
        result = trax("score", "x.txt", "x.rttm")
        assert result.exit_code == 2
        assert "turns alone" in one_error(result)


class TestHelp:
    def test_the_version(self, trax):
        """Of the package."""
        assert trax("--version").stdout == f"trax {__version__}\n"
