"""Personal data hidden before text leaves the machine, and left out of exports."""

import json
import socket
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from trax.audio.silence import silence_spans
from trax.enhance import patterns
from trax.enhance.privacy import KINDS, Mask
from trax.enhance.redaction import joined_spans, redacted
from trax.errors import InvalidOption, StoreError
from trax.export import FORMATS
from trax.pipelines.transcribe import transcribe
from trax.stages.options import TranscribeOptions
from trax.testing import ScriptedModel, transcript
from trax.transcript import ActionItem, Notes, Span

TEXTS = [
    ("Margaret said Mr. Hale came.", ["Margaret", "Hale"]),
    ("call me at 555-0123 or +44 20 7946 0958", ["555-0123", "+44 20 7946 0958"]),
    ("write to anna.berg@example.com please", ["anna.berg@example.com"]),
    ("write to anna at example dot com please", ["anna at example dot com"]),
    ("my card is 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("we live at 12 Baker Street now", ["12 Baker Street"]),
    ("ich wohne in der Hauptstraße 12 dort", ["Hauptstraße 12"]),
    ("it is one two three four five six", ["one two three four five six"]),
    ("see www.example.org for it", ["www.example.org"]),
    ("the account is GB82WEST12345698765432 there", ["GB82WEST12345698765432"]),
]


@pytest.mark.parametrize(("text", "personal"), TEXTS)
@pytest.mark.slow
def test_what_tells_of_somebody_is_hidden_and_shown_again(text, personal):
    """Each kind behind a placeholder of its own."""
    mask = Mask()
    hidden = mask.hide(text)
    assert not [each for each in personal if each in hidden]
    assert mask.show(hidden) == text


@pytest.mark.parametrize(
    "text", ["We had 3 apples and 12 pears.", "I think so. Yes, he did.", "It is a good day."]
)
def test_what_tells_of_nobody_stays(text):
    """A model can only correct what it sees."""
    assert Mask().hide(text) == text


def test_the_same_name_has_the_same_placeholder():
    """So that the text still makes sense."""
    mask = Mask(["Anna Berg"])
    assert mask.hide("anna came, Anna left") == "anna came, [NAME_1] left"
    assert mask.hide("then Anna slept") == "then [NAME_1] slept"


def test_a_name_is_known_where_a_sentence_begins_with_it_too():
    """Once it was seen within another one."""
    mask = Mask()
    mask.learn("I met Zbigniew there.")
    assert mask.hide("Zbigniew slept.") == "[NAME_1] slept."


def test_marks_of_doubt_do_not_hide_from_it():
    """A star before a word is no part of it."""
    assert Mask().hide("call *555- *0123 now") == "call *[NUMBER_1] now"


def test_looking_for_personal_data_asks_nobody(monkeypatch):
    """No recognizer goes to the net."""

    def refuse(*_arguments: object, **_more: object) -> None:
        raise AssertionError("it went to the net")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for text, _personal in TEXTS:
        Mask().hide(text)


def test_nothing_personal_is_sent_and_edits_still_fit(workspace, engines, recording):
    """Requests hold placeholders, the transcript the words themselves."""
    engines.text = (
        "So Margaret told Mr. Hale the elementary canal of 555-0123 was bad. "
        "Margaret left with Hale."
    )
    engines.confidence = 0.4
    answer = {"edits": ["1: [NAME_1] told => [NAME_1] toll", "2: elementary => alimentary"]}
    summary = {"summary": "[NAME_1] told [NAME_2]."}

    def script(question):
        return json.dumps(summary if question.task == "summary" else answer)

    engines.model = ScriptedModel(script)
    chosen = TranscribeOptions(enhancement={"tasks": ("correct", "summary"), "mask": True})
    result = transcribe(workspace, recording, chosen)
    found = workspace.repository.get(result.transcript_id)
    sent = "".join(question.system + question.user for question in engines.model.asked)
    assert not [name for name in ("Margaret", "Hale", "555") if name in sent]
    assert "Margaret toll Mr. Hale the alimentary canal of 555-0123" in found.text
    assert found.notes.summary == "Margaret told Hale."
    assert found.enhancement.masked
    assert "Form of the answer" in engines.model.asked[0].system
    assert "[NAME" not in engines.model.asked[0].system


class TestRedaction:
    SAID = (
        ("SPEAKER_00", "My name is Margaret and my number is 867-5309, thank you."),
        ("SPEAKER_01", "Thank you, Margaret."),
    )

    def test_words_are_left_out_of_every_export(self):
        """Of all formats; so are what quotes them and the speakers' names."""
        notes = Notes(
            model="m",
            summary="Margaret calls.",
            action_items=(ActionItem("Margaret", 0.0, "Margaret"),),
        )
        plain = transcript(self.SAID)
        named = replace(plain.speakers[0], name="Margaret")
        plain = replace(plain, notes=notes, speakers=(named, *plain.speakers[1:]))
        public, spans = redacted(plain, KINDS)
        for name, kind in FORMATS.items():
            if name != "docx":
                assert b"Margaret" not in kind.render(public), name
                assert b"867" not in kind.render(public), name
        assert "[NAME] and my number is [NUMBER]," in public.text
        assert len(spans) == 3

    def test_a_short_word_between_two_names_stays(self):
        """A placeholder is longer than the name it hides, and still covers no other word."""
        public, spans = redacted(transcript([("SPEAKER_00", "we saw Al a Bo there")]), ["names"])
        assert public.text == "we saw [NAME] a [NAME] there"
        assert len(spans) == 2

    def test_only_the_kinds_that_are_named(self):
        """Others stay."""
        public, _ = redacted(transcript(self.SAID), ["numbers"])
        assert "Margaret" in public.text
        assert "867" not in public.text

    def test_a_kind_that_there_is_none_of_is_said(self):
        """In a sentence."""
        with pytest.raises(InvalidOption, match="'faces' cannot be hidden"):
            redacted(transcript(self.SAID), ["faces"])

    def test_the_sound_is_silent_there_and_nowhere_else(self, tmp_path):
        """To the sample, in a file as long as before."""
        source, target = tmp_path / "a.flac", tmp_path / "b.flac"
        soundfile.write(source, np.full(16_000 * 4, 0.5), 16_000)
        silence_spans(source, target, [Span(1.0, 2.0), Span(3.5, 9.0)])
        sound, rate = soundfile.read(target)
        assert (len(sound), rate) == (64_000, 16_000)
        assert not sound[16_000:32_000].any()
        assert not sound[56_000:].any()
        assert (np.abs(sound[:16_000] - 0.5) < 1e-3).all()
        assert (np.abs(sound[32_000:56_000] - 0.5) < 1e-3).all()

    def test_a_file_that_cannot_be_written_leaves_nothing(self, tmp_path):
        """One sentence, no half file."""
        source = tmp_path / "a.flac"
        soundfile.write(source, np.zeros(16_000), 16_000)
        with pytest.raises(StoreError, match="cannot write"):
            silence_spans(source, tmp_path / "no" / "b.flac", [])
        (tmp_path / "folder").mkdir()
        with pytest.raises(StoreError, match="cannot write"):
            silence_spans(source, tmp_path / "folder", [])
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.flac", "folder"]

    def test_margins_join(self):
        """Words that follow one another are one silence."""
        assert joined_spans([Span(2, 3), Span(0, 1), Span(1.1, 1.5)], 0.1) == [
            Span(0, 1.6),
            Span(1.9, 3.1),
        ]


def test_what_finds_personal_data_loads_beside_a_torchaudio_that_does_not(monkeypatch):
    """Presidio imports transformers where it is there, which imports torchaudio."""

    class Ensured(Exception):
        pass

    def ensured() -> None:
        raise Ensured

    monkeypatch.setattr(patterns, "find_spec", lambda _name: True)
    monkeypatch.setattr(patterns, "ensure_torchaudio", ensured)
    with pytest.raises(Ensured):
        patterns._analyzer.__wrapped__("")
