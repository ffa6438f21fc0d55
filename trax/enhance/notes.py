"""What a language model writes about a transcript. What it says was said must stand there, word for
word.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from trax.enhance.asking import Ask, Found, Progress, part_of
from trax.enhance.engine import Question, estimated_tokens
from trax.enhance.lines import Form, Line, answered, digest
from trax.enhance.prompts import prompt_for
from trax.enhance.sounds import letters
from trax.enhance.speakers import Acoustics, speakers_corrected
from trax.enhance.wording import Setting
from trax.transcript import (
    ActionItem,
    Chapter,
    Notes,
    ProposedName,
    Transcript,
    Unfinished,
    Usage,
    not_looked_at,
)

_PARTS = 2  # of what a model takes at once, a part of a transcript is half
_MOST_ANSWER = 2000  # tokens
_MOST_TITLE = 200  # characters
_MOST_TEXT = 5000


class Title(Form):
    """Answer of ``title``."""

    title: str


class Summary(Form):
    """Answer of ``summary``."""

    summary: str


class ChapterStart(Form):
    """A chapter's first line."""

    n: int
    title: str


class Chapters(Form):
    """Answer of ``chapters``."""

    chapters: list[ChapterStart]


class Item(Form):
    """Something to do, and the line that says so."""

    n: int
    text: str
    quote: str


class Items(Form):
    """Answer of ``actions``."""

    items: list[Item]


class Named(Form):
    """A speaker's name, and the line that tells it."""

    speaker: str
    name: str
    n: int
    quote: str


class Names(Form):
    """Answer of ``names``."""

    names: list[Named]


@dataclass(frozen=True, slots=True)
class _Read:
    """A part of the transcript that was sent: its segments, and the answer as JSON text.

    Attributes:
        first: index of its first segment.
    """

    first: int
    count: int
    answer: str


Reader = Callable[[Transcript, Sequence[_Read], Setting, Notes], Notes]


def annotated(
    transcript: Transcript,
    tasks: Sequence[str],
    setting: Setting,
    acoustics: Acoustics,
    target: str,
    progress: Progress,
) -> Transcript:
    """The transcript with notes on it, and with words at the speakers that the sound allows.

    Args:
        transcript: merged.
        tasks: kinds of work.
        setting: what surrounds the questions.
        acoustics: who probably speaks when, by the sound alone.
        target: code of the language to translate to.
        progress: is told the share that is done.
    """
    fingerprints = {task: prompt_for(task).fingerprint for task in tasks}
    notes = Notes(model=setting.asker.model.fingerprint, tasks=fingerprints)
    for done, task in enumerate(sorted(tasks, key=lambda task: task != "speakers")):
        part = part_of(progress, done, len(tasks))
        if task == "speakers":
            transcript, notes = speakers_corrected(transcript, notes, setting, acoustics, part)
        elif task == "translate":
            notes = _translated(transcript, notes, setting, target, part)
        else:
            notes = _written(transcript, notes, task, setting, part)
    return replace(
        transcript, notes=notes, warnings=(*transcript.warnings, *not_looked_at(notes.unfinished))
    )


def _translated(
    transcript: Transcript, notes: Notes, setting: Setting, target: str, progress: Progress
) -> Notes:
    lines = [Line(setting.hidden(segment.text)) for segment in transcript.segments]
    system = setting.system("translate", transcript.language, target)
    answers, reasons, found = answered(
        lines, "translate", system, setting.asker, setting.announce, progress
    )
    unfinished = tuple(
        Unfinished(segment.start, segment.end, "translate", reason or "the line is not answered")
        for segment, answer, reason in zip(transcript.segments, answers, reasons, strict=True)
        if not answer
    )
    texts = tuple(_clean(setting.shown(answer or ""), _MOST_TEXT) for answer in answers)
    return replace(
        notes,
        translations={**notes.translations, target: texts},
        unfinished=(*notes.unfinished, *unfinished),
        usage=notes.usage + found.usage,
    )


