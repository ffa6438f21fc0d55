"""What browsers are given of a recording: its sound, its picture, and how loud it is over time.

A recording is played as it is where browsers can; of any other a compact copy is made once. Copies
and peaks lie beside the recording's audio in the object store, and go with it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Literal

from anyio import to_thread

from trax.audio import StoredAudio, compact, peaks
from trax.audio.browsers import Media, media_of
from trax.audio.silence import silence_spans
from trax.errors import NotReady
from trax.progress import Progress
from trax.service.copies import Write, gone, make_copy
from trax.service.originals import Chunks, Original, find_original, opened, stored
from trax.service.preparing import READY, Preparation, Preparations
from trax.store.objects import StoredObject
from trax.store.recordings import RecordingRecord
from trax.transcript import Span
from trax.work.workspace import Workspace

Form = Literal["auto", "browser", "original"]
"""Which bytes of a recording: whatever browsers play, the copy for them, or its own."""


class PerSecond(IntEnum):
    """Points of peaks for each second."""

    WHOLE = 20
    """To be drawn whole."""
    ENLARGED = 100


_ORIGINALS = 1000  # that are remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Bytes to be sent, whole or in parts.

    Attributes:
        tag: names exactly these bytes.
        chunks: gives a part of them.
    """

    media_type: str
    size_bytes: int
    tag: str
    modified_at: datetime
    chunks: Chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaState:
    """What there is of a recording to be played and drawn.

    Attributes:
        original: how browsers take the recording itself; ``None`` if it is no longer kept.
        original_bytes: its size.
        copy: how the copy for browsers stands.
        peaks: how the peaks to be drawn whole stand.
    """

    original: Media | None
    original_bytes: int
    copy: Preparation
    peaks: Preparation

    @property
    def plays_original(self) -> bool:
        """Whether the recording is played as it is."""
        return self.original is not None and self.original.plays


@dataclass(frozen=True, slots=True)
class _Copy:
    """Something that is kept under *key*, once it is made."""

    key: str
    media_type: str


class Player:
    """Gives out media of recordings, and makes what is missing.

    What is given out with *quiet* spans is silent there, and never the recording itself.

    Args:
        preparations: make it.
    """

    def __init__(self, workspace: Workspace, preparations: Preparations) -> None:
        self._workspace = workspace
        self._preparations = preparations
        self._media: dict[str, Media] = {}

    def close(self) -> None:
        """Make nothing more."""
        self._preparations.close()

    def state(self, recording: RecordingRecord, quiet: Sequence[Span] = ()) -> MediaState:
        """What there is of a recording."""
        original = find_original(self._workspace, recording)
        media = None if original is None else self._described(recording, original)
        if media is not None and quiet:
            media = replace(media, kind="audio", plays=False)
        return MediaState(
            original=media,
            original_bytes=0 if original is None else original.size_bytes,
            copy=self._preparation(_copy_key(recording, quiet)),
            peaks=self._preparation(_peaks_key(recording, PerSecond.WHOLE, quiet)),
        )

    def prepare(self, recording: RecordingRecord, quiet: Sequence[Span] = ()) -> None:
        """Have made what it takes to play and draw a recording, and is missing."""
        if not self.state(recording, quiet).plays_original:
            self._ask_copy(recording, quiet)
        self._ask_peaks(recording, PerSecond.WHOLE, quiet)

    async def sound(
        self, recording: RecordingRecord, form: Form, wait: float, quiet: Sequence[Span] = ()
    ) -> Served:
        """The sound of a recording, with its picture if browsers play it as it is.

        Args:
            wait: seconds to wait for a copy that has to be made.

        Raises:
            NotFound: it is no longer kept.
            NotReady: the copy is not made yet.
        """
        return await self._sent(partial(self._sound, recording, form, quiet), wait)

    async def peaks(
        self,
        recording: RecordingRecord,
        per_second: PerSecond,
        wait: float,
        quiet: Sequence[Span] = (),
    ) -> Served:
        """The peaks of a recording's sound, in audiowaveform's format.

        Raises:
            NotFound: the sound is no longer kept.
            NotReady: they are not made yet.
        """
        return await self._sent(partial(self._ask_peaks, recording, per_second, quiet), wait)

    async def _sent(self, ask: Callable[[], Served | _Copy], wait: float) -> Served:
        """What was asked for, once it is made; nothing blocks a thread meanwhile."""
        found = await to_thread.run_sync(ask)
        if isinstance(found, Served):
            return found
        await self._preparations.settled(found.key, wait)
        return await to_thread.run_sync(self._made, found)

    def _sound(
        self, recording: RecordingRecord, form: Form, quiet: Sequence[Span]
    ) -> Served | _Copy:
        if quiet:
            return self._ask_copy(recording, quiet)
        original = None
        if form != "browser":
            original = find_original(self._workspace, recording)
        if original is not None:
            media = self._described(recording, original)
            if media.plays or form == "original":
                return _as_it_is(recording, original, media)
        if form == "original":
            raise gone(recording)
        return self._ask_copy(recording, ())

    def _described(self, recording: RecordingRecord, original: Original) -> Media:
        known = self._media.get(recording.sha256)
        if known is not None:
            return known
        if len(self._media) >= _ORIGINALS:
            self._media.clear()
        with opened(original) as file:
            found = media_of(file, original.size_bytes)
        self._media[recording.sha256] = found
        return found

    def _ask_copy(self, recording: RecordingRecord, quiet: Sequence[Span]) -> _Copy:
        wanted = _Copy(_copy_key(recording, quiet), compact.MEDIA_TYPE)
        self._ask(wanted.key, recording, _silencing(compact.write_compact, quiet))
        return wanted

    def _ask_peaks(
        self, recording: RecordingRecord, per_second: PerSecond, quiet: Sequence[Span]
    ) -> _Copy:
        def write(audio: StoredAudio, target: Path, progress: Progress) -> None:
            peaks.write_peaks(audio, target, per_second, progress)

        wanted = _Copy(_peaks_key(recording, per_second, quiet), peaks.MEDIA_TYPE)
        self._ask(wanted.key, recording, _silencing(write, quiet))
        return wanted

    def _ask(self, key: str, recording: RecordingRecord, write: Write) -> None:
        if self._workspace.objects.stat(key) is None:
            self._preparations.ask(key, partial(make_copy, self._workspace, recording, key, write))

    def _preparation(self, key: str) -> Preparation:
        if self._workspace.objects.stat(key) is not None:
            return READY
        return self._preparations.state(key)

    def _made(self, wanted: _Copy) -> Served:
        found = self._workspace.objects.stat(wanted.key)
        if found is None:
            state = self._preparations.state(wanted.key)
            if state.error is not None:
                raise state.error
            raise NotReady(state.share)
        return _stored(self._workspace, found, wanted.media_type)


