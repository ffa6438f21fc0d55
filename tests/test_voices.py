"""Known voices: enrolled, recognised, renamed, merged, forgotten."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trax.cli import batch as batch_module
from trax.compose import open_database, open_objects, open_transcripts
from trax.diarization.profiles import THRESHOLD
from trax.errors import InvalidOption, NotFound
from trax.pipelines.transcribe import transcribe
from trax.progress import reporting
from trax.service.voices import voice_in_file
from trax.settings import load_settings
from trax.stages.options import TranscribeOptions
from trax.store import ProfileRepository, TranscriptRepository
from trax.testing import Recorder, ScriptedEngines, tone, transcript, write_audio
from trax.transcript import KnownVoice, Transcript
from trax.transcript.codec import from_json, to_json

_SECOND = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)  # the second voice of a scripted recording


@pytest.fixture
def profiles(database) -> ProfileRepository:
    """Known voices in an empty database of every kind."""
    return ProfileRepository(database)


class TestRepository:
    def test_a_profile_comes_back_as_it_was(self, profiles):
        """With the day, and found in any case of its letters."""
        made = profiles.add(" Anna Berg ", "model", (0.6, 0.8), 12.5, "signed")
        found = profiles.get("anna berg")
        assert found == made
        assert (found.name, found.embedding, found.seconds, found.consent) == (
            "Anna Berg",
            (0.6, 0.8),
            12.5,
            "signed",
        )
        assert found.created_at.tzinfo is not None

    def test_a_name_is_one_person_s(self, profiles):
        """An empty one nobody's."""
        profiles.add("Anna", "model", (1.0,), 3.0, "yes")
        ben = profiles.add("Ben", "model", (1.0,), 3.0, "yes")
        with pytest.raises(InvalidOption, match="known already"):
            profiles.add("ANNA", "model", (1.0,), 3.0, "yes")
        with pytest.raises(InvalidOption, match="merge"):
            profiles.rename(ben, "anna")
        for name in ("", "  "):
            with pytest.raises(InvalidOption, match="needs a name"):
                profiles.add(name, "model", (1.0,), 3.0, "yes")
            with pytest.raises(InvalidOption, match="needs a name"):
                profiles.rename(ben, name)

    def test_nobody_is_not_found(self, profiles):
        """By name."""
        with pytest.raises(NotFound, match="there is no known voice 'Anna'"):
            profiles.get("Anna")

    def test_transcripts_show_the_name_and_lose_it(self, database, profiles):
        """Renamed, joined with another, forgotten: in every version, without another version."""
        transcripts = TranscriptRepository(database)
        anna, ben = (profiles.add(name, "model", (1.0,), 3.0, "yes") for name in ("Ann", "Ben"))
        document = transcript()
        first = document.speakers[0].label
        said = document.with_voices({first: KnownVoice(anna.id, anna.name)})
        assert transcripts.save(said) == 1
        assert transcripts.get(said.id).display_name(first) == "Ann"
        assert profiles.get("Ann").transcripts == 1
        profiles.rename(anna, "Anna")
        assert transcripts.get(said.id).display_name(first) == "Anna"
        assert profiles.forget(anna, into=ben) == [said.id]
        assert transcripts.get(said.id).display_name(first) == "Ben"
        assert profiles.forget(ben) == [said.id]
        assert transcripts.get(said.id) == document
        assert profiles.all() == []
        assert transcripts.save(document) == 1

    def test_the_kept_document_holds_no_name_of_a_voice(self, database, profiles):
        """It would outlive the profile."""
        anna = profiles.add("Anna Berg", "model", (1.0,), 3.0, "yes")
        document = transcript()
        TranscriptRepository(database).save(
            document.with_voices({"SPEAKER_00": KnownVoice(anna.id, anna.name)})
        )
        with database.reading() as session:
            from sqlalchemy import select

            from trax.store.tables import TranscriptRow

            assert "Anna Berg" not in json.dumps(session.scalar(select(TranscriptRow.document)))

    def test_saving_again_learns_new_voices(self, database, profiles):
        """Without another version."""
        transcripts, document = TranscriptRepository(database), transcript()
        transcripts.save(document)
        anna = profiles.add("Anna", "model", (1.0,), 3.0, "yes")
        assert (
            transcripts.save(document.with_voices({"SPEAKER_01": KnownVoice(anna.id, "Anna")})) == 1
        )
        assert transcripts.get(document.id).display_name("SPEAKER_01") == "Anna"


@pytest.fixture
def long_recording(tmp_path: Path) -> Path:
    """Half a minute in which two scripted people speak."""
    return write_audio(tmp_path / "meeting.wav", tone(30.0))


