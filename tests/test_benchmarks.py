"""The benchmarks' own arithmetic: a figure is only as good as what takes it."""

import json
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from adapting import examples

from benchmarks import (
    adapter_examples,
    corpus,
    counts,
    diarization,
    enhance,
    expected,
    measure,
    memory,
    merging,
    plain,
    recognition,
    report,
    speaker_confidence,
    spoken,
)
from trax.adapters.examples import write_examples
from trax.asr import RecognitionOptions
from trax.audio import StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.settings import load_settings
from trax.testing import ScriptedDecoder
from trax.testing.servers import ChatServer
from trax.transcript import Activity, Diarization, Recognition, Segment, Turn, Word


@pytest.mark.slow
class TestMeasure:
    def run(self, tmp_path, script: str) -> measure.Cost:
        return measure.measure([sys.executable, "-c", script], dict(os.environ), tmp_path / "log")

    def test_output_and_processor_time_are_taken(self, tmp_path):
        """Work shows, waiting does not."""
        working = self.run(tmp_path, "sum(i * i for i in range(12_000_000)); print('done')")
        waiting = self.run(tmp_path, "import time; time.sleep(0.5)")
        assert working.output == "done\n"
        assert working.cpu_seconds > 2 * waiting.cpu_seconds

    def test_memory_of_children_is_summed(self, tmp_path):
        """A server that a command starts counts."""
        child = "import time; x = bytearray(100_000_000); time.sleep(1.5)"
        script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
        cost = self.run(tmp_path, script)
        assert cost.peak_bytes - cost.main_peak_bytes > 90_000_000

    def test_a_failed_command_ends_the_benchmark(self, tmp_path):
        """No figure of something that did not work."""
        with pytest.raises(SystemExit, match="failed with 3"):
            self.run(tmp_path, "raise SystemExit(3)")


class TestPeer:
    def test_each_word_goes_to_the_larger_overlap(self):
        """And runs of one speaker are one utterance."""
        words = [(0.0, 1.0, " one"), (1.0, 2.0, " two"), (2.0, 3.0, " three")]
        turns = [(0.0, 1.6, "A"), (1.6, 3.0, "B")]
        assert plain.utterances(words, turns) == [
            {"speaker": "A", "words": " one two", "start_time": 0.0, "end_time": 2.0},
            {"speaker": "B", "words": " three", "start_time": 2.0, "end_time": 3.0},
        ]

    def test_a_word_without_a_turn_stays_with_the_last_speaker(self):
        """The simplest thing that can be done."""
        words = [(0.0, 1.0, " one"), (5.0, 6.0, " two")]
        assert [
            row["speaker"] for row in plain.utterances(words, [(0.0, 1.0, "A"), (9.0, 9.5, "B")])
        ] == ["A"]

    def test_without_turns_the_speaker_is_unknown(self):
        """Nothing is made up."""
        assert plain.utterances([(0.0, 1.0, " one")], [])[0]["speaker"] == "unknown"


class TestReport:
    def test_results_are_dated_json_and_a_table(self, tmp_path, monkeypatch):
        """With versions."""
        monkeypatch.setattr(report, "RESULTS", tmp_path)
        path = report.write(
            "words", [{"system": "a", "WER %": 1.234}, {"system": "b", "extra": 3}], ["a note"]
        )
        document = json.loads(path.read_text())
        assert document["rows"][0]["WER %"] == 1.234
        assert document["versions"]["torch"]
        text = path.with_suffix(".md").read_text()
        assert "| system | WER % | extra |" in text
        assert "| a | 1.23 |  |" in text
        assert "- a note" in text


