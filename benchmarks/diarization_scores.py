"""Who spoke when, scored: errors of each recording, and tables with intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import soundfile

from benchmarks.corpus import Item
from benchmarks.intervals import difference, error_rate, share, verdict
from benchmarks.report import Row
from trax.scoring import read_scorable
from trax.scoring.turns import DiarizationErrors, diarization_errors
from trax.transcript import Turn

BASELINE = "pyannote"


@dataclass(frozen=True, slots=True)
class Scored:
    """What one system made of one recording.

    Attributes:
        part: the set that the recording belongs to.
        people: how many speak.
        found: how many the system heard.
        duration: seconds.
        cpu: processor seconds.
    """

    system: str
    part: str
    recording: str
    errors: DiarizationErrors
    people: int
    found: int
    duration: float
    cpu: float

    @property
    def wrong(self) -> float:
        """Seconds of all errors."""
        return self.errors.missed + self.errors.false_alarm + self.errors.confusion

    def as_row(self) -> dict[str, Any]:
        """Everything, the parts of the error in seconds."""
        return asdict(self) | {"der": self.errors.rate}


def scored(system: str, part: str, item: Item, found: dict[str, Any]) -> Scored:
    """Compare what `benchmarks.diarizers` printed of one recording with its reference."""
    reference = read_scorable(item.audio.with_suffix(".rttm")).turns
    hypothesis = [Turn(max(0.0, start), end, label) for start, end, label in found["turns"]]
    duration = soundfile.info(str(item.audio)).duration
    return Scored(
        system=system,
        part=part,
        recording=item.audio.stem,
        errors=diarization_errors(reference, hypothesis, duration=duration),
        people=len({turn.speaker for turn in reference}),
        found=len({turn.speaker for turn in hypothesis}),
        duration=duration,
        cpu=found["cpu"],
    )


def table_rows(results: Sequence[Scored]) -> Iterator[Row]:
    """A row for each set and system, in the order in which they first appear."""
    groups: dict[tuple[str, str], list[Scored]] = {}
    for each in results:
        groups.setdefault((each.part, each.system), []).append(each)
    for (part, _), group in groups.items():
        yield _row(group, groups.get((part, BASELINE), []))


def _row(group: Sequence[Scored], baseline: Sequence[Scored]) -> Row:
    totals = [each.errors.total for each in group]
    kinds = {
        "missed %": [each.errors.missed for each in group],
        "false alarm %": [each.errors.false_alarm for each in group],
        "confused %": [each.errors.confusion for each in group],
    }
    row: Row = {"set": group[0].part, "system": group[0].system, "recordings": len(group)}
    row["DER %"] = str(error_rate([each.wrong for each in group], totals))
    row |= {name: error_rate(errors, totals).value for name, errors in kinds.items()}
    row[f"against {BASELINE}"] = _against(group, baseline)
    row["count exact %"] = _count(group, 0)
    row["within one %"] = _count(group, 1)
    spent, heard = sum(each.cpu for each in group), sum(each.duration for each in group)
    return row | {"CPU s per audio s": round(spent / heard, 4)}


def _against(group: Sequence[Scored], baseline: Sequence[Scored]) -> str:
    """Points of DER above the baseline, on the recordings that both have heard."""
    theirs = {each.recording: each for each in baseline}
    ours = [each for each in group if each.recording in theirs]
    if not ours or group[0].system == BASELINE:
        return ""
    others = [theirs[each.recording].wrong for each in ours]
    totals = [each.errors.total for each in ours]
    found = verdict(difference([each.wrong for each in ours], others, totals))
    return found if len(ours) == len(group) else f"{found} ({len(ours)} recordings)"


def _count(group: Sequence[Scored], most: int) -> str:
    """The share of recordings in which the number of speakers is at most *most* off."""
    right = sum(abs(each.people - each.found) <= most for each in group)
    return f"{right} of {len(group)}: {share(right, len(group))}"