class TestPipeline:
    def test_a_known_voice_has_its_name_in_every_export(self, workspace, long_recording):
        """Once somebody is known, the next run names them; words and turns come from their
        checkpoints.
        """
        options = TranscribeOptions(formats=("txt", "json"))
        transcribe(workspace, long_recording, options)
        workspace.profiles.add("Anna", "scripted-voices/1", _SECOND, 9.0, "yes")
        again = transcribe(workspace, long_recording, options)
        assert {run.stage for run in again.runs if not run.cached} == {"publish"}
        made = from_json(
            Transcript, workspace.objects.local_path(again.transcript).read_bytes(), "transcript"
        )
        assert [made.display_name(each.label) for each in made.speakers] == ["Speaker 1", "Anna"]
        assert "Anna: there." in workspace.objects.local_path(again.exports["txt"]).read_text()
        assert len(workspace.repository.versions(again.transcript_id)) == 1

    def test_another_model_s_profile_names_nobody(self, workspace, long_recording):
        """Its numbers mean something else."""
        workspace.profiles.add("Anna", "another", _SECOND, 9.0, "yes")
        made = transcribe(workspace, long_recording, TranscribeOptions())
        assert workspace.repository.get(made.transcript_id).speakers[1].voice is None

    def test_a_file_of_two_people_is_nobody_s_voice(self, workspace, long_recording):
        """And says what to do."""
        with pytest.raises(InvalidOption, match="2 people speak in it; transcribe it"):
            voice_in_file(workspace, long_recording, "auto", lambda _share: None)

    def test_too_little_speech_is_no_voice(self, workspace, engines, tmp_path):
        """A second."""
        engines.speakers = 1
        with pytest.raises(InvalidOption, match="nobody speaks for 2 s"):
            voice_in_file(
                workspace,
                write_audio(tmp_path / "short.wav", tone(1.0)),
                "auto",
                lambda _share: None,
            )


@pytest.fixture
def scripted(home, workspace, monkeypatch) -> ScriptedEngines:
    """Scripted engines behind the commands, data where the commands look."""
    settings = load_settings()
    together = replace(workspace, database=open_database(settings), objects=open_objects(settings))
    monkeypatch.setattr(batch_module, "process_workspace", lambda: together)
    monkeypatch.setattr("trax.compose.process_workspace", lambda: together)
    return workspace.engines


class TestCommand:
    def test_from_enrolling_to_forgetting(self, trax, scripted, long_recording):
        """The whole life of a profile."""
        assert "No voices are known yet" in trax("speakers").stdout
        trax("transcribe", long_recording)
        done = trax("speakers", "enroll", "Ben Ode", "latest:SPEAKER_01", "--consent", "by mail")
        assert "Ben Ode is known, from 15.0 s of speech" in done.stdout
        assert "Ben Ode" in trax("show", "latest").stdout
        scripted.speakers = 1
        assert (
            trax("speakers", "enroll", "Anna", long_recording, "--consent", "signed").exit_code == 0
        )
        listed = json.loads(trax("speakers", "list", "--json").stdout)
        assert [(each["name"], each["consent"], each["transcripts"]) for each in listed] == [
            ("Anna", "signed", 0),
            ("Ben Ode", "by mail", 1),
        ]
        assert trax("speakers", "rename", "ben ode", "Benedict").exit_code == 0
        assert "Benedict" in trax("show", "latest").stdout
        exported = json.loads(trax("speakers", "export", "Benedict").stdout)
        assert tuple(exported[0]["embedding"]) == _SECOND
        assert trax("speakers", "export", "-o", "all.json").exit_code == 0
        assert len(json.loads(Path("all.json").read_text())) == 2
        assert trax("speakers", "forget", "Benedict", "--yes").exit_code == 0
        assert "Benedict" not in trax("show", "latest").stdout
        assert "Speaker 2" in trax("show", "latest").stdout

    def test_nothing_stored_shows_a_forgotten_name(self, trax, scripted, long_recording):
        """Exports, checkpoints, database."""
        trax("transcribe", long_recording)
        trax("speakers", "enroll", "Zebulon", "latest:2", "--consent", "yes")
        trax("transcribe", long_recording)
        home = load_settings().home
        showing = [
            path for path in home.rglob("*") if path.is_file() and b"Zebulon" in path.read_bytes()
        ]
        assert any(path.suffix == ".txt" for path in showing)
        assert trax("speakers", "forget", "Zebulon", "-y").exit_code == 0
        left = [
            path for path in home.rglob("*") if path.is_file() and b"Zebulon" in path.read_bytes()
        ]
        assert [path for path in left if "trax.db" not in path.name] == []
        assert trax("transcribe", long_recording).exit_code == 0

    def test_enrolling_again_makes_a_voice_better(self, trax, scripted, long_recording):
        """What was agreed is added up."""
        trax("transcribe", long_recording)
        for consent in ("by mail", "signed", "signed"):
            trax("speakers", "enroll", "Ben", "latest:2", "--consent", consent)
        listed = json.loads(trax("speakers", "--json").stdout)
        assert [(each["seconds"], each["consent"]) for each in listed] == [
            (45.0, "by mail; signed")
        ]

    def test_two_profiles_of_one_person_become_one(self, trax, scripted, long_recording):
        """Transcripts follow."""
        trax("transcribe", long_recording)
        trax("speakers", "enroll", "Ben", "latest:1", "--consent", "yes")
        trax("speakers", "enroll", "B.", "latest:2", "--consent", "yes")
        assert "Ben now, in 1 transcripts too" in trax("speakers", "merge", "Ben", "B.").stdout
        assert [each["name"] for each in json.loads(trax("speakers", "--json").stdout)] == ["Ben"]
        assert trax("show", "latest").stdout.count("Ben") == 2

    @pytest.mark.parametrize(
        ("arguments", "code", "sentence"),
        [
            (
                ("enroll", "Anna", "nowhere.wav", "--consent", "x"),
                2,
                "there is no file nowhere.wav",
            ),
            (("enroll", "Anna", "latest:7", "--consent", "x"), 2, "there is no speaker '7'"),
            (("enroll", "Anna", "meeting.wav", "--consent", " "), 2, "how they agreed"),
            (("enroll", "Anna", "meeting.wav", "--consent", "x"), 2, "2 people speak in it"),
            (("rename", "Nobody", "Anna"), 2, "there is no known voice 'Nobody'"),
            (("merge", "Nobody", "Anna"), 2, "there is no known voice 'Nobody'"),
            (("forget", "Nobody", "-y"), 2, "there is no known voice 'Nobody'"),
            (("export", "Nobody"), 2, "there is no known voice 'Nobody'"),
        ],
    )
    def test_mistakes_get_a_sentence(
        self, trax, scripted, long_recording, arguments, code, sentence
    ):
        """And change nothing."""
        trax("transcribe", long_recording)
        result = trax("speakers", *arguments)
        assert result.exit_code == code
        assert sentence in " ".join(result.stderr.split())
        assert json.loads(trax("speakers", "--json").stdout) == []


