"""What edges ask for: rules in one place, with errors that name no command."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trax.audio import Limits
from trax.errors import (
    Conflict,
    EngineError,
    InvalidDocument,
    InvalidOption,
    LimitExceeded,
    NotFound,
    StoreError,
    TraxError,
    UnreadableAudio,
)
from trax.export import FORMATS
from trax.export.files import replacing, write_file
from trax.pipelines.transcribe import transcribe
from trax.revision import Rename
from trax.service import exports, jobs, recordings, revisions, transcripts, upkeep, voices
from trax.service.revisions import Edits, edits_here
from trax.stages.options import TranscribeOptions
from trax.testing import tone, transcript, write_audio
from trax.transcript import Reason, Removed, Span, Transcript, Word


@pytest.fixture
def long_recording(tmp_path) -> Path:
    """Half a minute in which two scripted people speak."""
    return write_audio(tmp_path / "meeting.wav", tone(30.0))


@pytest.fixture
def made(workspace, long_recording) -> Transcript:
    """A transcript of that recording."""
    result = transcribe(workspace, long_recording, TranscribeOptions(formats=("txt", "srt")))
    return workspace.repository.get(result.transcript_id)


def sentence(error: pytest.ExceptionInfo[TraxError]) -> str:
    """An error's message, which names nothing of the command line."""
    text = str(error.value)
    assert "`" not in text
    assert "--" not in text
    assert "TRAX_" not in text
    return text


class TestFiles:
    def test_a_file_is_there_whole_or_not_at_all(self, tmp_path):
        """An error leaves what was there before, and nothing beside it."""
        target = tmp_path / "new" / "x.txt"
        write_file(target, b"first")
        with pytest.raises(StoreError), replacing(target) as partial:
            partial.write_bytes(tmp_path.read_bytes())
        assert target.read_bytes() == b"first"
        assert list(target.parent.iterdir()) == [target]

    def test_a_folder_that_cannot_be_made_is_a_sentence(self, tmp_path):
        """A file stands there."""
        (tmp_path / "taken").touch()
        with pytest.raises(StoreError, match=r"cannot write .*taken/x\.txt") as error:
            write_file(tmp_path / "taken" / "x.txt", b"")
        assert sentence(error)


class TestTranscripts:
    def test_a_file_is_read_as_it_was_exported(self, tmp_path):
        """The document comes back."""
        path = tmp_path / "mail.json"
        path.write_bytes(FORMATS["json"].render(transcript()))
        assert transcripts.read_transcript(path) == transcript()

    @pytest.mark.parametrize("content", [None, "{", '{"id": 1}'])
    def test_a_file_that_is_no_transcript_is_named(self, tmp_path, content):
        """Missing, broken, or something else."""
        path = tmp_path / "x.json"
        if content is not None:
            path.write_text(content)
        with pytest.raises(InvalidDocument, match=r"x\.json") as error:
            transcripts.read_transcript(path)
        assert sentence(error)

    def test_stages_are_those_of_the_newest_version(self, workspace, made):
        """In the order in which they ended."""
        runs = transcripts.stages_of(workspace.repository, workspace.jobs, made.id)
        assert (runs[0].stage, runs[-1].stage) == ("ingest", "publish")

    def test_audio_is_found_while_it_is_kept(self, workspace, made):
        """As it was recognised: 16 kHz."""
        assert soundfile.info(transcripts.audio_of(workspace, made)).samplerate == 16_000
        for kept in list(workspace.checkpoints.all("ingest")):
            workspace.checkpoints.remove(kept)
        with pytest.raises(NotFound, match="no longer kept") as error:
            transcripts.audio_of(workspace, made)
        assert sentence(error)


def on_first(workspace) -> Edits:
    """Changes by somebody who has seen the first version."""
    return replace(edits_here(workspace.revisions), base_version=1)


