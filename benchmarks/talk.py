"""How right figures of conversations are. ``python -m benchmarks.talk``.

Recordings are transcribed by the fast plan. Talk is compared with references, speaker by speaker,
also as words alone would tell it; bounds of talk and interruptions with what the references' turns
say by the same rule. Constants are judged on each source by what the other sources would choose.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.corpus import Item, conversations, corpus, diarization
from benchmarks.generated import write_conversations
from benchmarks.report import Row, write
from benchmarks.speech_pieces import speech_of
from benchmarks.talk_bounds import Spoken, bounds_rows
from benchmarks.talkers import Clip
from trax.compose import build_workspace
from trax.merge.conversation import Interruption, interruptions
from trax.merge.sure_talk import doubtful
from trax.merge.talk import PAUSE, length, spoken_turns, talk, united
from trax.pipelines.transcribe import transcribe
from trax.scoring import read_scorable
from trax.settings import load_settings
from trax.stages.options import TranscribeOptions
from trax.store import Database, FolderStore
from trax.transcript import Span, Transcript, Turn
from trax.work.workspace import Workspace

_OPTIONS = TranscribeOptions.model_validate(
    {"recognition": {"plan": "fast", "language": "en"}, "formats": ["json"]}
)
_GENERATED = 40
_SAME = 1.0  # seconds within which an interruption that was heard is the reference's
_DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Made:
    """A recording, what is true of it, and its transcript.

    Attributes:
        source: what it is alike to.
        reference: turns.
        names: the reference's name of each label.
    """

    name: str
    source: str
    reference: Sequence[Turn]
    transcript: Transcript
    names: Mapping[str, str]


def main() -> None:
    """Compare, and write how far figures were off."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = _workspace(Path(folder))
        made = [_made(workspace, item) for item in _items(Path(folder))]
        workspace.database.close()
    spliced = [each for each in made if each.source in ("spliced", "whole clips")]
    rows = [_talk_row(each.name, [each]) for each in spliced]
    rows += [_silent_edges(each) for each in spliced if each.source == "whole clips"]
    groups = {source: [each for each in made if each.source == source] for source in _sources(made)}
    rows += [_talk_row(f"all {source}", some) for source, some in groups.items()]
    rows += [_interruption_row(source, some) for source, some in groups.items()]
    rows += bounds_rows({source: list(_spoken(some)) for source, some in groups.items()})
    write("talk", rows, _notes())


def _notes() -> list[str]:
    return [
        f"talk: seconds of all speakers, pauses up to {PAUSE} s included; off by: difference of "
        "the sum to the reference's; by speaker: differences speaker by speaker, added up; by "
        "words: the sum, if only words and pauses between them counted. "
        "References' turns are joined by the same rule.",
        "whole clips: the reference's turns are LibriSpeech clips with the silence at their ends "
        "and in them, which is no talk; `without silence` compares with where a voice is heard in "
        "those clips.",
        "Interruptions by the rule that the product uses, of the turns that were heard against "
        "those of the reference: the same two people within a second. Between low and high F1 "
        "lies in nine of ten draws of recordings.",
        "Bounds: how often the reference's talk lies between the bounds that are shown, which is "
        "promised for nine of ten speakers; by the others: if the constants were chosen on the "
        "other sources alone; certain: share of talk whose speaker is right, as shown and as it "
        "is; `generated` are 40 conversations of clips that have exact references.",
    ]


def _items(folder: Path) -> Iterator[Item]:
    yield from conversations()
    yield from diarization()
    yield from write_conversations(folder / "generated", _GENERATED, fold=1)


def _made(workspace: Workspace, item: Item) -> Made:
    reference = list(read_scorable(item.audio.with_suffix(".rttm")).turns)
    done = transcribe(workspace, item.audio, _OPTIONS)
    transcript = workspace.repository.get(done.transcript_id)
    names = _matched(transcript.turns, reference)
    return Made(item.audio.stem, _source(item), reference, transcript, names)


def _source(item: Item) -> str:
    if item.facts.get("set") == "conversations":
        return "whole clips"
    prefix = item.audio.stem.partition("_")[0]
    return {"ami": "AMI", "dev": "spliced", "generated": "generated"}.get(prefix, "call")


def _sources(made: Iterable[Made]) -> list[str]:
    return list(dict.fromkeys(each.source for each in made))


def _talk_row(name: str, made: Sequence[Made]) -> Row:
    found = wanted = apart = words = 0.0
    for each in made:
        heard, true = _heard(each), _wanted(each.reference)
        found += sum(heard.values())
        wanted += sum(true.values())
        apart += sum(abs(heard.get(n, 0.0) - true.get(n, 0.0)) for n in heard.keys() | true.keys())
        words += _by_words(each.transcript)
    return {
        "recordings": name,
        "talk s": found,
        "reference s": wanted,
        "off by %": 100 * (found / wanted - 1),
        "by speaker %": 100 * apart / wanted,
        "by words %": 100 * (words / wanted - 1),
    }


