"""Single segments translated again, without a job."""

import json
from collections.abc import Collection, Iterable
from dataclasses import replace

from trax.enhance import EnhancementOptions, LanguageModel
from trax.enhance.notes.translation import add_translation
from trax.errors import InvalidOption, NoAnswer, NotFound
from trax.revision.places import no_word
from trax.service.revisions import Edits, base_of
from trax.stages.questions import context_of
from trax.store import Revision
from trax.store.revisions import Change, RevisionKind
from trax.transcript import Domain, Notes, Transcript
from trax.work.workspace import Workspace

MOST = 50
"""Segments that are translated at once: a job translates a whole transcript."""


def translate_again(
    workspace: Workspace, edits: Edits, reference: str, language: str, words: Collection[str]
) -> Revision:
    """Translate the segments that have these words, as they read now; other translations stay.

    The same text of the same model has the same translation.

    Args:
        language: code of the language to translate to.
        words: ids of words.

    Raises:
        NotFound: there is no such transcript or word.
        InvalidOption: no language model is configured, or there are too many segments or none.
        NoAnswer: the model gave no answer.
        Conflict: the transcript was changed meanwhile.
    """
    model = workspace.engines.language_model()
    if model is None:
        raise InvalidOption("no language model is configured")
    document, base = base_of(edits, reference)
    numbers = _segments_with(document, words)
    if not 1 <= len(numbers) <= MOST:
        raise InvalidOption(f"1 to {MOST} segments are translated at once")
    texts = _translated(workspace, model, document, language, numbers)
    change = Change(
        document=_with_texts(document, language, texts),
        kind=RevisionKind.TRANSLATED,
        author=edits.author,
    )
    return edits.revisions.save(change, base)


def words_at(document: Transcript, times: Iterable[float]) -> list[str]:
    """The first words' ids of the segments that are said at these times, in seconds.

    Raises:
        NotFound: nothing is said at one of them.
    """
    found = []
    for time in times:
        said = [each for each in document.segments if each.start <= time < each.end and each.words]
        if not said:
            raise NotFound("segment", f"at {time:g} s")
        found += [each.words[0].id for each in said]
    return found


def _segments_with(document: Transcript, words: Collection[str]) -> list[int]:
    """The numbers of the segments that have these words.

    Raises:
        NotFound: there is no such word.
    """
    missing = set(words)
    found = []
    for number, segment in enumerate(document.segments):
        here = missing.intersection(word.id for word in segment.words)
        if here:
            found.append(number)
            missing -= here
    if missing:
        raise no_word(document, min(missing))
    return found


def _translated(
    workspace: Workspace,
    model: LanguageModel,
    document: Transcript,
    language: str,
    numbers: list[int],
) -> dict[int, str]:
    """The translations of segments by their numbers."""
    options = _options(document, language)
    part = replace(document, segments=tuple(document.segments[at] for at in numbers))
    domain = document.provenance.domain or Domain(name="general", by="given")
    context = context_of(workspace, document.id, model, options, domain, part.segments)
    found = add_translation(part, Notes(model=""), context, language, lambda _share: None)
    texts = dict(zip(numbers, found.translations[language], strict=True))
    if found.unfinished:
        raise NoAnswer(found.unfinished[0].reason)
    return texts


def _options(document: Transcript, language: str) -> EnhancementOptions:
    """Those of the transcript's job: what was hidden from the model stays hidden."""
    made_with = json.loads(document.provenance.options).get("enhancement", {})
    known = {name: made_with[name] for name in ("glossary", "mask") if name in made_with}
    try:
        return EnhancementOptions(tasks=("translate",), language=language, **known)
    except ValueError as error:
        raise InvalidOption(f"there is no language {language!r}") from error


def _with_texts(document: Transcript, language: str, texts: dict[int, str]) -> Transcript:
    notes = document.notes or Notes(model="")
    count = len(document.segments)
    known = notes.translations.get(language, ())
    whole = list(known) if len(known) == count else [""] * count
    for at, text in texts.items():
        whole[at] = text
    translations = {**notes.translations, language: tuple(whole)}
    return replace(document, notes=replace(notes, translations=translations))