class TestRevisions:
    @pytest.fixture
    def removed(self, workspace) -> Transcript:
        """A transcript from which two texts were taken out."""
        texts = [
            Removed(words=(Word(at, at + 0.2, text),), reason=Reason.REPEAT)
            for at, text in ((0.1, "one"), (0.5, "two"))
        ]
        document = replace(transcript(), removed=tuple(texts))
        workspace.repository.save(document)
        return document

    def test_one_removed_text_comes_back(self, workspace, removed):
        """As a new version; the other stays out."""
        revised = revisions.restore_removed(edits_here(workspace.revisions), removed.id, [2])
        assert (revised.transcript_id, revised.version) == (removed.id, 2)
        now = workspace.repository.get(removed.id)
        assert [each.words[0].text for each in now.removed] == ["one"]
        assert "two" in [word.text for word in now.words]

    def test_a_change_of_what_was_changed_meanwhile_is_refused(self, workspace, removed):
        """Whoever asks has not seen the newest version; nothing is saved."""
        revisions.restore_removed(on_first(workspace), removed.id, [1])
        with pytest.raises(Conflict, match="changed meanwhile") as error:
            revisions.restore_removed(on_first(workspace), removed.id, [2])
        assert sentence(error)
        assert len(workspace.repository.versions(removed.id)) == 2

    def test_operations_are_applied_in_order(self, workspace, removed):
        """Two renamings: the second holds, in one new version."""
        operations = [Rename(speaker="SPEAKER_00", name=name) for name in ("Ann", "Anna")]
        made = revisions.edit(on_first(workspace), removed.id, operations)
        assert made.version == 2
        assert workspace.repository.get(removed.id).display_name("SPEAKER_00") == "Anna"

    def test_without_numbers_all_of_them_come_back(self, workspace, removed):
        """None is left."""
        revisions.restore_removed(edits_here(workspace.revisions), removed.id)
        assert workspace.repository.get(removed.id).removed == ()

    @pytest.mark.parametrize(
        "revise",
        [
            lambda edits, name: revisions.restore_removed(edits, name, [7]),
            lambda edits, name: revisions.undo_edits(edits, name, [7]),
            lambda edits, name: revisions.undo_edits(edits, name),
            lambda edits, name: revisions.accept_names(edits, name),
        ],
    )
    def test_what_is_not_there_changes_nothing(self, workspace, removed, revise):
        """And is not found."""
        with pytest.raises(NotFound):
            revise(edits_here(workspace.revisions), removed.id)
        assert len(workspace.repository.versions(removed.id)) == 1


class TestUploads:
    def test_a_recording_outlives_its_file(self, workspace, engines, recording):
        """It is transcribed, and retried after the file is gone."""
        source = recordings.upload(workspace, recording, "a b/Café.wav")
        assert source.startswith("object:uploads/")
        assert source.endswith("/Café.wav")
        recording.unlink()
        engines.diarize_errors = [EngineError("out of memory")]
        with pytest.raises(EngineError):
            transcribe(workspace, source, TranscribeOptions())
        (failed,) = jobs.to_retry(workspace.jobs)
        assert (failed.source, failed.name) == (source, "Café.wav")
        done = transcribe(workspace, failed.source, TranscribeOptions())
        assert workspace.jobs.get(failed.id).transcript_id == done.transcript_id

    def test_a_stream_is_kept_like_a_file(self, workspace, recording):
        """The same bytes under the same name, once."""
        with recording.open("rb") as stream:
            source = recordings.upload(workspace, stream, "x.wav")
        assert recordings.upload(workspace, recording, "x.wav") == source
        assert len(list(workspace.objects.list("uploads/"))) == 1
        assert list(workspace.objects.abandoned(datetime.now(UTC) + timedelta(days=1))) == []

    def test_what_is_too_large_is_not_kept(self, workspace, recording):
        """It is not even read to its end."""
        small = replace(workspace, limits=Limits(size_bytes=100))
        with recording.open("rb") as stream, pytest.raises(LimitExceeded, match="allowed") as error:
            recordings.upload(small, stream, "x.wav")
        assert sentence(error)
        with pytest.raises(LimitExceeded):
            recordings.upload(small, recording, "x.wav")
        assert list(workspace.objects.list("uploads/")) == []

    @pytest.mark.parametrize("name", ["", "..", "a/..", "/", "C:\\tmp\\.."])
    def test_a_name_never_leads_elsewhere(self, workspace, recording, name):
        """Whatever a browser sends."""
        assert recordings.upload(workspace, recording, name).count("/") == 2

    def test_an_upload_that_is_gone_or_damaged_says_so(self, workspace, recording):
        """In words that help in a browser."""
        source = recordings.upload(workspace, recording, "x.wav")
        key = source.removeprefix("object:")
        workspace.objects.put_bytes(key, b"other bytes")
        with pytest.raises(UnreadableAudio, match="differ from their digest; upload it again"):
            transcribe(workspace, source, TranscribeOptions())
        workspace.objects.delete(key)
        with pytest.raises(UnreadableAudio, match="missing; upload it again") as error:
            transcribe(workspace, source, TranscribeOptions())
        assert sentence(error)
        for other in ("object:transcripts/x/1.txt", "object:uploads/", "object:"):
            with pytest.raises(UnreadableAudio, match="no recording is kept there"):
                transcribe(workspace, other, TranscribeOptions())


