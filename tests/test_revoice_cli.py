"""`trax revoice`: shown before it is said, asked for, written beside its report."""

import json
from pathlib import Path

import pytest
import soundfile

from trax.pipelines.transcribe import transcribe
from trax.revision import Replace
from trax.service.revisions import edit, edits_here
from trax.service.voices import forget
from trax.stages.options import TranscribeOptions
from trax.testing.talk import SCRIPT, ScriptedTalk

OURS = [said for said in SCRIPT if said[2] == "SPEAKER_01"]
ASKED = ("--speaker", "Speaker 2", "--voice", "high")


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT)


@pytest.fixture
def recording(tmp_path, engines):
    return engines.write(tmp_path / "talk.wav", 44_100)


@pytest.fixture
def revoice(trax, workspace, monkeypatch):
    """The command in a workspace with scripted engines."""
    monkeypatch.setattr("trax.compose.process_workspace", lambda: workspace)
    return lambda *arguments: trax("revoice", *arguments)


def test_the_new_recording_and_its_report_are_written(revoice, recording, tmp_path):
    """Beside each other, and the user is told what was done."""
    result = revoice(recording, *ASKED, "--yes")
    assert result.exit_code == 0, result.output
    assert OURS[0][3] in result.stdout
    assert "3 utterances said again" in result.stdout
    report = json.loads((tmp_path / "talk.revoiced.json").read_text())
    assert [row["text"] for row in report["utterances"]] == [said[3] for said in OURS[:3]]
    assert soundfile.info(str(tmp_path / "talk.revoiced.wav")).samplerate == 44_100


def test_nothing_is_said_before_somebody_agrees(revoice, recording, engines, trax):
    """What would be said is shown, and no voice engine works."""
    result = revoice(recording, *ASKED)
    assert result.exit_code == 1
    assert OURS[0][3] in result.stdout
    assert engines.voices.said == []


def test_texts_are_written_corrected_and_said(revoice, recording, engines, tmp_path):
    """One utterance changed, one left out: the rest is as recognised."""
    words = tmp_path / "words.json"
    assert revoice(recording, *ASKED, "--write-text", words).exit_code == 0
    lines = json.loads(words.read_text())
    assert [line["text"] for line in lines] == [said[3] for said in OURS[:3]]
    lines[0]["text"], lines[1]["text"] = "it is a pleasure to be there again", ""
    words.write_text(json.dumps(lines))
    engines.edited = {OURS[0][3]: lines[0]["text"]}
    result = revoice(recording, *ASKED, "--text", words, "--yes", "--json")
    report = json.loads(result.stdout)
    assert [row["text"] for row in report["utterances"]] == [lines[0]["text"], OURS[2][3]]
    assert [each["why"] for each in report["left"]] == ["chosen", "short"]


def test_corrections_of_the_transcript_count(revoice, trax, workspace, recording, engines):
    """What people wrote is said, whatever was recognised."""
    made = transcribe(workspace, recording, TranscribeOptions())
    document = workspace.repository.get(made.transcript_id)
    word = next(word for word in document.words if word.text == "pleasure")
    edit(edits_here(workspace.revisions), made.transcript_id, [Replace(word=word.id, text="joy")])
    result = revoice(recording, *ASKED, "--json", "--yes")
    texts = [row["text"] for row in json.loads(result.stdout)["utterances"]]
    assert texts[0] == "it is a joy to be here again"


def test_a_reference_needs_consent(revoice, recording, tmp_path, engines):
    """As a known voice does."""
    reference = engines.write(tmp_path / "anna.wav")
    result = revoice(recording, "--speaker", "Speaker 2", "--voice", reference)
    assert result.exit_code == 2
    assert "agreed to have their voice used" in result.stderr


