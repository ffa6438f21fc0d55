"""Voice replacement on made mixes, whose speech and background are known.

``python -m benchmarks.revoice MUSIC`` with a folder of music as the Debian package
asterisk-moh-opsound-g722 has it. Nothing of these mixes was used to tune anything.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.corpus import all_clips
from benchmarks.keeping import kept_or_made
from benchmarks.machine import conditions
from benchmarks.mixes import RATE, build
from benchmarks.report import Row, write
from benchmarks.revoice_figures import Measuring
from trax.audio.master import Master
from trax.compose import build_workspace
from trax.diarization import DiarizationOptions
from trax.pipelines.revoice import REVOICE, identify_revoicing, report_of, revoice_result
from trax.settings import load_settings
from trax.stages.options import TranscribeOptions
from trax.stages.replacement import Replacement, RevoiceOptions
from trax.stages.stems import Stems, voice_at
from trax.work.running import compute, load
from trax.work.values import StageResult
from trax.work.workspace import Workspace

_CLEAR_PEAK = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Case:
    """A mix, and what is asked for it."""

    name: str
    speakers: tuple[str, ...]
    background: str
    below: float
    clips: int
    voice: str = ""
    reference: str = ""
    seed: int = 0


def cases(music: Path) -> Iterator[Case]:
    """Two and three speakers; music and street noise; a stock voice, a reference, made-up ones."""
    simple, dity = music / "macroform-the_simplicity.g722", music / "macroform-robot_dity.g722"
    yield Case(
        "2 speakers, music, stock voice",
        ("1688", "2033"),
        str(simple),
        12,
        4,
        voice="af_heart",
        seed=1,
    )
    yield Case(
        "2 speakers, street, reference", ("1998", "2414"), "street", 12, 4, reference="LJ", seed=2
    )
    yield Case(
        "3 speakers, music, anonymous",
        ("2609", "2414", "1688"),
        str(dity),
        15,
        3,
        voice="anonymous",
        seed=3,
    )


class Costs:
    """Processor time and memory of each stage, run one after the other."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[float, float]] = {}

    def run(self, workspace: Workspace, job: Any) -> dict[str, StageResult]:
        """Run all stages of a job."""
        results: dict[str, StageResult] = {}
        for stage in REVOICE.stages:
            _CLEAR_PEAK.write_text("5")
            began = time.process_time()
            inputs = {role: results[name] for role, name in stage.reads.items()}
            results[stage.name] = compute(stage, workspace, job, inputs)
            self.rows[stage.name] = (time.process_time() - began, _peak())
        return results


def _peak() -> float:
    line = next(x for x in _STATUS.read_text().splitlines() if x.startswith("VmHWM:"))
    return int(line.split()[1]) / 1e6


def main() -> None:
    """Measure every case, and write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("music", type=Path)
    parser.add_argument("--only", type=int, default=None)
    parser.add_argument("--keep", type=Path, default=None, help="folder for recordings and figures")
    arguments = parser.parse_args()
    note = conditions()
    workspace = build_workspace(load_settings())
    rows: list[Row] = []
    details: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for number, case in enumerate(cases(arguments.music)):
            if arguments.only in (None, number):
                kept = folder / f"figures-{number}.pickle" if arguments.keep else None
                row, detail = kept_or_made(kept, partial(measured, case, folder, workspace))
                rows.append(row)
                details.append(detail)
                print(row, flush=True)
    figures = list(rows[0])[1:]
    table: list[Row] = [
        {"figure": name, **{str(row["case"]): row[name] for row in rows}} for name in figures
    ]
    write("revoice", table, [note, *NOTES], details)


NOTES = (
    "Words are recognised by the plan accurate from the result less the true background; the "
    "check of the pipeline uses the plan fast.",
    "A start is the first sound of an utterance: the old one in the clean voice, above the middle "
    "(in dB) of the clip's noise and its loud parts; the new one in the result less the background "
    "that it was given, 30 dB below its loud parts.",
    "SI-SDR, level and leak of the background are measured under replaced speech alone. Below 80 "
    "Hz a reader's own recording has rumble, which stays in the background and is no part of the "
    "true one.",
)


def measured(case: Case, folder: Path, workspace: Workspace) -> tuple[Row, dict[str, Any]]:
    """One case's figures, and its utterances."""
    name = case.name.replace(", ", "-").replace(" ", "-")
    mix = build(folder, name, case.speakers, case.background, case.below, case.clips, case.seed)
    job = identify_revoicing(workspace, mix.path, _options(case, folder))
    costs = Costs()
    results = costs.run(workspace, job)
    result = revoice_result(job, results)
    report = report_of(workspace, result)
    after = soundfile.read(
        str(workspace.objects.local_path(result.audio)), dtype="float32", always_2d=True
    )[0]
    soundfile.write(str(folder / f"{name}.after.flac"), after, RATE, subtype="PCM_16")
    stems = load(workspace, Stems, results["separate"], "stems.json")
    kept = Master.open(workspace.objects.local_path(results["separate"].outputs["voice.flac"]))
    separated = voice_at(kept, stems.parts, 0, len(after))
    measuring = Measuring(mix, after, case.speakers[0], separated, report)
    seconds = len(after) / RATE
    figures: Row = {"case": case.name, "seconds": round(seconds, 1)}
    figures |= measuring.words(workspace)
    figures |= measuring.voices()
    figures |= measuring.times()
    figures |= measuring.elsewhere()
    figures |= measuring.background()
    for stage, (processor, peak) in costs.rows.items():
        figures[f"{stage}: CPU s per s"] = round(processor / seconds, 3)
        figures[f"{stage}: peak GB"] = round(peak, 2)
    total = sum(processor for processor, _ in costs.rows.values())
    figures["all: CPU s per s"] = round(total / seconds, 2)
    left = [asdict(each) for each in report.left]
    utterances = [asdict(each) for each in report.utterances]
    return figures, {"case": case.name, "utterances": utterances, "left": left}


def _options(case: Case, folder: Path) -> RevoiceOptions:
    reference = str(_reference(case.reference, folder)) if case.reference else ""
    new = Replacement(
        speaker="Speaker 1",
        voice=case.voice,
        reference=reference,
        consent="a public recording" if reference else "",
    )
    diarization = DiarizationOptions(model="packaged", speakers=len(case.speakers))
    return RevoiceOptions(
        replacements=(new,), transcription=TranscribeOptions(diarization=diarization)
    )


def _reference(speaker: str, folder: Path) -> Path:
    """All clips of a speaker, one after the other."""
    mine = [item.audio for item in all_clips() if item.facts["speaker"] == speaker]
    read = [soundfile.read(str(path), dtype="float32") for path in mine]
    target = folder / f"{speaker}.wav"
    soundfile.write(str(target), np.concatenate([sound for sound, _ in read]), read[0][1])
    return target


if __name__ == "__main__":
    main()