def _heard(made: Made) -> dict[str, float]:
    """Seconds by the reference's names."""
    spoken = talk(made.transcript, spoken_turns(made.transcript))
    return {made.names.get(label or "", label or ""): length(spoken[label]) for label in spoken}


def _wanted(turns: Iterable[Turn]) -> dict[str, float]:
    return {name: length(spans) for name, spans in _talks(turns).items()}


def _talks(turns: Iterable[Turn]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for turn in turns:
        found.setdefault(turn.speaker, []).append(turn)
    return {name: united(spans, PAUSE) for name, spans in found.items()}


def _by_words(transcript: Transcript) -> float:
    turns = [
        Turn(word.start, word.end, segment.speaker or "")
        for segment in transcript.segments
        for word in segment.words
    ]
    return sum(_wanted(turns).values())


def _silent_edges(made: Made) -> Row:
    """The same against where somebody is heard in the clips that a conversation is made of."""
    folder = corpus()
    document = folder / "conversations" / f"{made.name}.seglst.json"
    turns = []
    for entry in json.loads(document.read_text()):
        path = folder / "clips" / entry["clip"]
        clip = Clip(path, None, entry["end_time"] - entry["start_time"])
        for span in speech_of(clip).spans:
            start = entry["start_time"] + span.start
            turns.append(Turn(start, start + span.duration, entry["speaker"]))
    return _talk_row(f"{made.name} without silence", [replace(made, reference=turns)])


def _interruption_row(source: str, made: Sequence[Made]) -> Row:
    counts = np.array([_counted(each) for each in made])
    rng = np.random.default_rng(0)
    draws = rng.integers(len(counts), size=(_DRAWS, len(counts)))
    low, high = np.quantile([_f1(counts[some].sum(axis=0)) for some in draws], [0.05, 0.95])
    right, found, wanted = counts.sum(axis=0).tolist()
    return {
        "recordings": f"interruptions, {len(made)} {source}",
        "right": right,
        "found": found,
        "reference": wanted,
        "F1": _f1(counts.sum(axis=0)),
        "low": float(low),
        "high": float(high),
    }


def _counted(made: Made) -> tuple[int, int, int]:
    """Interruptions that are right, that were found, and that there are."""
    found = [
        replace(each, who=made.names.get(each.who, ""), whom=made.names.get(each.whom, ""))
        for each in interruptions(spoken_turns(made.transcript))
    ]
    true = interruptions(made.reference)
    left = list(true)
    for each in found:
        same = next((other for other in left if _is_same(each, other)), None)
        if same is not None:
            left.remove(same)
    return len(true) - len(left), len(found), len(true)


def _is_same(one: Interruption, other: Interruption) -> bool:
    people = (one.who, one.whom) == (other.who, other.whom)
    return people and abs(one.at - other.at) <= _SAME


def _f1(counts: Sequence[int]) -> float:
    right, found, wanted = counts
    return 2 * right / (found + wanted) if found + wanted else 0.0


def _spoken(made: Iterable[Made]) -> Iterator[Spoken]:
    for each in made:
        turns = spoken_turns(each.transcript)
        doubts = doubtful(turns) or {}
        wanted = _talks(each.reference)
        for label, spans in talk(each.transcript, turns).items():
            true = wanted.get(each.names.get(label or "", ""), [])
            own = doubts.get(label, 0.0)
            yield Spoken(
                talk=length(spans),
                true=length(true),
                right=sum(one.overlap(other) for one in spans for other in true),
                own=own,
                others=sum(doubts.values()) - own,
                longest=each.transcript.recording.duration,
            )


def _matched(found: Sequence[Turn], reference: Sequence[Turn]) -> dict[str, str]:
    """The reference's name of each label, by overlap."""
    labels, names = sorted({t.speaker for t in found}), sorted({t.speaker for t in reference})
    shared = np.zeros((len(labels), len(names)))
    for one in found:
        for other in reference:
            shared[labels.index(one.speaker), names.index(other.speaker)] += one.overlap(other)
    rows, columns = linear_sum_assignment(-shared)
    return {labels[row]: names[column] for row, column in zip(rows, columns, strict=True)}


def _workspace(folder: Path) -> Workspace:
    built = build_workspace(load_settings())
    database = Database(f"sqlite:///{folder / 'trax.db'}")
    return replace(built, objects=FolderStore(folder / "store"), database=database, host=None)


if __name__ == "__main__":
    main()
