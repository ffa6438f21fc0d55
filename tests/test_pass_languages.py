"""What a plan does with several languages. Scripted models on real speech."""

from dataclasses import replace

import pytest
from passes import (
    ALL,
    DOUBTFUL,
    LONG,
    PLAIN,
    quiet,
    run,
    says,
    text_of,
)

from trax.asr import RecognitionOptions
from trax.asr.language import language_votes, second_language, window_languages
from trax.asr.recogniser import PlannedRecogniser
from trax.asr.regions import Region
from trax.asr.speech import speech_sections
from trax.audio import StoredAudio
from trax.errors import InvalidOption
from trax.testing import ScriptedDecoder
from trax.transcript import Span


@pytest.fixture(scope="module")
def audio(sample) -> StoredAudio:
    """Real speech: four windows of it."""
    return StoredAudio.open(sample)


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