def _silencing(write: Write, quiet: Sequence[Span]) -> Write:
    """As *write*, of the sound with silence in it."""
    if not quiet:
        return write

    def written(audio: StoredAudio, target: Path, progress: Progress) -> None:
        silent = target.with_suffix(".silent.flac")
        silence_spans(audio.path, silent, quiet)
        write(StoredAudio.open(silent), target, progress)

    return written


def _copy_key(recording: RecordingRecord, quiet: Sequence[Span]) -> str:
    return f"{_folder(recording)}browser{_name(quiet)}.m4a"


def _peaks_key(recording: RecordingRecord, per_second: PerSecond, quiet: Sequence[Span]) -> str:
    return f"{_folder(recording)}peaks-{per_second}{_name(quiet)}.dat"


def _name(quiet: Sequence[Span]) -> str:
    """Names spans in a key; nothing if there are none."""
    if not quiet:
        return ""
    times = ",".join(f"{span.start:.6f}-{span.end:.6f}" for span in quiet)
    return f"-{hashlib.sha256(times.encode()).hexdigest()[:16]}"


def _folder(recording: RecordingRecord) -> str:
    """Each account's own: what is ready for one does not tell that another has the same bytes."""
    account = recording.sight.account
    whose = f"{account}/" if account else ""
    return f"recordings/{recording.sha256}/{whose}"


def _as_it_is(recording: RecordingRecord, original: Original, media: Media) -> Served:
    return Served(
        media_type=media.media_type,
        size_bytes=original.size_bytes,
        tag=recording.sha256,
        modified_at=recording.created_at,  # the bytes may have been written again for others
        chunks=original.chunks,
    )


def _stored(workspace: Workspace, state: StoredObject, media_type: str) -> Served:
    found = stored(workspace.objects, state)
    _recordings, digest, *_whose, name = state.key.split("/")
    return Served(
        media_type=media_type,
        size_bytes=found.size_bytes,
        tag=f"{digest[:16]}-{name}-{found.size_bytes}-{found.modified_at.timestamp():.0f}",
        modified_at=found.modified_at,
        chunks=found.chunks,
    )
