"""Personal data left out of what leaves the house."""

from pathlib import Path

from trax.audio.silence import silence_spans
from trax.cli.edge import err, names
from trax.compose import process_workspace
from trax.enhance.privacy import KINDS
from trax.enhance.redaction import joined_spans, redacted
from trax.errors import NotFound
from trax.settings import load_settings
from trax.transcript import Transcript

_MARGIN = 0.1  # seconds of silence on both sides of a word: its edges are known to about as much


def redacted_export(transcript: Transcript, listed: str, audio: Path | None) -> Transcript:
    """The transcript without personal data of the kinds *listed*, and its sound without it in the
    file *audio*.

    Raises:
        InvalidOption: there is no such kind.
        NotFound: the recording's audio is not kept.
    """
    kinds = KINDS if listed.strip() == "all" else tuple(names(listed, "kind of personal data"))
    document, spans = redacted(transcript, kinds, load_settings().spacy_model)
    err().print(f"{len(spans)} places left out", style="dim")
    if audio is not None:
        silence_spans(_audio(transcript), audio, joined_spans(spans, _MARGIN))
    return document


def _audio(transcript: Transcript) -> Path:
    """The recording's sound as it was recognised."""
    workspace, sha256 = process_workspace(), transcript.recording.sha256
    for kept in workspace.checkpoints.all("ingest"):
        if kept.checkpoint is not None and kept.checkpoint.recording == sha256:
            return workspace.objects.local_path(kept.checkpoint.outputs["audio"])
    raise NotFound(
        "audio", transcript.recording.name, "transcribe the recording again: it is not kept"
    )
