"""What people corrected in transcripts, as speech with its text."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from trax.adapters.sources import SpokenText
from trax.errors import InvalidOption, StoreError, UnreadableAudio
from trax.revision.corrected import corrected_lines
from trax.scoring.documents import Utterance
from trax.store.objects import file_digest
from trax.transcript import Segment, Transcript
from trax.work.folder_settings import NAME, folder_settings
from trax.work.recordings import is_file, recording_file
from trax.work.workspace import Workspace

TRANSCRIPT = "transcript:"
"""How a source begins that is a transcript, by its id or ``latest``."""

CORRECTIONS = "corrections:"
"""How a source begins that is a folder whose recordings' corrections may be learnt from."""


def corrected_text(workspace: Workspace, reference: str) -> SpokenText:
    """The lines of a transcript in which somebody corrected or confirmed a word, with its sound.

    Raises:
        NotFound: there is no such transcript.
        InvalidOption: nobody corrected anything in it, its folder says that nothing is to be
            learnt from it, or its sound is gone.
    """
    transcript = workspace.repository.get(reference)
    if consent(workspace, transcript.recording.sha256) is False:
        raise InvalidOption(
            f"transcript {transcript.id} is not to be learnt from: the settings beside its "
            "recording say so"
        )
    lines = corrected_lines(transcript)
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


def consented(workspace: Workspace, folder: Path) -> list[SpokenText]:
    """The corrected lines of all transcripts whose recordings lie in *folder* or below it, where
    settings beside them say that they may be learnt from. Those whose sound is gone are left out.

    Raises:
        InvalidOption: there are none.
    """
    found = []
    for reference in consented_ids(workspace, folder):
        with suppress(InvalidOption):
            found.append(corrected_text(workspace, reference))
    if not found:
        raise InvalidOption(
            f"there is nothing to learn from in {folder}: no transcript of a recording there has "
            f"been corrected, or no {NAME} beside one says learn = true"
        )
    return found


def consented_ids(workspace: Workspace, folder: Path) -> Iterator[str]:
    """The ids of transcripts that people changed and that may be learnt from unasked, as the
    settings beside their recordings say.

    Args:
        folder: the recordings lie in it or below it.
    """
    for reference in workspace.revisions.revised():
        sha256 = workspace.repository.get(reference).recording.sha256
        if consent(workspace, sha256, folder):
            yield reference


def consent(workspace: Workspace, sha256: str, folder: Path = Path("/")) -> bool | None:
    """What the settings beside a recording say of learning from its corrections; where copies of
    it lie in several folders, one that refuses decides.

    Args:
        folder: only files in it or below it are looked at.
    """
    said = set()
    for source in workspace.recordings.sources(workspace.recordings.get(sha256)):
        if is_file(source) and Path(source).is_relative_to(folder):
            said.add(folder_settings(Path(source)).learn)
    if False in said:
        return False
    return True if True in said else None


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