class TestTracks:
    def test_a_stereo_call_is_told_apart_by_channel(self, workspace, tmp_path, sample):
        """Without the engine's clustering; `mixed` asks for it."""
        samples, _ = soundfile.read(sample, dtype="float32", stop=16_000 * 20)
        sides = np.zeros((len(samples), 2), dtype=np.float32)
        sides[: 16_000 * 10, 0], sides[16_000 * 10 :, 1] = (
            samples[: 16_000 * 10],
            samples[16_000 * 10 :],
        )
        soundfile.write(tmp_path / "call.wav", sides, 16_000)
        made = workspace.repository.get(
            transcribe(workspace, tmp_path / "call.wav", TranscribeOptions()).transcript_id
        )
        assert made.provenance.diarizer.startswith("tracks-2/")
        assert made.speaker_count is None
        assert made.speaker_confidence is None
        assert [turn.speaker for turn in made.turns if turn.end < 9.5][-1] == "SPEAKER_00"
        assert {turn.speaker for turn in made.turns if turn.start > 10.5} == {"SPEAKER_01"}
        mixed = TranscribeOptions.model_validate({"diarization": {"split_channels": False}})
        again = workspace.repository.get(
            transcribe(workspace, tmp_path / "call.wav", mixed).transcript_id
        )
        assert again.provenance.diarizer == "scripted/1"

    def test_progress_never_runs_back(self, workspace, tmp_path):
        """Although a stereo recording is decoded twice where its channels are not people."""
        both = np.stack([tone(8.0), tone(8.0)], axis=1)
        soundfile.write(tmp_path / "music.wav", both, 16_000)
        recorder = Recorder()
        with reporting(recorder):
            transcribe(workspace, tmp_path / "music.wav", TranscribeOptions())
        shares = recorder.shares("ingest")
        assert shares == sorted(shares)
        assert shares[-1] > 0.9

    def test_tracks_are_one_recording_with_names(self, trax, scripted, tmp_path, sample):
        """A file a speaker, named by the file; put together once."""
        samples, _ = soundfile.read(sample, dtype="float32", stop=16_000 * 20)
        quiet = np.zeros(16_000 * 10, dtype=np.float32)
        soundfile.write(
            tmp_path / "anna.wav", np.concatenate([samples[: 16_000 * 10], quiet]), 16_000
        )
        soundfile.write(
            tmp_path / "ben.flac", np.concatenate([quiet, samples[16_000 * 10 :]]), 16_000
        )
        assert trax("transcribe", "--tracks", "anna.wav", "ben.flac").exit_code == 0
        made = open_transcripts(load_settings()).get("latest")
        assert [speaker.name for speaker in made.speakers] == ["anna", "ben"]
        assert trax("transcribe", "--tracks", "anna.wav", "ben.flac").exit_code == 0
        assert len(json.loads(trax("jobs", "--json").stdout)) == 1

    def test_a_missing_track_is_named(self, trax, scripted):
        """Before anything is made."""
        result = trax("transcribe", "--tracks", "anna.wav", "ben.wav")
        assert result.exit_code == 2
        assert "there is no file anna.wav" in result.stderr


def test_the_threshold_is_what_the_docs_say():
    """People rely on it."""
    text = (Path(__file__).parents[1] / "docs" / "diarization.md").read_text()
    assert f"{THRESHOLD:.2f}" in text


def test_a_document_with_voices_is_json_and_back():
    """Exports carry the name."""
    document = transcript().with_voices({"SPEAKER_00": KnownVoice("p", "Anna")})
    assert from_json(Transcript, to_json(document), "x") == document
