"""Calibration on recordings whose text is known."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.progress import track

from trax.asr import PLANS, RecognitionOptions
from trax.asr.calibrating import LabelledRecording, fit_calibration
from trax.asr.confidence import Calibration
from trax.asr.recogniser import PlannedRecogniser
from trax.audio import StoredAudio, decode_to_flac
from trax.cli.edge import err, out
from trax.compose import build_workspace
from trax.errors import InvalidOption, StoreError
from trax.scoring.words import word_error_rate, wrong_words
from trax.settings import load_settings
from trax.transcript import joined_text
from trax.work.workspace import Workspace


class Entry(BaseModel):
    """A recording of the list."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str
    reference: str
    language: str = "en"
    speaker: str | None = None


def calibrate_on(manifest: Path, target: Path, name: str) -> Calibration:
    """Fit to the recordings in *manifest*, write the calibration to *target*, say how good it
    is.
    """
    entries = read_manifest(manifest)
    heard = hear_all(entries, manifest.parent, build_workspace(load_settings()))
    calibration = fit_calibration(heard, name)
    try:
        target.write_text(calibration.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror}") from error
    out().print(
        f"{target}: {calibration.words} words, area under the ROC curve {calibration.auc:.3f}, "
        f"calibration error {calibration.ece:.3f} (cross-validated)"
    )
    return calibration


def read_manifest(path: Path) -> list[Entry]:
    """The recordings in a list.

    Raises:
        InvalidOption: it cannot be read, or an entry lacks something.
    """
    try:
        entries = [
            Entry.model_validate(each) for each in json.loads(path.read_text(encoding="utf-8"))
        ]
    except OSError as error:
        raise InvalidOption(f"the list {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidOption(f"the list {path}: {first['loc'][0]}: {first['msg']}") from error
    except (ValueError, TypeError) as error:
        raise InvalidOption(f"the list {path} is no JSON list of recordings ({error})") from error
    if not entries:
        raise InvalidOption(f"the list {path} names no recording")
    return entries


def hear_all(
    entries: Sequence[Entry],
    folder: Path,
    workspace: Workspace,
    plans: Sequence[str] = tuple(PLANS),
) -> list[LabelledRecording]:
    """Every recording as every plan hears it."""
    with tempfile.TemporaryDirectory() as scratch:
        audios = []
        for at, entry in enumerate(entries):
            flac = Path(scratch) / f"{at}.flac"
            decode_to_flac(folder / entry.file, flac, workspace.limits)
            audios.append(StoredAudio.open(flac))
        work = [
            (plan, entry, audio)
            for plan in plans
            for entry, audio in zip(entries, audios, strict=True)
        ]
        return [
            hear(entry, audio, plan, workspace)
            for plan, entry, audio in track(work, "listening", console=err(), transient=True)
        ]


def hear(entry: Entry, audio: StoredAudio, plan: str, workspace: Workspace) -> LabelledRecording:
    """One recording as one plan hears it, beside its text."""
    chosen: dict[str, Any] = {"plan": plan, "language": entry.language}
    options = RecognitionOptions.model_validate(chosen)
    recogniser = workspace.engines.recogniser(options)
    if not isinstance(recogniser, PlannedRecogniser):
        raise InvalidOption("only Trax's own recogniser can be calibrated")
    words = recogniser.hypothesise(audio, options, lambda _share: None).words
    return LabelledRecording(
        words=words,
        wrong=wrong_words(entry.reference, words, entry.language),
        errors=word_error_rate(entry.reference, joined_text(words), entry.language).errors,
        group=entry.speaker or entry.file,
    )
