"""``trax live`` on a terminal and off it."""

import io

import pytest
from rich.console import Console
from typer.testing import CliRunner

from trax.audio import SAMPLE_RATE
from trax.cli import app
from trax.cli.captions import CaptionScreen
from trax.errors import UnreadableAudio
from trax.live.captions import Captions
from trax.live.events import Named, Noted, Numbered, Said, Spoken
from trax.live.keeping import Header, Kept
from trax.live.options import LiveOptions
from trax.live.sources import sound_of
from trax.testing import tone, write_audio
from trax.transcript import Word


def shown(*events):
    """What is printed where nobody looks at a terminal."""
    file = io.StringIO()
    captions = Captions()
    with CaptionScreen(Console(file=file, width=200), captions) as screen:
        for at, event in enumerate(events):
            captions.take(event)
            screen.take(Numbered(at, event))
    return file.getvalue().splitlines()


def said(text, start=0.0, heard=1.0):
    words = [Word(start, start + 0.2, each, id=f"{each}{start}") for each in text.split()]
    return Said(committed=tuple(words), heard=heard)


def test_a_sentence_is_printed_once_its_speaker_is_known():
    """With the speaker's name where it changes; tentative words are not printed."""
    one, other = said("Good day."), said("Yes.", 5.0)
    lines = shown(
        Said(tentative=one.committed, heard=0.5),
        one,
        Spoken(words={"Good0.0": "A", "day.0.0": "A"}, names={"A": "Anna"}),
        other,
        Spoken(words={"Yes.5.0": "B"}, names={}),
        Noted(kind="slow", text="slow here"),
    )
    assert lines == ["Anna: Good day.", "Speaker 2: Yes.", "(slow here)"]


def test_words_whose_speaker_nobody_knows_are_printed_all_the_same():
    """After a while, and in the end."""
    assert shown(said("Good day.", heard=9.0), said("And then", 9.0)) == ["Good day.", "And then"]


def test_a_name_that_people_gave_is_shown():
    """Before that of a known voice."""
    word = said("Yes.")
    named = Named(speaker="A", name="Ben")
    spoken = Spoken(words={"Yes.0.0": "A"}, names={"A": "Anna"})
    assert shown(word, named, spoken) == ["Ben: Yes."]


@pytest.mark.parametrize("arguments", [[], ["a.wav", "--microphone"], ["no-such-file.wav"]])
def test_what_cannot_be_heard_is_refused_in_one_sentence(arguments, monkeypatch, tmp_path):
    """Before anything is begun."""
    monkeypatch.setenv("TRAX_HOME", str(tmp_path))
    found = CliRunner().invoke(app, ["live", *arguments])
    assert found.exit_code == 2
    assert "Traceback" not in found.output
    assert not list(tmp_path.glob("live/*"))


def test_what_is_left_over_is_listed_and_discarded(monkeypatch, tmp_path):
    """A session whose recording was never read once more."""
    monkeypatch.setenv("TRAX_HOME", str(tmp_path))
    header = Header(id="aa", began=0.0, options=LiveOptions(name="board"))
    Kept.create(tmp_path / "live", header).close()
    assert "aa" in CliRunner().invoke(app, ["live", "--left-over"]).output
    assert CliRunner().invoke(app, ["live", "--discard", "none"]).exit_code == 2
    assert CliRunner().invoke(app, ["live", "--discard", "aa"]).exit_code == 0
    assert CliRunner().invoke(app, ["live", "--left-over"]).output == ""
    assert not (tmp_path / "live" / "aa").exists()


def test_a_file_is_heard_as_samples(tmp_path):
    """Mono at 16 kHz, all of it, as fast as is asked for."""
    file = write_audio(tmp_path / "tone.wav", tone(1.5))
    data = b"".join(sound_of(str(file), 0.0))
    assert len(data) / 2 / SAMPLE_RATE == pytest.approx(1.5, abs=0.01)
    with pytest.raises(UnreadableAudio):
        sound_of(str(tmp_path / "none.wav"), 0.0)