class TestVoices:
    def test_a_voice_is_learned_from_a_transcript_and_named_in_it(self, workspace, made):
        """In the version that there is."""
        profile = voices.enroll_speaker(workspace, "Ben", "by mail", made.id, "2")
        assert profile.seconds == pytest.approx(15.0)
        assert workspace.repository.get(made.id).display_name("SPEAKER_01") == "Ben"
        assert len(workspace.repository.versions(made.id)) == 1

    def test_a_voice_is_learned_from_a_file(self, workspace, engines, long_recording):
        """With progress to look at."""
        engines.speakers = 1
        shares: list[float] = []
        profile = voices.enroll_file(
            workspace, "Anna", "signed", long_recording, progress=shares.append
        )
        assert profile.name == "Anna"
        assert profile.seconds >= voices.GOOD_SPEECH
        assert shares == sorted(shares)

    def test_nobody_is_learned_without_consent(self, workspace, made, long_recording):
        """From wherever."""
        with pytest.raises(InvalidOption, match="how they agreed") as error:
            voices.enroll_speaker(workspace, "Ben", " ", made.id, "2")
        assert sentence(error)
        with pytest.raises(InvalidOption, match="how they agreed"):
            voices.enroll_file(workspace, "Ben", "", long_recording)
        assert workspace.profiles.all() == []

    @pytest.mark.parametrize("speaker", ["SPEAKER_01", "speaker_01", "2", "Speaker 2"])
    def test_a_speaker_has_several_names(self, workspace, made, speaker):
        """Label, number, and what is shown."""
        label, _voice = voices.voice_in_transcript(workspace, made, speaker)
        assert label == "SPEAKER_01"

    def test_errors_say_what_to_do_at_any_edge(self, workspace, made, long_recording):
        """Without a command."""
        with pytest.raises(NotFound, match=r"there is no speaker '7'; transcript \w+ has") as error:
            voices.enroll_speaker(workspace, "Ben", "yes", made.id, "7")
        assert sentence(error)
        with pytest.raises(InvalidOption, match="2 people speak in it") as mixed:
            voices.enroll_file(workspace, "Ben", "yes", long_recording)
        assert sentence(mixed)

    def test_two_profiles_become_one_with_both_consents(self, workspace, made):
        """And both transcripts."""
        voices.enroll_speaker(workspace, "Ben", "by mail", made.id, "1")
        voices.enroll_speaker(workspace, "B.", "signed", made.id, "2")
        merged = voices.merge(workspace.profiles, "Ben", "B.")
        assert merged.transcripts == [made.id]
        (left,) = workspace.profiles.all()
        assert (left.name, left.consent) == ("Ben", "by mail; signed")
        with pytest.raises(InvalidOption, match="one profile"):
            voices.merge(workspace.profiles, "Ben", "ben")

    def test_a_forgotten_voice_leaves_no_file_that_shows_it(self, workspace, long_recording, made):
        """The transcript can be published again."""
        voices.enroll_speaker(workspace, "Zebulon", "yes", made.id, "2")
        transcribe(workspace, long_recording, TranscribeOptions(formats=("txt",)))
        assert voices.forget(workspace, "Zebulon") == [made.id]
        stored = [workspace.objects.read(each.key) or b"" for each in workspace.objects.list()]
        assert not any(b"Zebulon" in data for data in stored)
        assert voices.enroll_speaker(workspace, "Ben", "yes", made.id, "2").name == "Ben"

    def test_what_is_exported_is_everything_that_is_kept(self, workspace):
        """What is listed leaves out the numbers."""
        profile = workspace.profiles.add(" Anna ", "model", (0.6, 0.8), 12.5, "signed")
        assert voices.exported(profile)["embedding"] == [0.6, 0.8]
        assert "embedding" not in voices.described(profile)
        assert json.dumps(voices.exported(profile))

    def test_a_taken_name_advises_to_merge(self, workspace):
        """In words that are true in a browser too."""
        for name in ("Anna", "Ben"):
            workspace.profiles.add(name, "model", (1.0,), 3.0, "yes")
        with pytest.raises(InvalidOption, match="merge the two voices") as error:
            voices.rename(workspace.profiles, "Ben", "ANNA")
        assert sentence(error)
        voices.rename(workspace.profiles, "Ben", "Benedict")
        assert [each.name for each in workspace.profiles.all()] == ["Anna", "Benedict"]


