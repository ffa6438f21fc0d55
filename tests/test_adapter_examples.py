"""What adapters learn from: texts checked, examples split; and the gate that judges them."""

import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from adapting import card, examples, heard_as, matrices

from trax.adapters.checking import wrong_pairs
from trax.adapters.cutting import pieces_by_words, timed_pieces
from trax.adapters.gathering import gather
from trax.adapters.shelf import to_safetensors
from trax.adapters.sources import SpokenText, spoken_texts
from trax.adapters.splitting import split
from trax.asr.confidence import SHIPPED, load_calibration
from trax.asr.engine import no_progress
from trax.audio import Limits
from trax.errors import InvalidDocument, InvalidOption
from trax.pipelines.transcribe import transcribe
from trax.revision import Replace
from trax.scoring.documents import Utterance
from trax.service import adapters as service
from trax.service.revisions import edit, edits_here
from trax.stages.corrections import corrected_text
from trax.stages.options import TranscribeOptions
from trax.testing import ScriptedDecoder, ScriptedEngines
from trax.testing.samples import words
from trax.testing.sounds import tone, write_audio


def test_every_usual_form_gives_recordings_with_their_text(tmp_path):
    """Lists in JSON, JSON lines and CSV, and texts beside recordings."""

    def folder(name, text):
        made = tmp_path / name
        made.mkdir()
        (made / "a.wav").write_bytes(b"")
        for file, content in text.items():
            (made / file).write_text(content)
        return made

    row = {"file": "a.wav", "reference": "one two", "speaker": "x", "slots": ["two"]}
    places = [
        folder("json", {"manifest.json": json.dumps([row])}),
        folder("lines", {"metadata.jsonl": '{"file_name": "a.wav", "text": "one two"}\n'}),
        folder("csv", {"metadata.csv": "file_name,transcription\na.wav,one two\n"}),
        folder("txt", {"a.txt": "one two"}),
        folder("srt", {"a.srt": "1\n00:00:00,000 --> 00:00:01,000\none two\n"}),
        folder("stm", {"a.stm": "a 1 x 0.0 1.0 one two\n"}),
    ]
    for place in places:
        (found,) = spoken_texts(place)
        assert " ".join(each.text for each in found.utterances) == "one two", place
    assert spoken_texts(places[0])[0].terms == ("two",)
    with pytest.raises(InvalidOption, match="no folder or list"):
        spoken_texts(tmp_path / "nowhere")
    (tmp_path / "bad.csv").write_text(f"file,text\na.wav,{'x' * 200_000}\n")
    with pytest.raises(InvalidDocument, match="no list of recordings"):
        spoken_texts(tmp_path / "bad.csv")
    (tmp_path / "bad.json").write_text('[{"reference": "x"}]')
    with pytest.raises(InvalidDocument, match="entry 1 names no file"):
        spoken_texts(tmp_path / "bad.json")


def test_shuffled_texts_are_set_aside_and_badly_heard_ones_are_not():
    """A text that another recording fits is wrong; one that is heard with mistakes is what is to be
    learnt.
    """
    pytest.importorskip("whisper_normalizer")
    texts = ["a large iced coffee with milk", "two small teas and a cake", "the bill please"]
    made = [
        example.model_copy(update={"text": text})
        for example, text in zip(examples(3).examples, texts, strict=True)
    ]
    right = [heard_as(each, each.text) for each in made]
    assert wrong_pairs(right) == {}
    mistaken = [heard_as(made[0], "a large ice covey with silk"), *right[1:]]
    assert wrong_pairs(mistaken) == {}
    turned = [heard_as(each, text) for each, text in zip(made, texts[1:] + texts[:1], strict=True)]
    assert set(wrong_pairs(turned)) == {0, 1, 2}


def test_no_text_and_no_speaker_is_both_learnt_from_and_judged_by():
    """What is said by others in the words that are judged by is left out."""
    pytest.importorskip("whisper_normalizer")
    some = list(examples(count=20, speakers=5).examples)
    same = [some[0].model_copy(update={"speaker": f"speaker {at}"}) for at in range(5)]
    parted, left_out = split([*some, *same])
    judged = [each for each in parted if each.part == "judge"]
    learnt = [each for each in parted if each.part == "train"]
    assert judged
    assert learnt
    assert not {each.speaker for each in judged} & {each.speaker for each in learnt}
    assert not {each.text for each in judged} & {each.text for each in learnt}
    assert len(parted) + len(left_out) == 25


