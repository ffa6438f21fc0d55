"""Word confidence fitted to recordings whose text is known."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from trax.asr import PLANS, RecognitionOptions
from trax.asr.calibrating import LabelledRecording, fit_calibration
from trax.asr.confidence import Calibration
from trax.asr.recogniser import PlannedRecogniser
from trax.audio import StoredAudio, probe
from trax.audio.streams import decode_recording
from trax.errors import InvalidOption
from trax.export.files import write_file
from trax.scoring.words import word_error_rate, wrong_words
from trax.transcript import joined_text
from trax.work.workspace import Workspace

Step = Callable[[float], None]


class Entry(BaseModel):
    """A recording whose text is known.

    Attributes:
        file: beside the manifest.
        reference: what is said in it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str
    reference: str
    language: str = "en"
    speaker: str | None = None


def calibrate(
    workspace: Workspace, manifest: Path, name: str, progress: Step = lambda _share: None
) -> Calibration:
    """Fit word confidence to the recordings that *manifest* lists.

    Args:
        name: what the recordings are; the manifest's folder if empty.

    Raises:
        InvalidOption: the manifest cannot be read.
        UnreadableAudio: no audio can be decoded from a recording.
    """
    entries = read_manifest(manifest)
    labelled = recognise_all(entries, manifest.parent, workspace, tuple(PLANS), progress)
    return fit_calibration(labelled, name or manifest.resolve().parent.name)


def write_calibration(calibration: Calibration, target: Path) -> None:
    """Write a calibration as JSON.

    Raises:
        StoreError: the file cannot be written.
    """
    write_file(target, (calibration.model_dump_json(indent=1) + "\n").encode())


def read_manifest(path: Path) -> list[Entry]:
    """The recordings in a JSON list.

    Raises:
        InvalidOption: it cannot be read, or an entry lacks something.
    """
    try:
        entries = [Entry.model_validate(each) for each in json.loads(path.read_bytes())]
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


def recognise_all(
    entries: Sequence[Entry],
    folder: Path,
    workspace: Workspace,
    plans: Sequence[str] = tuple(PLANS),
    progress: Step = lambda _share: None,
) -> list[LabelledRecording]:
    """Every recording as every plan recognises it, plan by plan."""
    known = []
    with _decoded(entries, folder, workspace) as audios:
        for plan in plans:
            for entry, audio in zip(entries, audios, strict=True):
                known.append(recognise(entry, audio, plan, workspace))
                progress(len(known) / (len(plans) * len(entries)))
    return known


def recognise(
    entry: Entry, audio: StoredAudio, plan: str, workspace: Workspace
) -> LabelledRecording:
    """One recording as one plan recognises it, beside its text."""
    options = RecognitionOptions.model_validate({"plan": plan, "language": entry.language})
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


@contextmanager
def _decoded(
    entries: Sequence[Entry], folder: Path, workspace: Workspace
) -> Iterator[list[StoredAudio]]:
    """The audio of each recording, until the block ends."""
    with tempfile.TemporaryDirectory() as scratch:
        audios = []
        for at, entry in enumerate(entries):
            flac = Path(scratch) / f"{at}.flac"
            found = probe(folder / entry.file, workspace.limits)
            decode_recording(folder / entry.file, found, workspace.limits, flac)
            audios.append(StoredAudio.open(flac))
        yield audios
