"""Transcripts and what belongs to them."""

from pathlib import Path

from trax.errors import InvalidDocument, NotFound
from trax.progress import StageRun
from trax.store import JobRepository, TranscriptRepository
from trax.transcript import Transcript
from trax.transcript.codec import from_json
from trax.work.workspace import Workspace


def read_transcript(path: Path) -> Transcript:
    """The transcript in an exported JSON file.

    Raises:
        InvalidDocument: it cannot be read, or is no transcript.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidDocument(str(path), error.strerror or "it cannot be read") from error
    return from_json(Transcript, data, str(path))


def stages_of(
    transcripts: TranscriptRepository, jobs: JobRepository, reference: str
) -> list[StageRun]:
    """How the stages went that made the newest version of a transcript.

    Raises:
        NotFound: there is no such transcript.
    """
    newest = transcripts.versions(reference)[0]
    return jobs.stage_runs(newest.job_id or "")


def audio_of(workspace: Workspace, transcript: Transcript) -> Path:
    """The recording's audio as it was recognised: a file to be read, never written.

    Raises:
        NotFound: it is no longer kept.
    """
    sha256 = transcript.recording.sha256
    for kept in workspace.checkpoints.all("ingest"):
        if kept.checkpoint is not None and kept.checkpoint.recording == sha256:
            return workspace.objects.local_path(kept.checkpoint.outputs["audio"])
    name = transcript.recording.name
    raise NotFound("audio", name, "it is no longer kept: transcribe the recording again")
