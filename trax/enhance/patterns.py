"""Personal data found by Presidio: by patterns, and by a spaCy model if one is configured."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from trax.errors import MissingPart
from trax.models.torchaudio_import import ensure_torchaudio

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, PatternRecognizer
    from spacy.language import Language

_KIND_OF = {
    "PERSON": "names",
    "LOCATION": "addresses",
    "STREET": "addresses",
    "EMAIL_ADDRESS": "emails",
    "LINK": "emails",
    "PHONE_NUMBER": "numbers",
    "CREDIT_CARD": "numbers",
    "IBAN_CODE": "numbers",
    "IP_ADDRESS": "numbers",
    "LONG_NUMBER": "numbers",
}
_DIGIT = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|"
    "null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun"
)
_LONG_NUMBER = rf"(?i)(?:\+?\d[\d\s().,/-]{{2,}}\d)|(?:\b(?:{_DIGIT})\b[\s,.-]*){{4,}}"
_STREET = (
    r"\b\d{1,5}[a-z]?,?\s+(?:[A-Z][\w'.-]*\s+){1,4}"
    r"(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|square|way|"
    r"boulevard|blvd|place|terrace)\b|"
    r"\b[A-ZÄÖÜ][\w-]*(?i:straße|strasse|gasse|weg|platz|allee)\s+\d{1,4}[a-z]?\b|"
    r"\b(?i:rue|avenue|calle|rua|via)\s+(?:\w+\s+){0,3}[A-Z]\w*,?\s+\d{1,4}\b"
)
# Presidio's own recognizers of e-mail and links would download a list of domains.
_PATTERNS = {
    "LONG_NUMBER": _LONG_NUMBER,
    "STREET": _STREET,
    "EMAIL_ADDRESS": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "LINK": r"(?:https?://|www\.)[^\s<>]+[^\s<>.,;:!?)]",
}
_CONFIDENCE = 0.9
_LANGUAGE = "en"  # Presidio registers patterns under a language; ours fit several


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data in a text: characters from *start* to *end*, and the kind of data."""

    start: int
    end: int
    kind: str


class PatternFinder:
    """Finds personal data with Presidio.

    Args:
        spacy_model: name of an installed spaCy model that finds names and places; empty for none.
    """

    def __init__(self, spacy_model: str = "") -> None:
        self._analyzer = _analyzer(spacy_model)

    def find(
        self,
        text: str,
        kinds: Collection[str],
    ) -> Iterator[Personal]:
        """Personal data of *kinds*; pieces may overlap."""
        entities = self._entities(kinds)
        for result in self._analyzer.analyze(text, _LANGUAGE, entities=entities):
            yield Personal(result.start, result.end, _KIND_OF[result.entity_type])

    def _entities(self, kinds: Collection[str]) -> list[str]:
        supported = set(self._analyzer.get_supported_entities(_LANGUAGE))
        wanted = [entity for entity, kind in _KIND_OF.items() if kind in kinds]
        return [entity for entity in wanted if entity in supported]


@cache
def _analyzer(spacy_model: str) -> "AnalyzerEngine":
    if find_spec("transformers"):
        ensure_torchaudio()  # Presidio imports transformers where it is there, and that torchaudio
    try:
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
        from presidio_analyzer.predefined_recognizers import (
            CreditCardRecognizer,
            IbanRecognizer,
            IpRecognizer,
            PhoneRecognizer,
            SpacyRecognizer,
        )
    except ImportError as error:
        raise MissingPart(
            "hiding personal data needs the package presidio-analyzer, "
            "which trax-speech[privacy] installs"
        ) from error

    class LoadedEngine(SpacyNlpEngine):
        """Uses a pipeline that is already loaded, and downloads none."""

        def __init__(self, pipeline: "Language") -> None:
            super().__init__()
            self.nlp: Any = {_LANGUAGE: pipeline}

        def load(self) -> None:
            """Do nothing: the pipeline is loaded."""

    pipeline = _spacy_pipeline(spacy_model)
    recognizers: list[Any] = [
        CreditCardRecognizer(supported_language=_LANGUAGE),
        IbanRecognizer(supported_language=_LANGUAGE),
        IpRecognizer(supported_language=_LANGUAGE),
        PhoneRecognizer(supported_language=_LANGUAGE),
        *_pattern_recognizers(),
    ]
    if spacy_model:
        recognizers.append(SpacyRecognizer(supported_language=_LANGUAGE))
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=recognizers, supported_languages=[_LANGUAGE]),
        nlp_engine=LoadedEngine(pipeline),
        supported_languages=[_LANGUAGE],
    )


def _spacy_pipeline(spacy_model: str) -> "Language":
    import spacy

    if not spacy_model:
        return spacy.blank(_LANGUAGE)
    try:
        return spacy.load(spacy_model)
    except OSError as error:
        raise MissingPart(f"the spaCy model {spacy_model} is not installed") from error


def _pattern_recognizers() -> "Iterator[PatternRecognizer]":
    from presidio_analyzer import Pattern, PatternRecognizer

    for name, regex in _PATTERNS.items():
        yield PatternRecognizer(
            supported_entity=name,
            patterns=[Pattern(name, regex, _CONFIDENCE)],
            global_regex_flags=re.UNICODE,
        )
