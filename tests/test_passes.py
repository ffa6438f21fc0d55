"""What a plan does: who reads what, who wins, what is left out. Scripted models on real speech."""

import numpy as np
import pytest
import soundfile
from passes import ALL, DOUBTFUL, LONG, PLAIN, STRETCHES, UNCOVERED, by_length, run, says, text_of

from trax.asr import Reads, RecognitionOptions, Way
from trax.asr.assignment import assign_models
from trax.asr.engine import LeftOut
from trax.asr.recogniser import PlannedRecogniser
from trax.audio import StoredAudio
from trax.errors import Cancelled, EngineError
from trax.progress import reporting
from trax.testing import ScriptedDecoder
from trax.testing.recorder import Recorder
from trax.transcript import Alternative, Reason


@pytest.fixture(scope="module")
def audio(sample) -> StoredAudio:
    """Real speech: four windows of it."""
    return StoredAudio.open(sample)


class TestDoubt:
    def test_only_doubtful_windows_are_read_again(self, audio):
        """Effort goes where there is doubt."""
        first, second = ScriptedDecoder(by_length), says(("better", 0.99))
        found = run(audio, (ALL, DOUBTFUL), (first, second))
        long = sorted(seconds for seconds, _options in first.read_windows if seconds > LONG)
        assert 0 < len(long) < len(first.read_windows)
        assert sorted(seconds for seconds, _options in second.read_windows) == long
        assert "better" in text_of(found)
        assert "w3" in text_of(found)

    def test_every_window_is_told_once_as_soon_as_it_was_read(self, audio):
        """With its place in the recording; a later reading is not told."""
        heard = Recorder()
        with reporting(heard):
            found = run(audio, (ALL, DOUBTFUL), (ScriptedDecoder(by_length), says(("new", 0.99))))
        assert len(heard.events) == 4
        assert "new" not in {word for each in heard.events for word in each.text.split()}
        heard.events.sort(key=lambda each: each.start)
        assert heard.events[-1].end <= audio.duration
        for segment in found.segments:
            assert any(each.start <= segment.start <= each.end for each in heard.events)

    def test_what_another_pass_read_is_kept_with_the_word(self, audio):
        """Under the name of its model; the last pass over windows is asked for more."""
        first, second = says(("worse", 0.4)), says(("better", 0.99))
        found = run(audio, (ALL, DOUBTFUL), (first, second))
        words = [word for segment in found.segments for word in segment.words]
        assert {word.text for word in words} == {"better"}
        assert words[0].alternatives == (Alternative("worse", "scripted", 0.4),)
        assert all(options.choices for _duration, options in second.read_windows)

    def test_where_nothing_is_doubtful_one_model_reads(self, audio):
        """The larger one is not even asked."""
        second = says(("never", 0.99))
        run(audio, (ALL, DOUBTFUL), (says(("sure", 0.995)), second))
        assert second.read_windows == []

    def test_a_window_without_words_is_doubtful(self, audio):
        """Somebody speaks there."""
        second = says(("found", 0.9))
        found = run(audio, (ALL, DOUBTFUL), (ScriptedDecoder(lambda _window, _options: []), second))
        assert len(second.read_windows) == 4
        assert found.segments

    def test_a_sure_first_reading_wins_over_an_unsure_second(self, audio):
        """Word by word, not window by window."""
        words = [("one", 0.2), ("two", 0.98), ("is", 0.9), ("three", 0.2), ("four", 0.2)]
        others = [("one", 0.9), ("TOO", 0.3), ("is", 0.9), ("tree", 0.9), ("four", 0.9)]
        found = run(audio, (ALL, DOUBTFUL), (says(*words, count=5), says(*others, count=5)))
        assert text_of(found).startswith("one two is tree four")

    def test_a_second_reading_that_hears_nothing_has_no_vote(self, audio):
        """A decoder that failed takes nothing away."""
        second = ScriptedDecoder(lambda _window, _options: [])
        found = run(audio, (ALL, DOUBTFUL), (says(("word", 0.3)), second))
        assert second.read_windows
        assert len(found.segments) > 0

    @pytest.mark.parametrize(("doubt", "again"), [(0.001, 4), (0.9, 0)])
    def test_the_plan_says_how_much_doubt_is_too_much(self, audio, doubt, again):
        """The share of words expected to be wrong, window by window."""
        second = says(("better", 0.99))
        choosy = DOUBTFUL.model_copy(update={"doubt": doubt})
        run(audio, (ALL, choosy), (says(("word", 0.6)), second))
        assert len(second.read_windows) == again

    def test_a_second_pass_sees_the_words_of_the_first(self, audio):
        """A third reads only what is doubtful after both."""
        third = says(("never", 0.99))
        passes = (ALL, DOUBTFUL, DOUBTFUL)
        run(audio, passes, (says(("word", 0.3)), says(("word", 0.999)), third))
        assert third.read_windows == []

    def test_doubtful_windows_are_decoded_one_language_at_a_time(self, audio):
        """A batch has one language, and every window comes once."""
        decoder = says(("wort", 0.2))
        decoder.tongues = [*({"en": 1.0} for _ in range(4)), {"en": 1.0}, {"de": 1.0}, {"en": 1.0}]
        second = says(("word", 0.9))
        second.tongues = decoder.tongues
        run(audio, (ALL, DOUBTFUL), (decoder, second), language=None, multilingual=True)
        languages = [options.language for _seconds, options in second.read_windows]
        assert len(languages) == len(decoder.read_windows)
        assert languages == sorted(languages)
        assert set(languages) == {"de", "en"}


