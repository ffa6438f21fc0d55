"""Where the recordings with references are."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "corpus"


@dataclass(frozen=True, slots=True)
class Item:
    """A recording and what is known of it.

    Attributes:
        reference: document that `trax.scoring.read_scorable` reads; empty for clips, whose text is
            in *text*.
        facts: the corpus' own entry.
    """

    audio: Path
    reference: Path
    text: str
    facts: dict[str, Any]


def corpus() -> Path:
    """The corpus folder; ends the program with one sentence where there is none."""
    folder = Path(os.environ.get("TRAX_CORPUS", DEFAULT))
    if not (folder / "conversations").is_dir():
        sys.exit(
            f"no corpus at {folder}: set TRAX_CORPUS to a folder with clips/, conversations/ "
            "and diarization/"
        )
    return folder


def conversations() -> Iterator[Item]:
    """Conversations with words, speakers and times."""
    for audio in sorted((corpus() / "conversations").glob("*.flac")):
        yield Item(audio, audio.with_suffix(".seglst.json"), "", {"set": "conversations"})


def diarization() -> Iterator[Item]:
    """Recordings with speaker turns alone."""
    folder = corpus() / "diarization"
    for facts in json.loads((folder / "manifest.json").read_text()):
        yield Item(folder / facts["file"], folder / facts["rttm"], "", facts)


def all_clips() -> Iterator[Item]:
    """Short clips of one speaker with their text, in all languages."""
    folder = corpus() / "clips"
    for facts in json.loads((folder / "manifest.json").read_text()):
        yield Item(folder / facts["file"], Path(), facts["reference"], facts)


def clips(language: str = "en") -> Iterator[Item]:
    """Those in one language."""
    return (item for item in all_clips() if item.facts["language"] == language)
