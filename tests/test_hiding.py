"""Names that are not said in the new voice, and heard nowhere in the old one."""

import json

import numpy as np
import pytest
import soundfile

from trax.testing.talk import ScriptedTalk

NAMED = "my name is Anna Berg and I live here"
PUBLIC = "my name is somebody and I live here"
SCRIPT = (
    (1.0, 3.0, "SPEAKER_00", "good morning and thank you for coming"),
    (4.0, 6.6, "SPEAKER_01", NAMED),
    (8.0, 9.8, "SPEAKER_01", "we have a lot to say"),
    (13.0, 13.4, "SPEAKER_01", "Anna"),
    (16.0, 16.5, "SPEAKER_01", "yes"),
)
ASKED = ("--speaker", "Speaker 2", "--voice", "high", "--redact", "names", "--yes", "--json")


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT, edited={NAMED: PUBLIC})


@pytest.fixture
def recording(tmp_path, engines):
    return engines.write(tmp_path / "anna.wav", 44_100)


@pytest.fixture
def revoice(trax, workspace, monkeypatch):
    """The command in a workspace with scripted engines."""
    monkeypatch.setattr("trax.compose.process_workspace", lambda: workspace)
    return lambda *arguments: trax("revoice", *arguments)


def heard(path, start: float, end: float, hertz: float) -> float:
    """How loud a tone is in a stretch of a file."""
    samples, rate = soundfile.read(str(path))
    part = samples[round(start * rate) : round(end * rate)]
    time = np.arange(len(part)) / rate
    return float(2 * abs(np.mean(part * np.exp(-2j * np.pi * hertz * time))))


def test_a_plain_word_is_said_in_place_of_a_name(revoice, recording, engines):
    """And the report names nobody."""
    result = revoice(recording, *ASKED)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [row["text"] for row in report["utterances"]] == [PUBLIC, SCRIPT[2][3]]
    assert {text for text, _, _ in engines.voices.said} == {PUBLIC, SCRIPT[2][3]}
    assert report["name"].startswith("recording ")
    assert "Anna" not in json.dumps({**report, "files": []})


def test_a_name_that_is_not_said_again_falls_silent(revoice, recording, tmp_path):
    """Other words that stay are heard as they were."""
    revoice(recording, *ASKED)
    made = tmp_path / "anna.revoiced.wav"
    assert heard(recording, 13.05, 13.35, 330.0) > 0.1
    assert heard(made, 13.05, 13.35, 330.0) < 0.5 * heard(recording, 13.05, 13.35, 330.0)
    assert heard(made, 16.05, 16.45, 330.0) == heard(recording, 16.05, 16.45, 330.0)


def test_what_is_not_understood_leaves_no_name_either(revoice, recording, engines, tmp_path):
    """Whatever becomes of words that cannot be said."""
    engines.mishears = {PUBLIC: ["nothing like it"] * 4}
    report = json.loads(revoice(recording, *ASKED).stdout)
    left = {each["text"]: each for each in report["left"]}
    assert left[PUBLIC]["why"] == "wrong"
    assert left[PUBLIC]["personal"]
    made = tmp_path / "anna.revoiced.wav"
    assert heard(made, 4.1, 6.5, 330.0) < 0.5 * heard(recording, 4.1, 6.5, 330.0)


def given(revoice, recording, tmp_path, texts: dict[str, str]) -> dict:
    """The report where other *texts* are given for those of the script."""
    words = tmp_path / "words.json"
    assert revoice(recording, *ASKED[:4], "--write-text", words).exit_code == 0
    lines = json.loads(words.read_text())
    for line in lines:
        line["text"] = texts.get(line["text"], line["text"])
    words.write_text(json.dumps(lines))
    result = revoice(recording, *ASKED, "--text", words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_text_that_is_given_says_no_name_either(revoice, recording, engines, tmp_path):
    """Neither one of the recording, nor one that is in no other text."""
    texts = {NAMED: "my name is Anna and I live here", SCRIPT[2][3]: "we asked Zora Quill"}
    engines.edited[SCRIPT[2][3]] = "we asked somebody"
    report = given(revoice, recording, tmp_path, texts)
    said = {text for text, _, _ in engines.voices.said}
    assert said == {PUBLIC, "we asked somebody"}
    assert not {"Anna", "Zora", "Quill"} & set(json.dumps({**report, "files": []}).split())


def test_where_a_name_was_put_otherwise_the_original_is_not_heard(
    revoice, recording, engines, tmp_path
):
    """The text says none any more, but the old voice would."""
    other = "nobody needs to know who I am"
    engines.mishears = {other: ["nothing like it"] * 4}
    engines.edited = {NAMED: other}
    report = given(revoice, recording, tmp_path, {NAMED: other})
    assert other in [each["text"] for each in report["left"]]
    made = tmp_path / "anna.revoiced.wav"
    assert heard(made, 4.1, 6.5, 330.0) < 0.5 * heard(recording, 4.1, 6.5, 330.0)


def test_an_unknown_kind_is_refused_in_a_sentence(revoice, recording):
    """With the kinds that there are."""
    result = revoice(recording, *ASKED[:5], "shoes", "--yes")
    assert result.exit_code == 2
    assert "'names', 'numbers'" in result.stderr
