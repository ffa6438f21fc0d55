"""Replaced voices beside the old ones: a folder with a page on which each utterance is heard before
and after.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import soundfile

from trax.audio import probe
from trax.audio.master import Frames, Master, decode_master
from trax.audio.provenance import replaced_voices
from trax.errors import InvalidOption, NotFound, StoreError
from trax.export.files import fitting, write_file
from trax.pipelines.revoice import REVOICE
from trax.service.comparing_page import Heard, page
from trax.service.copies import gone, kept_sound
from trax.service.originals import find_original
from trax.service.revoiced import outputs_of
from trax.store import JobRecord
from trax.store.recordings import RecordingRecord
from trax.transcript import Span
from trax.transcript.codec import from_json
from trax.voice.report import Report, Row
from trax.work.patient import patient
from trax.work.recordings import recording_file
from trax.work.workspace import Workspace

PAGE = "index.html"
"""What the page is called in its folder."""

_AROUND = 0.5  # seconds before and after an utterance that are heard with it
_MOST_CHANNELS = 2  # that browsers play everywhere


@dataclass(frozen=True, slots=True)
class Compared:
    """A folder that was written.

    Attributes:
        utterances: that can be heard in it.
    """

    page: Path
    utterances: int


def compare(workspace: Workspace, reference: str, target: Path | None = None) -> Compared:
    """Write a folder in which the utterances of a voice replacement are heard before and after.

    Args:
        reference: a file that a job made, or the id of the job.
        target: the folder; by default one that is called as the recording, in the current folder.

    Raises:
        NotFound: there is no such job, it replaced no voices, or its sound is kept no longer.
        InvalidOption: nothing says that voices were replaced in the file, or *target* is in use.
        UnreadableAudio: there is no audio in the file.
        StoreError: the folder cannot be written.
    """
    workspace = patient(workspace)
    job = _job(workspace, reference)
    made = outputs_of(workspace, job.id)
    data = workspace.objects.local_path(made["report"]).read_bytes()
    report = from_json(Report, data, made["report"].key)
    folder = target or Path(fitting(f"{Path(report.name).stem}.compare"))
    _check_free(folder)
    after = Master.open(workspace.objects.local_path(made["audio"]))
    with _recorded(workspace, workspace.recordings.get(report.recording)) as before:
        heard = [
            _cut(row, number, before, after, folder)
            for number, row in enumerate(report.utterances, 1)
        ]
    write_file(folder / PAGE, page(report, heard))
    return Compared(folder / PAGE, len(heard))


def _job(workspace: Workspace, reference: str) -> JobRecord:
    path = Path(reference)
    name = _made_by(path) if path.is_file() else reference
    job = workspace.jobs.get(name)
    if job.pipeline != REVOICE.name:
        raise NotFound("voice replacement", reference, "the job replaces no voices")
    return job


def _made_by(path: Path) -> str:
    """The id of the job that made a file."""
    job = (replaced_voices(path) or {}).get("job")
    if not job:
        raise InvalidOption(f"nothing in {path} says that Trax replaced voices in it")
    return job


def _check_free(folder: Path) -> None:
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise InvalidOption(f"{folder} is in use; name a new folder")


@contextmanager
def _recorded(workspace: Workspace, recording: RecordingRecord) -> Iterator[Master]:
    """A recording as it was handed in; as it was recognised, where that is all that is kept."""
    with tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="before-") as name:
        folder = Path(name)
        original = find_original(workspace, recording)
        if original is not None:
            with recording_file(workspace, original.source) as source:
                found = probe(source, workspace.limits)
                yield decode_master(source, found, workspace.limits, folder)
            return
        kept = kept_sound(workspace, recording)
        if kept is None:
            raise gone(recording)
        with (folder / "audio.flac").open("wb") as file:
            file.writelines(workspace.objects.chunks(kept))
        yield Master.open(folder / "audio.flac")


def _cut(row: Row, number: int, before: Master, after: Master, folder: Path) -> Heard:
    """An utterance in both recordings, from the same second to the same second."""
    span = Span(
        max(0.0, min(row.start, row.original_start) - _AROUND),
        max(row.end, row.original_end) + _AROUND,
    )
    names = [f"{number:04}-{which}.flac" for which in ("before", "after")]
    for name, master in zip(names, (before, after), strict=True):
        rate = master.shape.sample_rate
        samples = master.read(round(span.start * rate), round(span.end * rate))
        _write(folder / name, samples, rate)
    return Heard(row, *names)


def _write(path: Path, samples: Frames, sample_rate: int) -> None:
    wide = samples.shape[1] > _MOST_CHANNELS
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        heard = samples.mean(axis=1) if wide else samples
        soundfile.write(str(path), heard, sample_rate, subtype="PCM_16", format="FLAC")
    except (OSError, soundfile.SoundFileError) as error:
        raise StoreError(f"cannot write {path}: {error}") from error
