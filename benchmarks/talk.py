"""How right figures of conversations are. ``python -m benchmarks.talk``.

Recordings are transcribed by the fast plan. Talk on spliced conversations is compared with their
references, speaker by speaker; who interrupted whom on AMI excerpts with what the references' turns
say by the same rule.
"""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.corpus import Item, conversations, diarization
from benchmarks.report import Row, write
from trax.compose import build_workspace
from trax.merge.conversation import conversation as figures_of
from trax.merge.conversation import interruptions, united
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
_PAUSE = 0.5  # seconds that belong to whoever speaks before and after them
_AMI = "ami"


def main() -> None:
    """Compare, and write how far figures were off."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = _workspace(Path(folder))
        items = [*conversations(), *diarization()]
        made = [(item, _transcript(workspace, item)) for item in items]
        workspace.database.close()
    spliced = [(i, t) for i, t in made if "spk" in i.audio.stem]
    ami = [(i, t) for i, t in made if i.audio.stem.startswith(_AMI)]
    rows = [*(_talk_row(item, transcript) for item, transcript in spliced)]
    rows += [_all_talk(rows), _interruption_row(ami)]
    notes = [
        "talk: seconds of all speakers, pauses up to half a second included, by words; off by: "
        "difference of the sum; off by speaker: differences speaker by speaker, added up, of the "
        "reference's talk. The references' turns are whole clips: silence at their ends, and "
        "pauses of more than half a second in them, count as talk there and not here.",
        "Interruptions: pairs of who interrupted whom, by the rule that the product uses, of the "
        "turns that were heard against those of the reference; speakers are matched by overlap.",
    ]
    write("talk", rows, notes)


def _talk_row(item: Item, transcript: Transcript) -> Row:
    reference = _by_speaker(_reference(item))
    talk = {each.speaker or "": each.talk for each in figures_of(transcript).speakers}
    wanted = {name: _length(united(spans, _PAUSE)) for name, spans in reference.items()}
    names = _matched(transcript.turns, _reference(item))
    found = {names.get(label, label): seconds for label, seconds in talk.items()}
    apart = sum(abs(wanted.get(n, 0.0) - found.get(n, 0.0)) for n in wanted.keys() | found.keys())
    total = sum(wanted.values())
    return {
        "recording": item.audio.stem,
        "talk s": sum(found.values()),
        "reference s": total,
        "off by %": 100 * (sum(found.values()) / total - 1),
        "off by speaker %": 100 * apart / total,
    }


def _all_talk(rows: Sequence[Row]) -> Row:
    found = sum(float(row["talk s"]) for row in rows)
    wanted = sum(float(row["reference s"]) for row in rows)
    apart = sum(float(row["off by speaker %"]) * float(row["reference s"]) for row in rows)
    return {
        "recording": "all spliced",
        "talk s": found,
        "reference s": wanted,
        "off by %": 100 * (found / wanted - 1),
        "off by speaker %": apart / wanted,
    }


def _interruption_row(made: Sequence[tuple[Item, Transcript]]) -> Row:
    right = found = wanted = 0
    for item, transcript in made:
        reference = _reference(item)
        names = _matched(transcript.turns, reference)
        heard = Counter(
            (names.get(who, who), names.get(whom, whom))
            for who, whom in interruptions(transcript.turns)
        )
        true = Counter(interruptions(reference))
        right += sum((heard & true).values())
        found += sum(heard.values())
        wanted += sum(true.values())
    return {
        "recording": f"interruptions, {len(made)} AMI excerpts",
        "found": found,
        "reference": wanted,
        "right": right,
        "F1": 2 * right / (found + wanted) if found + wanted else 0.0,
    }


def _matched(found: Sequence[Turn], reference: Sequence[Turn]) -> dict[str, str]:
    """The reference's name of each label, by overlap."""
    labels, names = sorted({t.speaker for t in found}), sorted({t.speaker for t in reference})
    shared = np.zeros((len(labels), len(names)))
    for one in found:
        for other in reference:
            overlap = min(one.end, other.end) - max(one.start, other.start)
            shared[labels.index(one.speaker), names.index(other.speaker)] += max(overlap, 0.0)
    rows, columns = linear_sum_assignment(-shared)
    return {labels[row]: names[column] for row, column in zip(rows, columns, strict=True)}


def _reference(item: Item) -> list[Turn]:
    rttm = item.audio.with_suffix(".rttm")
    return list(read_scorable(rttm if rttm.exists() else item.reference).turns)


def _by_speaker(turns: Sequence[Turn]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for turn in turns:
        found.setdefault(turn.speaker, []).append(Span(turn.start, turn.end))
    return found


def _length(spans: Sequence[Span]) -> float:
    return sum(span.duration for span in spans)


def _transcript(workspace: Workspace, item: Item) -> Transcript:
    done = transcribe(workspace, item.audio, _OPTIONS)
    return workspace.repository.get(done.transcript_id)


def _workspace(folder: Path) -> Workspace:
    built = build_workspace(load_settings())
    database = Database(f"sqlite:///{folder / 'trax.db'}")
    return replace(built, objects=FolderStore(folder / "store"), database=database, host=None)


if __name__ == "__main__":
    main()