def test_anonymised_speakers_leave_no_word_in_their_own_voice(revoice, recording):
    """What cannot be said is silent, unless somebody says otherwise."""
    result = revoice(recording, "--anonymise", "all", "--yes", "--json")
    report = json.loads(result.stdout)
    assert report["unspoken"] == "silence"
    assert set(report["voices"].values()) == {"anonymous"}
    assert len(report["utterances"]) == 5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--voice", "high"), "name a --speaker and a --voice"),
        (("--speaker", "Ben", "--voice", "high"), "speakers are Speaker 1, Speaker 2"),
        (("--speaker", "Speaker 2", "--voice", "bass"), "there is no voice 'bass'"),
        ((*ASKED, "--anonymise", "all"), "--anonymise makes voices up"),
        ((*ASKED, "--unspoken", "loud"), "original or silence"),
        ((*ASKED, "--text", "missing.json"), "missing.json"),
        ((*ASKED, "--json"), "add --yes"),
        ((*ASKED, "--consent", "signed form"), "a consent is for a reference"),
        ((*ASKED, "--person", "Anna"), "a person is named for a reference"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(revoice, recording, arguments, sentence):
    """With what there is instead."""
    result = revoice(recording, *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_file_says_whether_its_voices_were_replaced(revoice, recording, tmp_path):
    """By its tag and by the mark in its speech; the exit code tells as well."""
    revoice(recording, *ASKED, "--yes")
    made = revoice("--check", tmp_path / "talk.revoiced.wav")
    assert made.exit_code == 0
    assert "voices were replaced" in made.stdout
    other = revoice("--check", recording)
    assert other.exit_code == 1
    assert "nothing says" in other.stdout


def test_a_file_says_that_a_voice_in_it_was_forgotten(revoice, recording, workspace, tmp_path):
    """Since it was made."""
    reference = Path(__file__).resolve().parents[1] / "samples" / "conversation.flac"
    asked = ("--speaker", "Speaker 2", "--voice", reference, "--consent", "signed", "--person")
    assert revoice(recording, *asked, "Anna", "--yes").exit_code == 0
    before = revoice("--check", tmp_path / "talk.revoiced.wav")
    assert "forgotten" not in before.stdout
    forget(workspace, "Anna")
    made = revoice("--check", tmp_path / "talk.revoiced.wav")
    assert "a voice in it was forgotten since" in made.stdout


def test_stock_voices_are_listed(revoice):
    """To choose from."""
    result = revoice("--list-voices", "--json")
    assert [each["name"] for each in json.loads(result.stdout)] == ["high", "low"]


@pytest.mark.parametrize("arguments", [("missing.wav", *ASKED), ("--check", "missing.wav")])
def test_a_file_that_is_not_there_is_named(revoice, arguments):
    """It is no defect of Trax."""
    result = revoice(*arguments)
    assert result.exit_code == 2
    assert "missing.wav" in result.stderr
    assert "defect" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--out", "talk.wav"), "the recording itself is not written over"),
        (("--out", "new.json"), "where the report goes"),
        (("--out", "."), "is a folder"),
        (("--out", "new.mp3"), "the new recording is lossless; name it"),
        (("--out", "words.flac", "--text", "words.json"), "written over words.json"),
        (("--text", "talk.revoiced.json"), "written over talk.revoiced.json"),
    ],
)
def test_nothing_is_written_over(revoice, recording, engines, tmp_path, arguments, sentence):
    """Which is said before anything is done."""
    for name in ("words.json", "talk.revoiced.json"):
        (tmp_path / name).write_text("[]")
    result = revoice(recording, *ASKED, "--yes", *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert engines.voices.said == []
    assert (tmp_path / "words.json").read_text() == "[]"


def test_what_cannot_be_said_at_all_makes_no_file(revoice, recording, tmp_path):
    """Nobody is asked to agree to nothing."""
    words = tmp_path / "words.json"
    revoice(recording, *ASKED, "--write-text", words)
    lines = [{**line, "text": ""} for line in json.loads(words.read_text())]
    words.write_text(json.dumps(lines))
    result = revoice(recording, *ASKED, "--text", words, "--yes")
    assert result.exit_code == 2
    assert "none of the words can be said again" in result.stderr
