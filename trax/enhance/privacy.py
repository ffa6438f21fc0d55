"""Personal data in text: found, hidden behind placeholders, and shown again. Presidio finds it.

Addresses, e-mail, telephone, card and account numbers are found by Presidio's patterns and some of
our own; names by how they are written. With a spaCy model of the language (TRAX_SPACY_MODEL), names
and places are found by that too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from trax.enhance.wordlists import word_list
from trax.errors import MissingPart
from trax.transcript import Word

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

KINDS = ("names", "numbers", "addresses", "emails")
"""What can be hidden."""

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
PLACEHOLDERS = {"names": "NAME", "numbers": "NUMBER", "addresses": "ADDRESS", "emails": "EMAIL"}
_DIGIT = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|"
    "null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun"
)
_LONG_NUMBER = rf"(?i)(?:\+?\d[\d\s().,/-]{{2,}}\d)|(?:\b(?:{_DIGIT})\b[\s,.-]*){{4,}}"
_STREET = (
    r"\b\d{1,5}[a-z]?,?\s+(?:[A-Z][\w'.-]*\s+){1,4}(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|square|way|"
    r"boulevard|blvd|place|terrace)\b|\b[A-ZÄÖÜ][\w-]*(?i:straße|strasse|gasse|weg|platz|allee)\s+\d{1,4}[a-z]?\b|"
    r"\b(?i:rue|avenue|calle|rua|via)\s+(?:\w+\s+){0,3}[A-Z]\w*,?\s+\d{1,4}\b"
)
# Presidio's own recognizers of e-mail and links would fetch a list of domains from the net.
_PATTERNS = {
    "LONG_NUMBER": _LONG_NUMBER,
    "STREET": _STREET,
    "EMAIL_ADDRESS": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "LINK": r"(?:https?://|www\.)[^\s<>]+[^\s<>.,;:!?)]",
}
_CAPITAL = re.compile(r"(?<![\w'’])[A-ZÀ-ÖØ-Þ][\w'’-]*")
_SPELLED = re.compile(
    r"(?<![\w@.])(\w[\w.-]*) at (\w[\w-]*) dot (com|org|net|edu|io|de|fr|es|uk|eu)\b", re.IGNORECASE
)
_SENTENCE_START = re.compile(r"(?:^|[.?!…]\s*[\"“»)]*\s*)$")
_NO_NAMES = frozenset(word_list("not-names"))
_FIRST_NAMES = frozenset(word_list("first-names"))
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Herr|Frau|Señor|Señora|Monsieur|Madame)\.?\s+$")
_LANGUAGE = "en"  # what the patterns are registered for; they are of no language


@dataclass(frozen=True, slots=True)
class Personal:
    """A piece of text that tells of somebody: characters from *start* to *end*."""

    start: int
    end: int
    kind: str


class Mask:
    """Hides personal data, the same behind the same placeholder for as long as it lives."""

    def __init__(
        self, names: Sequence[str] = (), kinds: Sequence[str] = KINDS, spacy_model: str = ""
    ) -> None:
        self._names = _name_parts(names)
        self._kinds = frozenset(kinds)
        self._analyzer = _analyzer(spacy_model)
        self._hidden: dict[str, str] = {}
        self._shown: dict[str, str] = {}

    def learn(self, text: str) -> None:
        """Take every name that *text* shows for one wherever it stands, also at the beginning of a
        sentence.
        """
        self._names |= _name_parts(
            text[found.start : found.end] for found in _names(text, frozenset())
        )

    def find(self, text: str) -> list[Personal]:
        """Personal data in *text*, by place; stars in it do not count."""
        places = [at for at, char in enumerate(text) if char != "*"]
        bare = "".join(text[at] for at in places)
        found = [*_names(bare, self._names), *_spelled(bare), *self._by_pattern(bare)]
        wanted = [each for each in found if each.kind in self._kinds]
        return [
            Personal(places[each.start], places[each.end - 1] + 1, each.kind)
            for each in _without_overlap(wanted)
        ]

    def hide(self, text: str) -> str:
        """*text* with placeholders such as ``[NAME_1]``."""
        parts, done = [], 0
        for each in self.find(text):
            parts += [
                text[done : each.start],
                self._placeholder(text[each.start : each.end], each.kind),
            ]
            done = each.end
        return "".join([*parts, text[done:]])

    def show(self, text: str) -> str:
        """*text* with what is behind the placeholders."""
        return re.sub(r"\[[A-Z]+_\d+\]", lambda found: self._shown.get(found[0], found[0]), text)

    def _placeholder(self, original: str, kind: str) -> str:
        plain = original.translate({ord("*"): None})
        if plain not in self._hidden:
            number = 1 + sum(name.startswith(f"[{PLACEHOLDERS[kind]}_") for name in self._shown)
            self._hidden[plain] = f"[{PLACEHOLDERS[kind]}_{number}]"
            self._shown[self._hidden[plain]] = plain
        return self._hidden[plain]

    def _by_pattern(self, text: str) -> Iterator[Personal]:
        for result in self._analyzer.analyze(text, _LANGUAGE, entities=self._entities()):
            yield Personal(result.start, result.end, _KIND_OF[result.entity_type])

    def _entities(self) -> list[str]:
        supported = set(self._analyzer.get_supported_entities(_LANGUAGE))
        return [
            entity
            for entity, kind in _KIND_OF.items()
            if kind in self._kinds and entity in supported
        ]


@cache
def _analyzer(spacy_model: str) -> "AnalyzerEngine":
    try:
        import spacy
        from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
        from presidio_analyzer.predefined_recognizers import (
            CreditCardRecognizer,
            IbanRecognizer,
            IpRecognizer,
            PhoneRecognizer,
            SpacyRecognizer,
        )
    except ImportError as error:
        advice = "pip install 'trax-speech[privacy]'"
        raise MissingPart(
            f"hiding personal data wants the package presidio-analyzer: {advice}"
        ) from error

    class Engine(SpacyNlpEngine):
        """Runs on a pipeline that is loaded already, and downloads none."""

        def __init__(self, pipeline: Any) -> None:
            super().__init__()
            self.nlp: Any = {_LANGUAGE: pipeline}

        def load(self) -> None:
            """Nothing to load."""

    try:
        pipeline = spacy.load(spacy_model) if spacy_model else spacy.blank(_LANGUAGE)
    except OSError as error:
        raise MissingPart(f"the spaCy model {spacy_model} is not installed") from error
    recognizers = [
        *(
            kind(supported_language=_LANGUAGE)
            for kind in (CreditCardRecognizer, IbanRecognizer, IpRecognizer, PhoneRecognizer)
        ),
        *(
            PatternRecognizer(
                supported_entity=name,
                patterns=[Pattern(name, regex, 0.9)],
                global_regex_flags=re.UNICODE,
            )
            for name, regex in _PATTERNS.items()
        ),
        *([SpacyRecognizer(supported_language=_LANGUAGE)] if spacy_model else []),
    ]
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=[_LANGUAGE])
    return AnalyzerEngine(
        registry=registry, nlp_engine=Engine(pipeline), supported_languages=[_LANGUAGE]
    )


def _name_parts(names: Sequence[str] | Iterator[str]) -> frozenset[str]:
    parts = (part.casefold() for name in names for part in re.findall(r"[^\W\d_][\w'’-]+", name))
    return frozenset(
        part for part in parts if part not in _NO_NAMES and part not in ("speaker", "unknown")
    )


def _names(text: str, known: frozenset[str]) -> Iterator[Personal]:
    """Words with a capital within a sentence, and *known* names wherever they stand."""
    for found in _CAPITAL.finditer(text):
        plain = re.sub(r"['’]s$", "", found[0])
        if plain.casefold() in _NO_NAMES or plain.isupper():
            continue
        before = text[: found.start()]
        sure = (
            plain.casefold() in known or plain.casefold() in _FIRST_NAMES or _TITLE.search(before)
        )
        if sure or not _SENTENCE_START.search(before):
            yield Personal(found.start(), found.start() + len(plain), "names")


def _spelled(text: str) -> Iterator[Personal]:
    """E-mail addresses as they are said: "anna at example dot com"."""
    return (Personal(found.start(), found.end(), "emails") for found in _SPELLED.finditer(text))


def _without_overlap(found: Sequence[Personal]) -> list[Personal]:
    """By place; of several that overlap the longest."""
    kept: list[Personal] = []
    for each in sorted(found, key=lambda each: each.start - each.end):
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: each.start)


def words_at(
    words: Sequence[Word], found: Sequence[Personal], starts: Sequence[int]
) -> Iterator[tuple[range, str]]:
    """Indices of the words that each find touches, and its kind; *starts* are the words' places in
    the text.
    """
    for each in found:
        touched = [
            at
            for at, (word, start) in enumerate(zip(words, starts, strict=True))
            if start < each.end and each.start < start + len(word.text)
        ]
        if touched:
            yield range(touched[0], touched[-1] + 1), each.kind
