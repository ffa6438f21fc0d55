"""What is said in another voice without personal data: plain words are said in its place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from trax.enhance.patterns import Personal
from trax.enhance.privacy import Mask
from trax.enhance.redaction import mask_of
from trax.errors import InvalidOption
from trax.transcript import Transcript
from trax.transcript.languages import ENGLISH, LANGUAGES
from trax.voice.selection import Left, Selection, Utterance, with_texts

SPOKEN = {
    "names": "somebody",
    "numbers": "some number",
    "addresses": "some address",
    "emails": "some address",
}
"""What is said in place of personal data, by its kind."""


def worded(
    selection: Selection,
    document: Transcript,
    texts: Mapping[str, str],
    kinds: Sequence[str] = (),
    spacy_model: str = "",
) -> Selection:
    """A selection of *document* as it is to be said: with *texts* for some utterances, as
    `with_texts` takes them, and without personal data of *kinds* in these or any other.

    Utterances and words that had some are known by ``personal``: the original is not to be heard in
    their places.

    Args:
        kinds: those of `trax.enhance.privacy.KINDS`; none leaves everything as it is.
        spacy_model: name of an installed spaCy model that finds more; empty for none.

    Raises:
        InvalidOption: there is no utterance for a text, no such kind, or it is not known what to
            say in the selection's language.
    """
    if not kinds:
        return with_texts(selection, texts)
    if selection.language != ENGLISH:
        language = LANGUAGES.get(selection.language, selection.language)
        raise InvalidOption(f"personal data can be hidden in English, not in {language}")
    mask = mask_of(document, kinds, spacy_model)
    for text in texts.values():
        mask.learn(text)
    utterances = tuple(_utterance(each, mask) for each in selection.utterances)
    left = tuple(_left(each, mask) for each in selection.left)
    public = replace(selection, utterances=utterances, left=left)
    return with_texts(public, {name: hidden(text, mask) for name, text in texts.items()})


def public_names(names: Collection[str]) -> dict[str, str]:
    """What speakers are called whose names are not to be known, by their labels."""
    return {label: f"Speaker {number}" for number, label in enumerate(sorted(names), start=1)}


def _utterance(utterance: Utterance, mask: Mask) -> Utterance:
    text = hidden(utterance.text, mask)
    return replace(utterance, text=text, personal=text != utterance.text)


def _left(left: Left, mask: Mask) -> Left:
    text = hidden(left.text, mask)
    return replace(left, text=text, personal=text != left.text)


def hidden(text: str, mask: Mask) -> str:
    """A text with plain words in place of the personal data that *mask* finds.

    >>> hidden("Anna Berg lives there. Ask Anna Berg.", Mask(["Anna Berg"], ["names"]))
    'Somebody lives there. Ask somebody.'
    """
    made = ""
    done = 0
    for piece in _joined(mask.find(text), text):
        before = made + text[done : piece.start]
        spoken = SPOKEN[piece.kind]
        begins = not before.rstrip() or before.rstrip().endswith((".", "?", "!"))
        made = before + (spoken.capitalize() if begins else spoken)
        done = piece.end
    return made + text[done:]


def _joined(found: Sequence[Personal], text: str) -> list[Personal]:
    """Pieces by place; those of a kind with nothing but space between them are one: a first name
    and a last one.
    """
    joined: list[Personal] = []
    for piece in found:
        last = joined[-1] if joined else None
        if last and last.kind == piece.kind and not text[last.end : piece.start].strip():
            joined[-1] = Personal(last.start, piece.end, last.kind)
        else:
            joined.append(piece)
    return joined
