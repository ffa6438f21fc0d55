"""What a file beside recordings says of them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from trax.errors import InvalidOption

NAME = "trax.toml"


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """What a folder says of the recordings in it.

    Attributes:
        adapter: that they are read with; empty if it names none.
        learn: whether what people correct in them may be learnt from; ``None`` if it does not say,
            so that whoever wants to has to name the transcripts.
    """

    adapter: str = ""
    learn: bool | None = None


def folder_settings(recording: Path) -> FolderSettings:
    """What ``trax.toml`` beside the recording says.

    Raises:
        InvalidOption: the file cannot be read, or says something else.
    """
    path = recording.parent / NAME
    if not path.is_file():
        return FolderSettings()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidOption(f"{path} cannot be read: {error}") from error
    adapter, learn = found.get("adapter", ""), found.get("learn")
    if not isinstance(adapter, str):
        raise InvalidOption(f"{path}: adapter is not a name")
    if not isinstance(learn, bool | None):
        raise InvalidOption(f"{path}: learn is neither true nor false")
    return FolderSettings(adapter, learn)