class TestUncovered:
    def test_words_found_late_join_those_found_before(self, audio):
        """A window with two words has room for more, and keeps its own."""
        first, second = says(("early", 0.9), count=2), says(("late", 0.9), count=1)
        found = run(audio, (ALL, UNCOVERED), (first, second))
        words = [word for segment in found.segments for word in segment.words]
        assert sum(word.text == "early" for word in words) == 2 * len(first.read_windows)
        assert sum(word.text == "late" for word in words) == len(second.read_stretches) > 0
        assert [word.start for word in words] == sorted(word.start for word in words)

    def test_covered_speech_is_not_decoded_again(self, audio):
        """Words everywhere leave nothing to look for."""
        second = says(("never", 0.9))
        run(audio, (ALL, UNCOVERED), (says(("word", 0.9), count=60), second))
        assert second.read_stretches == []

    def test_uncovered_speech_is_read_as_windows_if_the_pass_says_so(self, audio):
        """None is longer than a window may be, and none is read in context."""
        in_windows = UNCOVERED.model_copy(update={"way": Way.WINDOWS})
        silent = ScriptedDecoder(lambda _window, _options: [])
        second = says(("late", 0.9), count=1)
        found = run(audio, (ALL, in_windows), (silent, second))
        words = [word for segment in found.segments for word in segment.words]
        assert len(words) == len(second.read_windows) > 0
        assert [word.start for word in words] == sorted(word.start for word in words)
        assert second.read_stretches == []

    def test_long_speech_without_words_is_cut_into_windows(self, audio, monkeypatch):
        """A longer one would lose its end in the encoder."""
        monkeypatch.setattr("trax.asr.pass_run.LONGEST_WINDOW", 2.0)
        in_windows = UNCOVERED.model_copy(update={"way": Way.WINDOWS})
        second = says(("late", 0.9), count=1)
        run(audio, (ALL, in_windows), (ScriptedDecoder(lambda _window, _options: []), second))
        assert max(seconds for seconds, _options in second.read_windows) <= 2.0


