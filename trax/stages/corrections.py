"""What people corrected in transcripts, as speech with its text."""

from pathlib import Path

from trax.adapters.sources import SpokenText
from trax.errors import InvalidOption, StoreError, UnreadableAudio
from trax.revision import SURE
from trax.scoring.documents import Utterance
from trax.store.objects import file_digest
from trax.transcript import Segment, Transcript
from trax.work.recordings import recording_file
from trax.work.workspace import Workspace

TRANSCRIPT = "transcript:"
"""How a source begins that is a transcript, by its id or ``latest``."""


def corrected_text(workspace: Workspace, reference: str) -> SpokenText:
    """The lines of a transcript in which somebody corrected or confirmed a word, with its sound.

    Raises:
        NotFound: there is no such transcript.
        InvalidOption: nobody corrected anything in it, or its sound is gone.
    """
    transcript = workspace.repository.get(reference)
    lines = [segment for segment in transcript.segments if _is_corrected(segment)]
    if not lines:
        raise InvalidOption(
            f"nobody has corrected or confirmed a word of transcript {transcript.id} yet"
        )
    return SpokenText(
        audio=_sound(workspace, transcript),
        name=transcript.recording.name,
        utterances=tuple(_utterance(segment) for segment in lines),
        language=transcript.language,
    )


def _is_corrected(segment: Segment) -> bool:
    """Whether somebody decided on one of its words, which then is certain."""
    return any(word.confidence == SURE for word in segment.words)


def _utterance(segment: Segment) -> Utterance:
    return Utterance(segment.speaker or "", segment.text, segment.start, segment.end)


def _sound(workspace: Workspace, transcript: Transcript) -> Path:
    """The file with the recording, if its bytes are still where some job found them."""
    sha256 = transcript.recording.sha256
    recording = workspace.recordings.get(sha256)
    for source in workspace.recordings.sources(recording):
        try:
            with recording_file(workspace, source) as file:
                if file_digest(file) == sha256:
                    return file
        except (UnreadableAudio, StoreError, OSError):
            continue
    raise InvalidOption(f"the sound of {transcript.recording.name} is gone")