def test_a_long_text_is_cut_where_its_words_were_heard():
    """Pieces of a minute's recording carry their own words, and are short enough to learn from."""
    text = " ".join(f"word{at}." for at in range(60))
    pieces = pieces_by_words(text, words(text, 0.0, 60.0), 60.0)
    assert " ".join(piece.text for piece in pieces) == text
    assert all(piece.end - piece.start <= 28.0 for piece in pieces)
    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]


def test_lines_beyond_the_sound_are_set_aside():
    """Subtitles may go on where the recording has ended; what reaches over its end is cut."""
    lines = [Utterance("x", str(at), float(at), at + 1.0) for at in range(12)]
    fitting, others = timed_pieces(lines, 9.5)
    assert [piece.text for piece in others] == ["10", "11"]
    assert len(fitting) == 10


def test_only_lines_that_people_corrected_are_learnt_from(workspace, recording, engines):
    """The others nobody has read; a transcript that nobody has corrected is refused."""
    engines.text = "hello there. good morning."
    made = transcribe(workspace, recording, TranscribeOptions(formats=("txt",)))
    reference = made.transcript_id
    with pytest.raises(InvalidOption, match="nobody has corrected"):
        corrected_text(workspace, reference)
    document = workspace.repository.get(reference)
    changed = document.segments[-1].words[-1]
    edit(edits_here(workspace.revisions), reference, [Replace(word=changed.id, text="evening.")])
    found = corrected_text(workspace, reference)
    assert [each.text.split()[-1] for each in found.utterances] == ["evening."]
    assert len(found.utterances) < len(document.segments)
    recording.unlink()
    with pytest.raises(InvalidOption, match="is gone"):
        corrected_text(workspace, reference)


def test_an_adapter_is_judged_again_by_all_of_other_recordings(workspace, tmp_path, monkeypatch):
    """By their own text, repeated ones too; that nothing is learnt from them is no reason against
    it.
    """
    pytest.importorskip("whisper_normalizer")
    model = SimpleNamespace(model=None, placement=None, calibration=load_calibration(SHIPPED))
    model.decoder = ScriptedDecoder(lambda _window, _options: [("good", 0.9), ("mourning", 0.9)])
    better = ScriptedDecoder(lambda _window, _options: [("good", 0.9), ("morning", 0.9)])
    monkeypatch.setattr(ScriptedEngines, "learner", lambda _self, _name: model)
    monkeypatch.setattr(service, "merged_decoder", lambda *_: nullcontext(better))
    kept = workspace.shelf.put(card(), to_safetensors(matrices()))
    for name in ("ours", "others"):
        (tmp_path / name).mkdir()
        for at in range(5):
            write_audio(tmp_path / name / f"{at}.wav", tone(1.0 + at / 10))
            (tmp_path / name / f"{at}.txt").write_text("good morning")
    places = [tmp_path / "ours"], [tmp_path / "others"]
    judgement = service.judged_again(workspace, kept, *places, no_progress)
    assert judgement.refusals == ()
    for readings in (judgement.domain, judgement.general):
        assert (readings["base"].errors, readings["base"].words) == (5, 10)
        assert readings["adapter"].errors == 0
    assert "prompt" not in judgement.domain


def test_general_speech_is_learnt_from_in_the_words_of_the_model_that_learns(tmp_path):
    """Whatever text it has, which it is judged by alone: a model is held to its own words."""
    pytest.importorskip("whisper_normalizer")

    def spoken(name, seconds, text=""):
        write_audio(tmp_path / name, tone(seconds))
        said = (Utterance("x", text),) if text else ()
        return SpokenText(audio=tmp_path / name, name=name, utterances=said, speaker=name)

    domain = [spoken("order.wav", 2.0, "good morning")]
    others = [spoken(f"{at}.wav", 2.0 + at / 10, f"good mornings {at}") for at in range(10)]
    for heard in ("Good morning!", "good mourning"):
        script = [(word, 0.9) for word in heard.split()]
        decoder = ScriptedDecoder(lambda _window, _options, script=script: script)
        found, _report = gather(domain, others, decoder, "en", Limits(), no_progress)
        assert {each.text for each in found.chosen("train", general=True)} == {heard}
        judged = {each.text for each in found.chosen("judge", general=True)}
        assert judged
        assert judged < {f"good mornings {at}" for at in range(10)}