class TestAssignment:
    """Which model makes which pass."""

    @staticmethod
    def named(name: str) -> ScriptedDecoder:
        decoder = says(("word", 0.9))
        decoder.fingerprint = name
        return decoder

    def assigned(self, passes, names):
        decoders = [self.named(name) if name else None for name in names]
        found = assign_models(passes, decoders)
        return [
            (each.settings.reads, each.settings.way, each.decoder.fingerprint) for each in found
        ]

    def test_every_pass_has_its_model(self):
        """In the order of the plan."""
        found = self.assigned((ALL, DOUBTFUL, UNCOVERED), ("small", "large", "large"))
        assert [name for _reads, _way, name in found] == ["small", "large", "large"]
        assert [reads for reads, _way, _name in found] == [
            Reads.ALL,
            Reads.DOUBTFUL,
            Reads.UNCOVERED,
        ]

    def test_a_pass_without_a_model_is_left_out(self):
        """No model of it is available."""
        assert len(self.assigned((ALL, DOUBTFUL), ("small", None))) == 1

    def test_the_later_of_two_equal_passes_reads_everything(self):
        """With its own settings: it is the more careful one."""
        found = self.assigned((ALL, DOUBTFUL), ("only", "only"))
        assert found == [(Reads.ALL, Way.WINDOWS, "only")]

    def test_another_way_is_another_reading(self):
        """Windows and stretches of one model make different mistakes."""
        assert len(self.assigned((ALL, STRETCHES), ("only", "only"))) == 2

    def test_uncovered_speech_is_read_with_the_same_model_too(self):
        """Nothing was found there, so nothing is repeated."""
        stretched = UNCOVERED.model_copy(update={"way": Way.WINDOWS})
        assert len(self.assigned((ALL, stretched), ("only", "only"))) == 2


class TestFailures:
    def test_an_engines_error_reaches_the_caller(self, audio):
        """As it is: whoever retries must know what happened."""

        def fails(_window, _options):
            raise EngineError("recognition failed: no memory")

        with pytest.raises(EngineError, match="no memory"):
            run(audio, (ALL,), (ScriptedDecoder(fails),))

    def test_what_progress_raises_stops_the_work(self, audio):
        """Before another window is decoded."""
        decoder = says(("word", 0.9))
        recogniser = PlannedRecogniser((ALL,), (decoder,), (decoder,), PLAIN)

        def stop(share: float) -> None:
            if share >= 0.06:
                raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            recogniser.recognise(audio, RecognitionOptions(language="en"), stop)
        assert decoder.read_windows == []


class TestPlans:
    def test_of_two_passes_with_one_model_the_later_reads_all(self, audio):
        """Where only one model is at hand, nothing is read twice in the same way."""
        only = says(("word", 0.1))
        run(audio, (ALL, DOUBTFUL), (only, only))
        assert len(only.read_windows) == 4

    def test_a_pass_that_nobody_can_make_is_left_out(self, audio):
        """The others go on."""
        found = run(audio, (ALL, DOUBTFUL), (says(("word", 0.1)), None))
        assert found.segments

    def test_stretches_are_read_in_context(self, audio):
        """All windows within five minutes as one."""
        decoder = says(("word", 0.9), count=150)
        run(audio, (STRETCHES,), (decoder,))
        assert len(decoder.read_stretches) == 1
        assert decoder.read_stretches[0][0] > 60

    def test_speech_without_words_is_read_once_more(self, audio):
        """Every second in which somebody speaks."""
        half = ScriptedDecoder(
            lambda window, _options: [("word", 0.9)] * 12 if window.duration > LONG else []
        )
        second = says(("found", 0.9), count=6)
        found = run(audio, (ALL, UNCOVERED), (half, second))
        assert second.read_stretches
        assert "found" in text_of(found)
        starts = [word.start for segment in found.segments for word in segment.words]
        assert starts == sorted(starts)

    def test_progress_rises_to_one(self, audio):
        """Over all passes."""
        shares: list[float] = []
        run(
            audio,
            (ALL, DOUBTFUL, UNCOVERED),
            (ScriptedDecoder(by_length), says(("a", 0.9)), says(("b", 0.9))),
            shares,
        )
        assert shares == sorted(shares)
        assert shares[0] < 0.1
        assert 0.6 < shares[-1] <= 1.0

    def test_two_ways_to_read_have_two_fingerprints(self):
        """A checkpoint of one plan is not another's."""
        decoder = says(("word", 0.9))
        prints = {
            PlannedRecogniser(passes, (decoder, decoder), (), PLAIN).fingerprint
            for passes in (
                (ALL,),
                (STRETCHES,),
                (ALL.model_copy(update={"beam_size": 2}),),
                (ALL, UNCOVERED),
            )
        }
        assert len(prints) == 4

    def test_the_order_of_jobs_does_not_matter(self, audio):
        """Nothing is carried from one recording to the next."""
        first, second = ScriptedDecoder(by_length), says(("better", 0.99))
        alone = run(audio, (ALL, DOUBTFUL), (first, second))
        run(audio, (ALL, DOUBTFUL), (says(("other", 0.5)), second))
        assert run(audio, (ALL, DOUBTFUL), (first, second)) == alone


