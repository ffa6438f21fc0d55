"""Transcripts as files: in any format, language, and without personal data."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from shutil import copyfile

from trax.audio import StoredAudio, compact
from trax.audio.silence import silence_spans
from trax.enhance.privacy import KINDS
from trax.enhance.redaction import joined_spans, redacted
from trax.export import FORMATS
from trax.export.player import with_sound
from trax.export.translation import translation_of
from trax.service.placing import Placing
from trax.service.transcripts import audio_of
from trax.stages.voices import exports_of
from trax.store import Database, ObjectRef, ObjectStore
from trax.transcript import Span, Transcript
from trax.work.workspace import Workspace

_SHOWN = ("application/json", "application/vnd.", "image/")
"""How types of media begin that browsers show, or open elsewhere; they show other text as plain."""

_PART_BYTES = 1 << 20
_MARGIN = 0.1  # seconds of silence on both sides of a word: its edges are known to about as much


def rendered(document: Transcript, formats: Sequence[str]) -> dict[str, bytes]:
    """*document* in each format."""
    return {name: FORMATS[name].render(document) for name in formats}


def write_files(
    database: Database, document: Transcript, data: Mapping[str, bytes], folder: Path
) -> dict[str, Path]:
    """Write *data* to *folder*, by format, under the recording's name; return the files.

    Another recording's files of that name stay: these get a number.

    Args:
        database: knows which files were written before.
        data: what *document* is in each format.

    Raises:
        StoreError: a file cannot be written.
    """
    stem = Path(document.recording.name).stem or document.id
    digests = {name: hashlib.sha256(each).hexdigest() for name, each in data.items()}
    placing = Placing(database, folder, stem, document.recording.sha256)
    return placing.write(digests, lambda name, target: target.write_bytes(data[name]))


def player_page(
    workspace: Workspace, document: Transcript, spans: Sequence[Span], folder: Path
) -> Iterator[bytes]:
    """The page of the format ``html`` with the sound within, in parts; silent in *spans*, and where
    words were deleted with their sound.

    Args:
        folder: where files may lie until the last part was taken.

    Raises:
        NotFound: the recording's audio is no longer kept.
    """
    audio = audio_of(workspace, document)
    if spans or document.silenced:
        audio = folder / "silenced.flac"
        write_redacted_audio(workspace, document, spans, audio)
    sound = folder / "sound.m4a"
    compact.write_compact(StoredAudio.open(audio), sound, lambda _share: None)
    return with_sound(document, _read(sound), compact.MEDIA_TYPE)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_PART_BYTES):
            yield part


def copy_files(
    workspace: Workspace,
    exports: Mapping[str, ObjectRef],
    folder: Path,
    stem: str,
    recording: str,
) -> dict[str, Path]:
    """Copy a job's stored exports to *folder*, under the name *stem*; return the files.

    Another recording's files of that name stay: these get a number.

    Args:
        recording: SHA-256 of the recording.

    Raises:
        StoreError: a file cannot be written.
        DamagedObject: a stored export is missing or damaged.
    """
    stored = {name: workspace.objects.local_path(ref) for name, ref in exports.items()}
    digests = {name: ref.sha256 for name, ref in exports.items()}
    placing = Placing(workspace.database, folder, stem, recording)
    return placing.write(digests, lambda name, target: copyfile(stored[name], target))


def store_files(
    workspace: Workspace, reference: str, formats: Sequence[str], language: str = ""
) -> dict[str, str]:
    """Put the exports of a transcript in the object store; return a link to each, by format, or its
    place if the store has no links.

    Raises:
        NotFound: there is no such transcript or translation.
        StoreError: an export cannot be stored.
    """
    document = in_language(workspace.repository.get(reference), language)
    version = workspace.repository.versions(document.id)[0].version
    parts = [str(version), language] if language else [str(version)]
    links = {}
    for name in formats:
        key = exports_of(document.id) + ".".join([*parts, name])
        stored = workspace.objects.put_bytes(key, FORMATS[name].render(document))
        links[name] = link_or_place(workspace.objects, stored, document.recording.name, name)
    return links


def link_or_place(objects: ObjectStore, stored: ObjectRef, recording: str, name: str) -> str:
    """A link that shows a stored export in a browser, or its place if the store has no links.

    Args:
        recording: the recording's name, by which the browser saves it.
        name: the export's format.
    """
    media_type = FORMATS[name].media_type
    shown = media_type if media_type.startswith(_SHOWN) else "text/plain; charset=utf-8"
    link = objects.link(stored, f"{PurePath(recording).stem}.{name}", shown)
    return link or objects.place(stored)


def in_language(document: Transcript, language: str) -> Transcript:
    """*document* in the translation to *language*; as it is if *language* is empty.

    Raises:
        NotFound: it was not translated to that language.
    """
    return translation_of(document, language) if language else document


def redact(
    document: Transcript, kinds: Sequence[str], spacy_model: str = ""
) -> tuple[Transcript, list[Span]]:
    """*document* without personal data of *kinds*, and when that is said; ``all`` is every kind.

    Raises:
        InvalidOption: there is no such kind.
        MissingPart: Presidio is not installed.
    """
    chosen = KINDS if tuple(kinds) == ("all",) else kinds
    return redacted(document, chosen, spacy_model)


def write_silenced_audio(workspace: Workspace, document: Transcript, target: Path) -> None:
    """Write the recording of *document* to *target* (FLAC), silent where words were deleted with
    their sound; words that stay are heard whole.

    Raises:
        NotFound: the recording's audio is no longer kept.
        StoreError: *target* cannot be written.
    """
    silence_spans(audio_of(workspace, document), target, quiet_spans(document))


def quiet_spans(document: Transcript) -> list[Span]:
    """What is silenced, and next to it as much as is nobody's word; by start.

    Where a word that stays overlaps a deleted one, the sound in common is silent.
    """
    starts = sorted(word.start for word in document.words)
    ends = sorted(word.end for word in document.words)
    wide = []
    for span in document.silenced:
        before = bisect_right(ends, span.start)
        after = bisect_left(starts, span.end)
        start = max(span.start - _MARGIN, ends[before - 1] if before else 0.0)
        end = min(span.end + _MARGIN, starts[after] if after < len(starts) else span.end + _MARGIN)
        wide.append(Span(max(0.0, start), end))
    return joined_spans(wide, 0.0)


def write_redacted_audio(
    workspace: Workspace, document: Transcript, spans: Sequence[Span], target: Path
) -> None:
    """Write the recording of *document* to *target* (FLAC), silent in *spans* and next to them, and
    where words were deleted with their sound.

    Raises:
        NotFound: the recording's audio is no longer kept.
        StoreError: *target* cannot be written.
    """
    quiet = joined_spans([*joined_spans(spans, _MARGIN), *quiet_spans(document)], 0.0)
    silence_spans(audio_of(workspace, document), target, quiet)