class TestExports:
    def test_files_have_the_recording_s_name(self, workspace, tmp_path):
        """One a format."""
        data = exports.rendered(transcript(), ("docx", "rttm"))
        files = exports.write_files(workspace.database, transcript(), data, tmp_path / "out")
        assert {name: path.name for name, path in files.items()} == {
            "docx": "morning call.docx",
            "rttm": "morning call.rttm",
        }
        assert files["rttm"].read_bytes() == FORMATS["rttm"].render(transcript())

    def test_stored_exports_are_copied_under_a_name(self, workspace, long_recording, tmp_path):
        """Byte for byte."""
        result = transcribe(workspace, long_recording, TranscribeOptions(formats=("txt", "srt")))
        files = exports.copy_files(workspace, result.exports, tmp_path / "out", "minutes", "sha")
        assert sorted(path.name for path in files.values()) == ["minutes.srt", "minutes.txt"]
        stored = workspace.objects.local_path(result.exports["txt"])
        assert files["txt"].read_bytes() == stored.read_bytes()

    def test_exports_are_stored_under_their_version(self, workspace, made):
        """With a link to each."""
        links = exports.store_files(workspace, made.id, ("vtt",))
        assert links["vtt"].endswith(f"transcripts/{made.id}/1.vtt")
        with pytest.raises(NotFound, match="no translation 'de'") as error:
            exports.store_files(workspace, made.id, ("vtt",), "de")
        assert sentence(error)

    def test_a_kind_that_cannot_be_hidden_is_refused(self):
        """With those that can."""
        with pytest.raises(InvalidOption, match="'faces' cannot be hidden"):
            exports.redact(transcript(), ("faces",))

    def test_sound_is_silent_where_personal_data_is_said(self, workspace, made, tmp_path):
        """And a little beside it."""
        target = tmp_path / "public.flac"
        exports.write_redacted_audio(workspace, made, [Span(1.0, 2.0)], target)
        samples, rate = soundfile.read(target)
        assert not samples[int(0.95 * rate) : int(2.05 * rate)].any()
        assert np.abs(samples[: int(0.8 * rate)]).max() > 0


class TestUpkeep:
    def test_results_are_listed_newest_first(self, workspace, made):
        """Of every stage, or of one."""
        found = upkeep.stored_results(workspace.objects)
        times = [kept.manifest.modified_at for kept in found]
        assert times == sorted(times, reverse=True)
        assert len(found) == 7
        assert [kept.stage for kept in upkeep.stored_results(workspace.objects, "merge")] == [
            "merge"
        ]
        with pytest.raises(InvalidOption, match="stages are ingest, recognise") as error:
            upkeep.stored_results(workspace.objects, "nothing")
        assert sentence(error)

    def test_only_what_is_old_enough_is_pruned(self, workspace, made):
        """Of the recording that is named; each removal is logged."""
        (merged,) = upkeep.stored_results(workspace.objects, "merge")
        old = (datetime.now(UTC) - timedelta(days=3)).timestamp()
        os.utime(workspace.objects.path(merged.manifest.key), (old, old))
        found = upkeep.stored_results(workspace.objects)
        due = upkeep.prunable(found, 2)
        assert [kept.stage for kept in due] == ["merge"]
        assert upkeep.prunable(found, 0, "other.wav") == []
        assert len(upkeep.prunable(found, 0, made.recording.sha256[:6])) == 7
        assert upkeep.size_bytes(due) > 0
        upkeep.prune(workspace.objects, workspace.database, due)
        assert upkeep.stored_results(workspace.objects, "merge") == []
        assert upkeep.audit_log(workspace.database, 1)[0].action == "checkpoint.pruned"

    def test_a_database_says_what_it_is(self, workspace, made):
        """And whether it can be used."""
        state = upkeep.database_state(workspace.database)
        assert (state.kind, state.problem, state.transcripts) == ("sqlite", "", 1)
        assert state.revision.isdigit()
