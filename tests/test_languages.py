"""Languages: codes as people write them, and what models know."""

import json

import pytest
from pydantic import ValidationError

from trax.asr import Pass, RecognitionOptions
from trax.engines import LoadedEngines
from trax.errors import InvalidOption, ModelUnavailable
from trax.models import Kind, ModelFinder
from trax.scoring.words import normaliser
from trax.service.checks import checked_options
from trax.settings import load_settings
from trax.transcript.languages import LANGUAGES, language_code

WITH_CANTONESE = sorted(LANGUAGES)
USUAL = [code for code in WITH_CANTONESE if code != "yue"]


@pytest.fixture
def settings(home, tmp_path, monkeypatch):
    """Settings of a home and a folder of models of the test's own."""
    monkeypatch.setenv("TRAX_MODELS_DIR", str(tmp_path / "models"))
    return load_settings()


def put_model(parent, name: str, tokens: int, codes: list[str]):
    """A folder that looks like a Whisper model with these languages."""
    folder = parent / "models" / name
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(name.encode())
    marks = [f"<|{code}|>" for code in codes]
    fill = [str(number) for number in range(tokens - len(marks))]
    (folder / "vocabulary.json").write_text(json.dumps([*fill, *marks]))
    return folder


class TestCodes:
    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ("en", "en"),
            ("EN", "en"),
            ("en-US", "en"),
            ("en_GB.UTF-8", "en"),
            ("eng", "en"),
            ("de-AT", "de"),
            ("de-1996", "de"),
            ("ger", "de"),
            ("deu", "de"),
            ("zh-TW", "zh"),
            ("zh_Hans", "zh"),
            ("zh-Hant-HK", "zh"),
            ("cmn-Hans-CN", "zh"),
            ("yue-Hant-HK", "yue"),
            ("zh-yue", "yue"),
            ("pt-BR", "pt"),
            ("iw", "he"),
            ("he-IL", "he"),
            ("in", "id"),
            ("nb", "no"),
            ("nb-NO", "no"),
            ("nn-NO", "nn"),
            ("nor", "no"),
            ("fil-PH", "tl"),
            ("jv", "jw"),
            ("arb", "ar"),
            ("es-419", "es"),
            ("sr-Latn-RS", "sr"),
            (" fr ", "fr"),
            ("auto", None),
            ("Auto", None),
            ("", None),
        ],
    )
    def test_a_language_may_be_written_as_elsewhere(self, written, code):
        """By BCP 47, ISO 639 in two or three letters, or as systems write locales."""
        assert RecognitionOptions(language=written).language == code

    def test_a_code_written_otherwise_is_the_same_option(self):
        """Checkpoints are kept under it."""
        plain, long = RecognitionOptions(language="en"), RecognitionOptions(language="en-US")
        assert plain.model_dump() == long.model_dump()

    @pytest.mark.parametrize("written", ["xx", "tlh", "q", "en-", "12", "English please", "gsw"])
    def test_what_no_model_knows_is_refused(self, written):
        """With the codes that are known."""
        with pytest.raises(ValidationError, match=r"known are af, am, .*, yue, zh"):
            RecognitionOptions(language=written)

    @pytest.mark.parametrize(("name", "code"), [("German", "de"), ("haitian creole", "ht")])
    def test_a_name_is_answered_with_its_code(self, name, code):
        """Which is what was meant."""
        with pytest.raises(ValidationError, match=rf" is {code}\b"):
            RecognitionOptions(language=name)

    def test_models_codes_stay_as_they_are(self):
        """Whichever standard they follow."""
        assert [language_code(code) for code in LANGUAGES] == list(LANGUAGES)

    def test_scoring_takes_them_too(self):
        """English has a normaliser of its own."""
        assert type(normaliser("en-GB")) is type(normaliser("en"))
        assert type(normaliser("de-AT")) is type(normaliser("de"))


class TestModels:
    @pytest.mark.parametrize(
        ("tokens", "codes", "found"),
        [
            (51_864, USUAL, ["en"]),
            (51_865, USUAL, USUAL),
            (51_866, WITH_CANTONESE, WITH_CANTONESE),
            (51_865, [], USUAL),
        ],
        ids=["English", "99 languages", "100 languages", "no marks"],
    )
    def test_a_models_vocabulary_has_its_languages(self, tmp_path, tokens, codes, found):
        """One token each; a model for English alone has one token less in all."""
        put_model(tmp_path, "mine", tokens, codes)
        model = ModelFinder(tmp_path / "models", offline=True).find("mine", Kind.RECOGNITION)
        assert sorted(model.languages) == found

    def test_a_language_that_no_model_knows_is_refused_before_work(self, tmp_path, settings):
        """With what the models know."""
        put_model(tmp_path, "mine", 51_865, USUAL)
        chosen = {"recognition": {"language": "yue", "model": "mine"}}
        with pytest.raises(InvalidOption, match=r"'yue' \(Cantonese\): mine knows af, .*, zh$"):
            checked_options(chosen, settings)
        chosen["recognition"]["language"] = "zh-TW"
        assert checked_options(chosen, settings).recognition.language == "zh"

    def test_the_first_model_that_knows_the_language_is_taken(self, tmp_path, settings):
        """Not the first that knows more than English."""
        put_model(tmp_path, "usual", 51_865, USUAL)
        put_model(tmp_path, "large", 51_866, WITH_CANTONESE)
        passes = (Pass(models=("usual", "large")),)
        options = RecognitionOptions(language="yue", passes=passes)
        assert "large@" in LoadedEngines(settings).recogniser(options).fingerprint

    def test_a_model_that_is_nowhere_is_refused_whatever_is_spoken(self, settings):
        """Before the first stage."""
        chosen = {"recognition": {"language": "de", "model": "nowhere"}}
        with pytest.raises(ModelUnavailable, match="nowhere"):
            checked_options(chosen, settings)