class TestCorpus:
    def test_a_missing_corpus_is_said(self, tmp_path, monkeypatch):
        """In one sentence, with what to set."""
        monkeypatch.setenv("TRAX_CORPUS", str(tmp_path / "none"))
        with pytest.raises(SystemExit, match="set TRAX_CORPUS"):
            list(corpus.conversations())

    def test_items_name_their_references(self, tmp_path, monkeypatch):
        """Audio and what was said."""
        (tmp_path / "conversations").mkdir()
        soundfile.write(str(tmp_path / "conversations" / "x.flac"), [0.0] * 1600, 16_000)
        monkeypatch.setenv("TRAX_CORPUS", str(tmp_path))
        (item,) = corpus.conversations()
        assert item.reference.name == "x.seglst.json"

    def test_long_recordings_have_the_length_asked_for(self, tmp_path, monkeypatch):
        """Built again and again from the same."""
        (tmp_path / "conversations").mkdir()
        soundfile.write(str(tmp_path / "conversations" / "x.flac"), [0.1] * 16_000, 16_000)
        monkeypatch.setenv("TRAX_CORPUS", str(tmp_path))
        path = memory.build(tmp_path / "long.flac", 7.5)
        assert soundfile.info(str(path)).duration == 7.5


class TestDiarization:
    def test_equal_error_rate_is_where_both_errors_meet(self):
        """One of four wrong on either side."""
        row = diarization._trials("t", [0.9, 0.8, 0.7, 0.3], [0.4, 0.2, 0.1, 0.0])
        assert row["EER %"] == pytest.approx(25.0)
        assert row["highest different"] == 0.4
        assert row["false accepts"] == 0
        assert row["false rejects %"] == 25.0

    def test_voices_that_are_apart_have_no_equal_error(self):
        """The threshold lies between."""
        assert diarization._trials("t", [0.9, 0.8], [0.4, 0.2])["EER %"] == 0.0

    def test_the_right_share_of_a_turn_follows_the_best_match_of_speakers(self):
        """Labels mean nothing; a speaker too many is never right."""
        reference = [Turn(0, 4, "anna"), Turn(4, 8, "ben")]
        turns = [Turn(0, 5, "S1"), Turn(5, 8, "S0"), Turn(8, 9, "S2")]
        assert diarization._right_shares(turns, reference) == [pytest.approx(0.8), 1.0, 0.0]


@pytest.mark.real
def test_a_words_speaker_is_right_if_that_person_speaks_at_its_middle():
    """By the best match of labels; words while nobody speaks are not judged."""
    turns = (Turn(0.0, 2.0, "SPEAKER_00"), Turn(2.0, 4.0, "SPEAKER_01"))
    found = Diarization(
        turns=turns,
        exclusive_turns=turns,
        embeddings={},
        engine="x",
        activity=Activity({"SPEAKER_00": "9" * 40 + "0" * 80, "SPEAKER_01": "0" * 40 + "9" * 80}),
    )
    said = tuple(Word(at + 0.3, at + 0.6, "yes") for at in (0, 1, 2, 5))
    recognition = Recognition(
        language="en", language_confidence=1.0, segments=(Segment(0.3, 5.6, said),), engine="x"
    )
    known = [Turn(0.0, 1.2, "Ann"), Turn(1.2, 4.0, "Ben")]
    judged = speaker_confidence.judge(recognition, found, known)
    assert judged.wrong.tolist() == [False, True, False]
    assert judged.figures.shape == (3, 3)


def test_degraded_speech_is_as_long_and_still_there():
    """Whatever is done to it, the same each time."""
    samples = np.sin(np.arange(16_000) / 20).astype(np.float32) * np.float32(0.3)
    for degrade in spoken.CONDITIONS.values():
        once, again = (degrade(samples, np.random.default_rng(1)) for _ in range(2))
        assert once.shape == samples.shape
        assert np.array_equal(once, again)
        assert 0.0 < np.abs(once).max() < 2.0


