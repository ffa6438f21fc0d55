"""Recordings with their text, in the forms in which people have them."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trax.audio import SUFFIXES
from trax.errors import InvalidDocument, InvalidOption
from trax.scoring.documents import Utterance, read_scorable
from trax.scoring.texts import decoded

_MANIFESTS = ("manifest.json", "manifest.jsonl", "metadata.jsonl", "metadata.csv", "manifest.csv")
_TEXTS = (".json", ".stm", ".vtt", ".srt", ".ctm", ".txt")
_FILE_KEYS = ("file", "file_name", "audio", "audio_filepath", "path")
_TEXT_KEYS = ("reference", "text", "transcription", "transcript", "sentence")
_TERM_KEYS = ("terms", "slots")
_SPEAKER_KEYS = ("speaker", "speaker_id", "client_id")
_TABLES = {".csv": ",", ".tsv": "\t"}
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenText:
    """A recording and what is said in it.

    Attributes:
        audio: the recording.
        name: of the recording, for people.
        utterances: its text, with times where they are known; empty if there is no text.
        speaker: who speaks, if it is one person.
        language: the model's code for it; empty if nobody says so.
        terms: what matters of the text.
    """

    audio: Path
    name: str
    utterances: tuple[Utterance, ...] = ()
    speaker: str = ""
    language: str = ""
    terms: tuple[str, ...] = ()


def spoken_texts(source: Path) -> list[SpokenText]:
    """The recordings that a folder or a list names, each with its text if it has one.

    A list is JSON, JSON lines, CSV or TSV with a file and its text in each entry; a folder has
    such a list (as Hugging Face's ``datasets`` have), or files with the text beside each recording:
    a transcript of Trax, STM, CTM, SubRip, WebVTT or plain text.

    Raises:
        InvalidOption: there is no such place, or no recording in it.
        InvalidDocument: a list or a text cannot be parsed.
    """
    if source.is_file():
        found = list(_listed(source))
    elif source.is_dir():
        found = list(_in_folder(source))
    else:
        raise InvalidOption(f"there is no folder or list {source}")
    if not found:
        raise InvalidOption(f"{source} has no recordings")
    return found


def _in_folder(folder: Path) -> Iterator[SpokenText]:
    """Of the folder and those below it."""
    for name in _MANIFESTS:
        if (folder / name).is_file():
            yield from _listed(folder / name)
            return
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            yield from _in_folder(path)
        elif path.suffix.lower() in SUFFIXES:
            yield _with_text_beside(path)


def _with_text_beside(audio: Path) -> SpokenText:
    for suffix in _TEXTS:
        text = audio.with_suffix(suffix)
        if text.is_file():
            utterances = tuple(read_scorable(text).utterances)
            return SpokenText(audio=audio, name=audio.name, utterances=utterances)
    return SpokenText(audio=audio, name=audio.name)


def _listed(manifest: Path) -> Iterator[SpokenText]:
    for at, row in enumerate(_rows(manifest), start=1):
        file = _first(row, _FILE_KEYS)
        if not file:
            raise InvalidDocument(str(manifest), f"entry {at} names no file")
        audio = manifest.parent / file
        if not audio.is_file():
            raise InvalidDocument(str(manifest), f"entry {at}: there is no file {file}")
        text = _first(row, _TEXT_KEYS)
        speaker = _first(row, _SPEAKER_KEYS)
        utterances = (Utterance(speaker or _UNKNOWN, text),) if text else ()
        yield SpokenText(
            audio=audio,
            name=file,
            utterances=utterances,
            speaker=speaker,
            language=_first(row, ("language",)),
            terms=_terms(row),
        )


def _rows(manifest: Path) -> Sequence[Mapping[str, Any]]:
    try:
        text = decoded(manifest.read_bytes())
        rows = _parsed(manifest.suffix.lower(), text)
    except OSError as error:
        raise InvalidDocument(str(manifest), error.strerror or str(error)) from error
    except (ValueError, csv.Error) as error:
        raise InvalidDocument(str(manifest), f"it is no list of recordings ({error})") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidDocument(str(manifest), "it is no list of recordings")
    return rows


def _parsed(suffix: str, text: str) -> Any:
    if suffix in _TABLES:
        return list(csv.DictReader(io.StringIO(text), delimiter=_TABLES[suffix]))
    if suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return json.loads(text)


def _first(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The first of *keys* that the row has a text for."""
    for key in keys:
        value = row.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _terms(row: Mapping[str, Any]) -> tuple[str, ...]:
    for key in _TERM_KEYS:
        value = row.get(key)
        if isinstance(value, list):
            return tuple(str(each) for each in value)
    return ()
