"""Which texts are not what is said: set aside before anything is learnt from them."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz, process

from trax.adapters.hearing import HeardExample
from trax.scoring.words import normaliser

_ALIKE = 80.0  # percent of letters: so far no other text is looked for
_FOREIGN = 40.0  # below that nothing of the text is heard
_CLEARLY = 15.0  # by which another text fits better
_FASTEST = 35.0  # letters a second


class SetAside(BaseModel):
    """A recording, or a part of one, that is not learnt from, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str
    text: str
    heard: str = ""
    reason: str


def wrong_pairs(all_heard: Sequence[HeardExample]) -> dict[int, SetAside]:
    """The examples whose text is not what is heard in them, by their places in *all_heard*.

    A model hears a domain's words badly, that is why it is to learn: a text is only wrong if hardly
    a letter of it is heard, if the text of another example fits clearly better, or if nobody
    could say it in the time.
    """
    if not all_heard:
        return {}
    normal = normaliser(all_heard[0].example.language)
    texts = [normal(each.example.text) for each in all_heard]
    found = {}
    for at, each in enumerate(all_heard):
        reason = _reason(normal(each.text), texts, at, each.example.duration)
        if reason:
            example = each.example
            found[at] = SetAside(
                place=example.place, text=example.text, heard=each.text, reason=reason
            )
    return found


def _reason(heard: str, texts: Sequence[str], at: int, duration: float) -> str:
    if not texts[at].strip():
        return "there is no text"
    if len(texts[at]) > _FASTEST * duration:
        return "nobody could say so much in the time"
    likeness = fuzz.ratio(texts[at], heard)
    if likeness >= _ALIKE:
        return ""
    if likeness < _FOREIGN:
        return "the text is not what is heard"
    _text, best, _place = process.extractOne(heard, texts, scorer=fuzz.ratio)
    if best >= likeness + _CLEARLY:
        return "the text of another recording fits better"
    return ""
