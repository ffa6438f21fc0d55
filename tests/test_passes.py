"""What a plan does: who reads what, who wins, what is left out. Scripted models on real speech."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from trax.asr import Pass, Reads, RecognitionOptions, Way
from trax.asr.assignment import assign_models
from trax.asr.confidence import Calibration
from trax.asr.engine import LeftOut
from trax.asr.language import language_votes, second_language, window_languages
from trax.asr.recogniser import PlannedRecogniser
from trax.asr.regions import Region
from trax.asr.speech import speech_sections
from trax.audio import StoredAudio
from trax.errors import Cancelled, EngineError, InvalidOption
from trax.progress import reporting
from trax.testing import ScriptedDecoder
from trax.testing.recorder import Recorder
from trax.transcript import Reason, Span

PLAIN = Calibration(
    fitted_on="nothing",
    words=0,
    weights={"probability": 1.0},
    intercept=0.0,
    errors_per_expected=1.0,
    dispersion=1.0,
    auc=0.5,
    ece=0.5,
)
ALL = Pass(models=("small",))
DOUBTFUL = Pass(models=("large",), reads=Reads.DOUBTFUL)
UNCOVERED = Pass(models=("large",), reads=Reads.UNCOVERED, way=Way.STRETCHES)
STRETCHES = Pass(models=("large",), way=Way.STRETCHES)


@pytest.fixture(scope="module")
def audio(sample) -> StoredAudio:
    """Real speech: four windows of it."""
    return StoredAudio.open(sample)


def says(*words: tuple[str, float], count: int = 12) -> ScriptedDecoder:
    """A model that hears *words* over and over, twelve in a window."""
    return ScriptedDecoder(lambda window, _options: [words[at % len(words)] for at in range(count)])


LONG = 15.0  # seconds: two of the sample's windows are longer


def by_length(window, _options):
    """Sure of short windows, unsure of long ones."""
    sure = 0.4 if window.duration > LONG else 0.995
    return [(f"w{at}", sure) for at in range(12)]


def quiet(_share: float) -> None:
    """No progress wanted."""


def run(audio, passes, decoders, shares=None, **options):
    for at, decoder in enumerate(decoders):
        if decoder is not None:
            decoder.fingerprint = f"scripted/{at}"
    recogniser = PlannedRecogniser(passes, decoders, decoders, PLAIN)
    chosen = RecognitionOptions(**{"language": "en", **options})
    return recogniser.recognise(audio, chosen, (shares if shares is not None else []).append)


def text_of(found):
    return " ".join(segment.text for segment in found.segments)


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


class TestLanguages:
    def test_windows_vote(self, audio):
        """One window in another language does not decide."""
        decoder = says(("wort", 0.9))
        decoder.tongues = [{"en": 0.9, "de": 0.1}, {"de": 0.9, "en": 0.1}]
        found = run(audio, (ALL,), (decoder,), language=None)
        assert found.language == "de"
        assert 0.5 < found.language_confidence < 0.9

    def test_a_close_vote_warns(self, audio):
        """And names the second language."""
        decoder = says(("wort", 0.9))
        decoder.tongues = [{"en": 0.55, "de": 0.45}]
        (warning,) = run(audio, (ALL,), (decoder,), language=None).warnings
        assert "another language (de)" in warning

    def test_voters_come_from_all_over_the_recording(self, audio):
        """Five windows at most, ten seconds of each at most, weighted by their length."""
        asked = []
        decoder = says(("word", 0.9))

        def detect(windows):
            asked.extend(window.duration for window in windows)
            return [{"en": 0.25, "de": 0.75} for _window in windows]

        decoder.detect_languages = detect
        speech = speech_sections(audio, quiet)
        windows = [Region(Span(at * 3.0, at * 3.0 + 2.0), "") for at in range(20)]
        assert language_votes(speech, windows, decoder) == {"de": 0.75, "en": 0.25}
        assert asked == [2.0] * 5
        asked.clear()
        language_votes(speech, [Region(Span(0.0, 25.0), "")], decoder)
        assert asked == [10.0]

    def test_a_longer_window_has_more_of_the_vote(self, audio):
        """A cough in another language decides nothing."""
        decoder = says(("word", 0.9))
        decoder.tongues = [{"en": 1.0}, {"de": 1.0}]
        windows = [Region(Span(0.0, 1.0), ""), Region(Span(2.0, 11.0), "")]
        votes = language_votes(speech_sections(audio, quiet), windows, decoder)
        assert list(votes.items()) == [("de", pytest.approx(0.9)), ("en", pytest.approx(0.1))]

    def test_ties_between_languages_go_by_their_code(self, audio):
        """The same recording has the same language twice."""
        decoder = says(("word", 0.9))
        decoder.tongues = [{"nl": 0.5, "de": 0.5}]
        speech, windows = speech_sections(audio, quiet), [Region(Span(0.0, 5.0), "")]
        assert next(iter(language_votes(speech, windows, decoder))) == "de"
        assert [each.language for each in window_languages(speech, windows, decoder)] == ["de"]

    @pytest.mark.parametrize(
        ("votes", "second"),
        [
            ({}, None),
            ({"en": 1.0}, None),
            ({"en": 0.8, "de": 0.2}, None),
            ({"en": 0.6, "de": 0.3, "fr": 0.1}, "de"),
        ],
    )
    def test_a_second_language_needs_three_tenths_of_the_vote(self, votes, second):
        """Less is noise."""
        assert second_language(votes) == second

    def test_no_warning_where_several_languages_are_expected(self, audio):
        """They were asked for."""
        decoder = says(("wort", 0.9))
        decoder.tongues = [{"en": 0.55, "de": 0.45}]
        found = run(audio, (ALL,), (decoder,), language=None, multilingual=True)
        assert found.warnings == ()

    def test_a_doubtful_language_is_said_to_be(self, audio):
        """Where it is, and what else it may be."""
        decoder = says(("wort", 0.9))
        decoder.tongues = [*({"en": 1.0} for _ in range(6)), {"de": 0.45, "es": 0.4, "fr": 0.15}]
        found = run(audio, (ALL,), (decoder,), language=None, multilingual=True)
        (warning,) = found.warnings
        assert "doubtful which language is spoken at" in warning
        assert "(de or es)" in warning

    def test_english_has_models_of_its_own(self, audio):
        """Any other language is left to the multilingual ones."""
        english, others = says(("word", 0.9)), says(("wort", 0.9))
        recogniser = PlannedRecogniser((ALL,), (english,), (others,), PLAIN)
        recogniser.recognise(audio, RecognitionOptions(language="en"), [].append)
        assert (len(english.read_windows), len(others.read_windows)) == (4, 0)
        recogniser.recognise(audio, RecognitionOptions(language="de"), [].append)
        assert (len(english.read_windows), len(others.read_windows)) == (4, 4)

    def test_each_window_may_have_its_own(self, audio):
        """Where several are spoken."""
        decoder = says(("wort", 0.9))
        decoder.tongues = [*({"en": 1.0} for _ in range(6)), {"de": 1.0}]
        shares: list[float] = []
        found = run(audio, (ALL,), (decoder,), shares, language=None, multilingual=True)
        assert {options.language for _seconds, options in decoder.read_windows} == {"en", "de"}
        assert {segment.language for segment in found.segments} == {None, "de"}
        assert shares == sorted(shares)

    def test_english_models_alone_take_it_for_english(self, audio):
        """There is nothing to choose."""
        english = says(("word", 0.9))
        recogniser = PlannedRecogniser((ALL,), (english,), (), PLAIN)
        assert recogniser.recognise(audio, RecognitionOptions(), [].append).language == "en"
        with pytest.raises(InvalidOption, match="English only"):
            recogniser.recognise(audio, RecognitionOptions(language="de"), [].append)


def reads_best(language: str):
    """A model that is likely to be right in one language alone."""

    def script(_window, options):
        return [(options.language, 0.9)] * 6

    decoder = ScriptedDecoder(script)
    plain = decoder.decode

    def decode(windows, options, progress, on_read):
        mean = -0.3 if options.language == language else -1.2
        found = plain(windows, options, progress, on_read)
        return [
            tuple(replace(segment, mean_log_probability=mean) for segment in each) for each in found
        ]

    decoder.decode = decode
    return decoder


class TestReadingAgain:
    """Windows that were taken for the wrong language."""

    def test_a_doubtful_window_is_read_in_both_languages(self, audio):
        """The likelier reading stays, and names its language."""
        decoder = reads_best("es")
        decoder.tongues = [*({"es": 1.0} for _ in range(4)), {"pt": 0.6, "es": 0.4}]
        found = run(audio, (ALL,), (decoder,), language=None, multilingual=True)
        asked = {options.language for _seconds, options in decoder.read_windows}
        assert asked == {"pt", "es"}
        assert set(text_of(found).split()) == {"es"}
        assert {segment.language for segment in found.segments} == {None}

    def test_the_vote_stands_where_the_other_reading_is_no_likelier(self, audio):
        """Ties go to the language of the vote."""
        decoder = reads_best("pt")
        decoder.tongues = [{"pt": 0.6, "es": 0.4}]
        found = run(audio, (ALL,), (decoder,), language=None, multilingual=True)
        assert set(text_of(found).split()) == {"pt"}

    def test_an_unlikely_reading_is_made_again_however_sure_the_vote(self, audio):
        """The sound may deceive; the words do so less."""
        decoder = reads_best("es")
        decoder.tongues = [{"pt": 0.95, "es": 0.05}]
        found = run(audio, (ALL,), (decoder,), language=None, multilingual=True)
        assert set(text_of(found).split()) == {"es"}

    def test_a_sure_and_likely_window_is_read_once(self, audio):
        """A second reading costs as much as the first."""
        decoder = reads_best("pt")
        decoder.tongues = [{"pt": 0.95, "es": 0.05}]
        run(audio, (ALL,), (decoder,), language=None, multilingual=True)
        assert {options.language for _seconds, options in decoder.read_windows} == {"pt"}

    def test_pieces_in_one_language_are_one_window(self, audio):
        """Context is worth more than short windows; those in another language stay apart."""
        decoder = reads_best("en")
        decoder.tongues = [{"en": 1.0}]
        run(audio, (ALL,), (decoder,), language=None, multilingual=True)
        whole = len(decoder.read_windows)
        changing = reads_best("en")
        changing.tongues = [{"en": 1.0}, {"de": 1.0}] * 20
        run(audio, (ALL,), (changing,), language=None, multilingual=True)
        assert len(changing.read_windows) > whole
        assert any(seconds > LONG for seconds, _options in decoder.read_windows)

    def test_a_window_in_another_language_is_told(self, audio):
        """Where one language was chosen: it is named, and where it is spoken."""
        decoder = reads_best("de")
        decoder.tongues = [*({"en": 1.0} for _ in range(4)), {"de": 0.9, "en": 0.1}]
        found = run(audio, (ALL,), (decoder,), language=None)
        assert found.language == "en"
        assert any("another language is spoken at 0:0" in each for each in found.warnings)
        assert any("(de)" in each for each in found.warnings)

    def test_a_likely_reading_is_not_asked_for_its_language(self, audio):
        """Listening again costs as much as reading."""
        decoder = reads_best("en")
        decoder.tongues = [*({"en": 1.0} for _ in range(4)), {"de": 0.9, "en": 0.1}]
        assert run(audio, (ALL,), (decoder,), language=None).warnings == ()


class TestKnownLanguages:
    def test_a_pass_whose_model_does_not_know_the_language_is_not_made(self, audio):
        """Whatever the vote finds, the model that found it can read it."""
        finds, other = says(("word", 0.3)), says(("never", 0.9))
        finds.tongues = [{"yue": 0.9, "zh": 0.1}]
        other.languages = frozenset({"en", "zh"})
        found = run(audio, (ALL, DOUBTFUL), (finds, other), language=None)
        assert found.language == "yue"
        assert other.read_windows == []

    def test_a_language_that_no_model_knows_is_refused(self, audio):
        """Whoever asks the engine."""
        other = says(("never", 0.9))
        other.languages = frozenset({"en", "zh"})
        with pytest.raises(InvalidOption, match=r"'yue'.* knows en, zh"):
            run(audio, (ALL,), (other,), language="yue")


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
