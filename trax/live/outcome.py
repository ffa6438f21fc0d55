"""What people decided while a session ran, done to the transcript that was made of it in the end.

That transcript was read by other models: words differ, and so do speakers' labels. A word is found
again by its place among words that are alike, else by its time; a speaker by what they say.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from trax.errors import InputError
from trax.live.captions import Captions
from trax.live.events import Assigned, Corrected, Decision, Named
from trax.live.speakers import matched
from trax.revision import (
    AddSpeaker,
    Delete,
    Operation,
    Rename,
    Replace,
    Wish,
    Write,
    apply,
    inverse,
    operation_for,
    relabelled,
)
from trax.transcript import Speaker, Transcript, Turn, Word, spelling

_NEAR = 1.0  # seconds: alike words further apart are not the same
_HALF = 0.5  # share of the shorter word that two words at the same time must share


@dataclass
class Outcome:
    """What decisions come to.

    Attributes:
        document: the transcript after them.
        operations: that lead to it.
        inverse: what takes them back, in the order in which they were made.
        words: ids in the transcript by id in the session, of words that are the same.
        misfits: sentences about what could not be done.
    """

    document: Transcript
    words: dict[str, str]
    operations: list[Operation] = field(default_factory=list)
    inverse: list[Operation] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)

    def do(self, wish: Wish) -> None:
        """Do something to the transcript; what makes no sense is a misfit."""
        try:
            operation = operation_for(self.document, wish)
            back = inverse(self.document, operation)
            self.document = apply(self.document, operation)
        except InputError as error:
            self.misfits.append(str(error))
            return
        self.operations.append(operation)
        self.inverse.append(back)


def outcome(captions: Captions, final: Transcript) -> Outcome:
    """What people decided in a session, done to the transcript that was made of its sound."""
    live = list(captions.words.values())
    same = same_words(live, final.words)
    found = Outcome(document=final, words=same)
    speakers = _Speakers(captions, final)
    for decision in _lasting(captions.decisions):
        match decision:
            case Corrected():
                _correct(found, captions, decision)
            case Assigned(words=words, speaker=label):
                _assign(found, captions, words, speakers.label(found, label))
            case Named(speaker=label, name=name):
                found.do(Rename(speaker=speakers.label(found, label), name=name or None))
            case _:
                pass
    return found


def same_words(live: Sequence[Word], final: Sequence[Word]) -> dict[str, str]:
    """The id of each live word in the final transcript, where both are alike and near."""
    texts = [spelling(word.text) for word in live]
    others = [spelling(word.text) for word in final]
    found = {}
    matcher = SequenceMatcher(None, texts, others, autojunk=False)
    for first, second, length in matcher.get_matching_blocks():
        for step in range(length):
            word, other = live[first + step], final[second + step]
            if word.distance(other) <= _NEAR:
                found[word.id] = other.id
    return found


def _lasting(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions without those that a later one about the same replaces; words before names."""
    last: dict[tuple[str, str], Decision] = {}
    for number, decision in enumerate(decisions):
        match decision:
            case Corrected(word=word):
                last.pop(("word", word), None)
                last["word", word] = decision
            case Named(speaker=label):
                last["name", label] = decision
            case Assigned():
                last["assigned", str(number)] = decision
            case _:
                pass
    return sorted(last.values(), key=lambda each: isinstance(each, Named))


def _correct(found: Outcome, captions: Captions, decision: Corrected) -> None:
    word = captions.words[decision.word]
    places = _places(found, word)
    wanted = decision.text.split()
    if [spelling(each.text) for each in places] == [spelling(each) for each in wanted]:
        return
    if not places:
        if wanted:
            found.do(_written(found.document.words, word, decision.text))
        return
    first, *others = places
    for other in others:
        found.do(Delete(words=(other.id,)))
    if not wanted:
        found.do(Delete(words=(first.id,)))
        return
    found.do(Replace(word=first.id, text=wanted[0]))
    if wanted[1:]:
        found.do(Write(text=" ".join(wanted[1:]), after=first.id))


def _places(found: Outcome, word: Word) -> list[Word]:
    """The words of the transcript in the place of a live word."""
    words = found.document.words
    name = found.words.get(word.id)
    same = [each for each in words if each.id == name]
    if same:
        return same
    taken = set(found.words.values())
    return [each for each in words if each.id not in taken and _is_there(each, word)]


def _is_there(one: Word, other: Word) -> bool:
    shorter = min(one.duration, other.duration)
    return one.overlap(other) >= _HALF * shorter and one.overlap(other) > 0


def _written(words: Sequence[Word], word: Word, text: str) -> Write:
    """Text put in where a live word was said and the transcript has nothing."""
    before = [each for each in words if each.middle <= word.middle]
    if before:
        return Write(text=text, after=before[-1].id)
    return Write(text=text, before=words[0].id if words else "")


def _assign(found: Outcome, captions: Captions, words: Iterable[str], label: str) -> None:
    ids = [place.id for name in words for place in _places(found, captions.words[name])]
    known = {word.id: word.speaker for word in found.document.words}
    changed = [name for name in dict.fromkeys(ids) if known[name] != label]
    if changed:
        found.do(relabelled(changed, label))


class _Speakers:
    """Labels of a session's speakers in the transcript."""

    def __init__(self, captions: Captions, final: Transcript) -> None:
        self._captions = captions
        self._labels = _same_speakers(captions, final)

    def label(self, found: Outcome, live: str) -> str:
        """The transcript's label; of a new speaker, who gets their words, if it has none."""
        if live not in self._labels:
            same = self._namesake(live)
            self._labels[live] = self._labels.get(same) or _new_label(found.document)
            self._add(found, live, self._labels[live], is_new=same not in self._labels)
        return self._labels[live]

    def _namesake(self, live: str) -> str:
        """Another speaker of the session whom people gave the same name; empty if there is none."""
        names = self._captions.names
        name = names.get(live, "").casefold()
        found = [
            label for label in self._labels if name and names.get(label, "").casefold() == name
        ]
        return found[0] if found else ""

    def _add(self, found: Outcome, live: str, label: str, *, is_new: bool) -> None:
        if is_new:
            found.do(AddSpeaker(speaker=Speaker(label=label, speech=0.0)))
        words = [word.id for word in self._captions.words.values() if word.speaker == live]
        _assign(found, self._captions, words, label)


def _same_speakers(captions: Captions, final: Transcript) -> dict[str, str]:
    """The final label of each live one, by what both say at the same time."""
    former = _turns(final.words)
    turns = _turns(captions.words.values())
    labels = list(dict.fromkeys(turn.speaker for turn in turns))
    others = list(dict.fromkeys(turn.speaker for turn in former))
    return matched(labels, turns, others, former)


def _turns(words: Iterable[Word]) -> list[Turn]:
    return [
        Turn(word.start, word.end, word.speaker)
        for word in sorted(words, key=lambda each: each.start)
        if word.speaker is not None
    ]


def _new_label(document: Transcript) -> str:
    taken = {speaker.label for speaker in document.speakers}
    free: Callable[[int], str] = "SPEAKER_{:02d}".format
    return next(free(at) for at in range(len(taken) + 1) if free(at) not in taken)
