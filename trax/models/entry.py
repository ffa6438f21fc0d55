"""What the catalogue says of a model."""

from dataclasses import dataclass
from enum import StrEnum

from trax.transcript.languages import ENGLISH, LANGUAGES

ENGLISH_ONLY = frozenset({ENGLISH})
WITH_CANTONESE = frozenset(LANGUAGES)
WITHOUT_CANTONESE = WITH_CANTONESE - {"yue"}
"""What most Whisper models cover."""


class Kind(StrEnum):
    """What a model is for."""

    RECOGNITION = "recognition"
    DIARIZATION = "diarization"
    EMBEDDING = "text embedding"
    SEPARATION = "separation"
    SYNTHESIS = "synthesis"
    CLONING = "cloning"
    WATERMARK = "watermark"


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """One file of a model, shipped in installed packages.

    Attributes:
        name: the file's name in the model's folder.
        parts: ``package/path`` of each piece, in the order in which they are joined.
        sha256: digest of the whole file.
    """

    name: str
    parts: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """A model of the catalogue.

    Attributes:
        name: what people call it.
        kind: what it is for.
        languages: the languages it covers, in words.
        codes: and by code, for recognition.
        licence: of the weights.
        summary: what it is good for, in a few words.
        hub: repository on the model hub; empty if it has none.
        wanted: patterns of the hub's files that are needed; empty for all.
        gated: whether the hub needs the token of an account that has accepted the model's terms.
        packaged: files shipped in packages; empty if none are.
        packages: distributions that ship those files.
    """

    name: str
    kind: Kind
    languages: str
    licence: str
    summary: str
    hub: str = ""
    wanted: tuple[str, ...] = ()
    gated: bool = False
    packaged: tuple[PackagedFile, ...] = ()
    packages: tuple[str, ...] = ()
    codes: frozenset[str] = WITHOUT_CANTONESE


def packaged_files(text: str) -> tuple[PackagedFile, ...]:
    """Parse a table with a file on each line: its name, its SHA-256, its parts."""
    files = []
    for line in text.strip().splitlines():
        name, sha256, *parts = line.split()
        files.append(PackagedFile(name, tuple(parts), sha256))
    return tuple(files)