class TestVocabulary:
    def test_an_echo_of_the_prompt_is_taken_out(self, audio):
        """The words of the prompt that a reading without it does not have."""

        def echoes(_window, options):
            return [
                (word, 0.9)
                for word in (
                    f"{options.prompt} hello there" if options.prompt else "good day"
                ).split()
            ]

        found = run(
            audio, (ALL,), (ScriptedDecoder(echoes),), prompt="Minutes of the board meeting"
        )
        assert text_of(found) == " ".join(["good day"] * 4)
        assert {each.reason for each in found.removed} == {Reason.ECHO}
        assert found.removed[0].words[0].text == "Minutes"

    def test_an_echo_in_a_stretch_is_taken_out_too(self, audio):
        """Whichever way the pass reads."""

        def echoes(_window, options):
            text = f"{options.prompt} hello there" if options.prompt else "good day"
            return [(word, 0.9) for word in text.split()]

        found = run(
            audio, (STRETCHES,), (ScriptedDecoder(echoes),), prompt="Minutes of the board meeting"
        )
        assert text_of(found) == "good day"
        assert {each.reason for each in found.removed} == {Reason.ECHO}

    def test_a_reading_without_an_echo_is_made_once(self, audio):
        """The second look costs time."""
        decoder = says(("hello", 0.9), ("there", 0.9))
        run(audio, (ALL,), (decoder,), prompt="Minutes of the board meeting")
        assert len(decoder.read_windows) == 4
        assert {options.prompt for _seconds, options in decoder.read_windows} == {
            "Minutes of the board meeting"
        }

    def test_what_is_said_stays_though_the_prompt_has_it(self, audio):
        """A reading without the prompt has it too."""
        found = run(
            audio,
            (ALL,),
            (says(("Minutes", 0.9), ("of", 0.9), ("the", 0.9)),),
            prompt="Minutes of the board",
        )
        assert text_of(found).startswith("Minutes of the")
        assert not found.removed

    def test_a_hotword_that_only_the_told_reading_has_stays(self, audio):
        """That is what it was given for."""

        def hears(_window, options):
            return [("in", 0.9), ("Cintra" if options.hotwords else "Sintra", 0.9), ("there", 0.9)]

        found = run(audio, (ALL,), (ScriptedDecoder(hears),), hotwords=("Cintra",))
        assert "Cintra" in text_of(found)
        assert not found.removed

    def test_hotwords_are_reported(self, audio):
        """Heard, and how often; or not."""
        found = run(audio, (ALL,), (says(("Cintra.", 0.9), count=1),), hotwords=("Cintra", "Byron"))
        assert found.vocabulary.heard == {"Cintra": 4}
        assert found.vocabulary.unheard == ("Byron",)

    def test_what_a_model_had_no_room_for_is_said(self, audio):
        """Once, by the model that had the least room."""
        small, large = says(("word", 0.3)), says(("word", 0.9))
        small.unsaid = LeftOut(hotwords=1, characters=7)
        large.unsaid = LeftOut(hotwords=2)
        told = {"prompt": "Minutes of the board", "hotwords": ("Cintra", "Byron", "Shelley")}
        found = run(audio, (ALL, DOUBTFUL), (small, large), **told)
        assert found.warnings == (
            "the model has no room for all that it was told: the last 2 of 3 hotwords and the "
            "first 7 of 20 characters of the prompt were left out",
        )
        assert not run(audio, (ALL,), (says(("word", 0.9)),), **told).warnings


@pytest.mark.parametrize("seconds", [0.001, 0.01, 1.0, 40.0])
def test_silence_of_any_length_is_no_words(tmp_path, seconds):
    """And no model is asked."""
    path = tmp_path / "silence.flac"
    soundfile.write(str(path), np.zeros(round(16_000 * seconds)), 16_000)
    decoder = says(("never", 0.9))
    found = run(StoredAudio.open(path), (ALL, UNCOVERED), (decoder, decoder), language=None)
    assert (found.segments, found.language, found.expected_errors) == ((), "", None)
    assert decoder.read_windows == []