def _written(
    transcript: Transcript, notes: Notes, task: str, setting: Setting, progress: Progress
) -> Notes:
    """The notes with one more kind. A transcript that is longer than the model takes is read in
    parts.
    """
    form, reader = _KINDS[task]
    system = setting.system(task, transcript.language)
    parts = list(_parts(transcript, setting))[: 1 if task == "title" else None]
    keys = [
        digest(setting.asker.model.fingerprint, task, system, text)
        for _first, _count, text in parts
    ]
    known = setting.asker.known(keys)
    asks = [
        _ask(task, system, text, key, form)
        for key, (_first, _count, text) in zip(keys, parts, strict=True)
        if key not in known
    ]
    setting.announce([ask.question for ask in asks])
    found = setting.asker.ask(asks, progress)
    answers = known | found.answers
    read = [
        _Read(first, count, answers[key])
        for key, (first, count, _text) in zip(keys, parts, strict=True)
        if key in answers
    ]
    unfinished = _missing(transcript, task, parts, keys, found)
    usage = replace(found.usage, reused=len(known))
    if task == "summary" and len(read) > 1:
        read, more = _condensed(read, system, setting, progress)
        usage += more
    notes = replace(notes, unfinished=(*notes.unfinished, *unfinished), usage=notes.usage + usage)
    return reader(transcript, read, setting, notes) if read else notes


def _condensed(
    read: list[_Read], system: str, setting: Setting, progress: Progress
) -> tuple[list[_Read], Usage]:
    """The parts' summaries as one; as they are where there is no answer."""
    parts = [Summary.model_validate_json(each.answer).summary for each in read]
    text = "\n".join(
        f"{number} Part {number}: {' '.join(part.split())}"
        for number, part in enumerate(parts, start=1)
    )
    key = digest(setting.asker.model.fingerprint, "summary", system, text)
    answers = setting.asker.known([key])
    found = setting.asker.ask(
        [] if answers else [_ask("summary", system, text, key, Summary)], progress
    )
    answers |= found.answers
    whole = [_Read(0, sum(each.count for each in read), answers[key])] if key in answers else read
    return whole, found.usage


def _missing(
    transcript: Transcript,
    task: str,
    parts: Sequence[tuple[int, int, str]],
    keys: Sequence[str],
    found: Found,
) -> Iterator[Unfinished]:
    for key, (first, count, _text) in zip(keys, parts, strict=True):
        if key in found.failures:
            segments = transcript.segments[first : first + count]
            end = max(segment.end for segment in segments)
            yield Unfinished(
                segments[0].start, max(segments[0].start, end), task, found.failures[key]
            )


def _ask(task: str, system: str, text: str, key: str, form: type[BaseModel]) -> Ask:
    question = Question(
        task=task,
        system=system,
        user=text,
        schema=form.model_json_schema(),
        most_tokens=_MOST_ANSWER,
    )
    return Ask(question, (key,), lambda raw: {key: form.model_validate(raw).model_dump_json()})


def _parts(transcript: Transcript, setting: Setting) -> Iterator[tuple[int, int, str]]:
    """The transcript's segments as numbered lines, in parts that a model takes: first segment, how
    many, text.
    """
    most = setting.asker.model.context_tokens // _PARTS
    names = _names_sent(transcript, setting)
    rows: list[str] = []
    first = size = 0
    for at, segment in enumerate(transcript.segments):
        row = f"{at + 1} {names.get(segment.speaker, 'Unknown')}: {setting.hidden(segment.text)}"
        if rows and size + estimated_tokens(row) > most:
            yield first, at - first, "\n".join(rows)
            rows, first, size = [], at, 0
        rows.append(row)
        size += estimated_tokens(row)
    if rows:
        yield first, len(transcript.segments) - first, "\n".join(rows)


def _names_sent(transcript: Transcript, setting: Setting) -> dict[str | None, str]:
    """What each speaker is called in what is sent: a number where names are hidden."""
    if setting.mask is None:
        return {each.label: transcript.display_name(each.label) for each in transcript.speakers}
    return {
        each.label: f"Speaker {number}" for number, each in enumerate(transcript.speakers, start=1)
    }


def _title(_transcript: Transcript, read: Sequence[_Read], setting: Setting, notes: Notes) -> Notes:
    title = Title.model_validate_json(read[0].answer).title
    return replace(notes, title=_clean(setting.shown(title), _MOST_TITLE))