def test_a_model_that_knows_lowers_the_error_rate_and_a_vandal_changes_no_word(
    home, sample, tmp_path
):
    """On the sample, as a real recogniser heard it, behind a real server process."""
    workspace = build_workspace(load_settings())
    options = RecognitionOptions.model_validate({"plan": "fast", "language": "en"})
    flac = tmp_path / "audio.flac"
    decode_to_flac(sample, flac, workspace.limits)
    audio = StoredAudio.open(flac)
    recognition = workspace.engines.recogniser(options).recognise(
        audio, options, lambda _share: None
    )
    heard = enhance.Heard(
        recognition, audio.duration, enhance._said(sample.with_suffix(".seglst.json"))
    )
    server = ChatServer(tmp_path / "chat", enhance._lines(heard))
    try:
        before, better, spoiled = (
            enhance._row("fast", "", [heard], [heard]),
            enhance._asked("fast", "oracle", server.url, [heard]),
            enhance._asked("fast", "vandal", server.url, [heard]),
        )
    finally:
        server.stop()
    assert better["WER %"] < before["WER %"] - 1
    assert spoiled["WER %"] == before["WER %"]
    assert spoiled["recordings with other words"] == 0
    assert spoiled["refused"] > 5


class TestKept:
    """Figures that take hours are kept as they come, so that a stopped run goes on."""

    def test_a_conversation_is_counted_once(self, tmp_path, monkeypatch):
        """A later run takes up where the first one stopped."""
        measured = []

        def measure_one(seed, _fold, _diarizer):
            measured.append(seed)
            return {"people": 2, "found": 2}

        monkeypatch.setattr(counts, "_measured", measure_one)
        counts.run(tmp_path, 2, fold=1)
        counts.run(tmp_path, 3, fold=1)
        assert measured == [0, 1, 2]

    def test_a_recording_is_read_once(self, tmp_path, sample, monkeypatch):
        """And of what was read before, the figures stay."""
        read = []

        def transcribe(path):
            read.append(path.name)
            return "red green"

        monkeypatch.setattr(recognition, "_reader", lambda _system: transcribe)
        (tmp_path / "list.json").write_text(json.dumps([[str(sample), "red blue", "official"]]))
        recognition.one_system(tmp_path, "fast")
        recognition.one_system(tmp_path, "fast")
        assert read == [sample.name, sample.name]  # once to load the models
        (line,) = (tmp_path / "fast.jsonl").read_text().splitlines()
        assert (json.loads(line)["errors"], json.loads(line)["length"]) == (1, 2)


def test_nobody_has_two_turns_in_a_row_while_others_have_something_to_say():
    """Made conversations change speakers as often as they can; every clip is heard once."""
    people = {name: [(name, str(number)) for number in range(3)] for name in "abc"}
    order = merging._order(people, np.random.default_rng(0))
    assert sorted(order) == sorted((name, clip) for name in "abc" for clip in people[name])
    names = [name for name, _clip in order]
    for at in range(1, len(names)):
        assert names[at] != names[at - 1] or set(names[at:]) == {names[at]}


def test_an_adapter_is_held_to_the_words_of_the_model_that_learns(tmp_path, monkeypatch):
    """Also if another model gathered the examples; what has a text keeps it."""
    pytest.importorskip("whisper_normalizer")
    kinds = ({"part": "train"}, {"part": "judge", "is_general": True}, {"is_general": True})
    some = examples(3)
    made = [each.model_copy(update=kind) for each, kind in zip(some.examples, kinds, strict=True)]
    write_examples(some.with_examples(made), tmp_path)
    (tmp_path / "heard-by.txt").write_text("small\n")
    hearing = ScriptedDecoder(lambda _window, _options: [("other", 0.9), ("words", 0.9)])
    monkeypatch.setattr(adapter_examples, "decoder_of", lambda _model: hearing)
    texts = {}
    for name in ("small", "large"):
        own = adapter_examples.own_words(SimpleNamespace(fingerprint=name), tmp_path, tmp_path)
        texts[name] = [each.text for each in own.examples]
    written = [each.text for each in made]
    assert texts == {"small": written, "large": [*written[:2], "other words"]}


@pytest.mark.parametrize("given", ["50", "0", "-3", "many"])
def test_forecasts_are_judged_after_fifty_jobs_or_not_at_all(given):
    """Fewer would leave nothing to judge."""
    with pytest.raises(SystemExit, match="JOBS must be a number above 50"):
        expected.chosen_jobs([given])
    assert expected.chosen_jobs([]) == 80
    assert expected.chosen_jobs(["51"]) == 51