def _summary(
    _transcript: Transcript, read: Sequence[_Read], setting: Setting, notes: Notes
) -> Notes:
    texts = [
        _clean(setting.shown(Summary.model_validate_json(each.answer).summary), _MOST_TEXT)
        for each in read
    ]
    return replace(notes, summary="\n\n".join(texts))


def _chapters(
    transcript: Transcript, read: Sequence[_Read], setting: Setting, notes: Notes
) -> Notes:
    chapters: dict[float, Chapter] = {}
    dropped = []
    for each in read:
        for chapter in Chapters.model_validate_json(each.answer).chapters:
            title = _clean(setting.shown(chapter.title), _MOST_TITLE)
            if _is_in(chapter.n, each) and title:
                start = transcript.segments[chapter.n - 1].start
                chapters.setdefault(start, Chapter(start, title))
            else:
                dropped.append(f"chapter {title!r}: there is no line {chapter.n}")
    ordered = tuple(chapters[start] for start in sorted(chapters))
    return replace(notes, chapters=ordered, dropped=(*notes.dropped, *dropped))


def _actions(
    transcript: Transcript, read: Sequence[_Read], setting: Setting, notes: Notes
) -> Notes:
    items, dropped = [], []
    for each in read:
        for item in Items.model_validate_json(each.answer).items:
            text, quote = _clean(setting.shown(item.text), _MOST_TITLE), setting.shown(item.quote)
            if _is_in(item.n, each) and _is_said(transcript, item.n, quote):
                segment = transcript.segments[item.n - 1]
                items.append(
                    ActionItem(text, segment.start, _clean(quote, _MOST_TITLE), segment.speaker)
                )
            else:
                dropped.append(f"action {text!r}: its quote is not in the transcript")
    return replace(notes, action_items=tuple(items), dropped=(*notes.dropped, *dropped))


def _names(transcript: Transcript, read: Sequence[_Read], setting: Setting, notes: Notes) -> Notes:
    labels = {name.casefold(): label for label, name in _names_sent(transcript, setting).items()}
    found: dict[str, ProposedName] = {}
    dropped = []
    for each in read:
        for named in Names.model_validate_json(each.answer).names:
            name, quote = _clean(setting.shown(named.name), _MOST_TITLE), setting.shown(named.quote)
            label = labels.get(named.speaker.strip().casefold())
            reason = _against(transcript, each, named.n, label, name, quote)
            if reason or label is None:
                dropped.append(f"name {name!r}: {reason}")
                continue
            start = transcript.segments[named.n - 1].start
            found.setdefault(label, ProposedName(label, name, start, _clean(quote, _MOST_TITLE)))
    return replace(notes, names=tuple(found.values()), dropped=(*notes.dropped, *dropped))


def _against(
    transcript: Transcript, read: _Read, number: int, label: str | None, name: str, quote: str
) -> str:
    """What speaks against a name; empty where nothing does."""
    if label is None:
        return "there is no such speaker"
    if not _is_in(number, read) or not _is_said(transcript, number, quote):
        return "its quote is not in the transcript"
    if not _holds(quote, name):
        return "its quote does not say it"
    return ""


_KINDS: dict[str, tuple[type[BaseModel], Reader]] = {
    "title": (Title, _title),
    "summary": (Summary, _summary),
    "chapters": (Chapters, _chapters),
    "actions": (Items, _actions),
    "names": (Names, _names),
}


def _is_in(number: int, read: _Read) -> bool:
    return read.first < number <= read.first + read.count


def _is_said(transcript: Transcript, number: int, quote: str) -> bool:
    """Whether a quote stands in a segment."""
    return _holds(transcript.segments[number - 1].text, quote)


def _holds(text: str, part: str) -> bool:
    """Whether the words of *part* stand in *text*, in order; case and punctuation do not count."""
    wanted, words = (
        [spelled for word in each.split() if (spelled := letters(word))] for each in (part, text)
    )
    return bool(wanted) and any(words[at : at + len(wanted)] == wanted for at in range(len(words)))


def _clean(text: str, most: int) -> str:
    """Text in one line without signs that no text has, and no longer than it may be."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"
