"""What a session leaves on disk while it runs: its sound as it came, and its journal."""

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Self

from pydantic import BaseModel, TypeAdapter, ValidationError

from trax.diarization.profiles import VoiceProfile
from trax.errors import Busy, InputError, InvalidDocument, NotFound, StoreUnavailable
from trax.live.events import Numbered, Said, event_from, event_json
from trax.live.options import LiveOptions

_HEADER, _SOUND, _JOURNAL = "session.json", "sound", "journal.jsonl"
_VOICES = "voices.json"
_SYNC = 1.0  # seconds from one write to the disk itself to the next
_RETRY_AFTER = 5  # seconds
_BLOCK = 840 << 7  # bytes; whole moments of any number of channels

_PROFILES: TypeAdapter[dict[str, VoiceProfile]] = TypeAdapter(dict[str, VoiceProfile])

_log = logging.getLogger("trax")


class Header(BaseModel):
    """What a session is.

    Attributes:
        account: whose it is; empty if it is nobody's.
        began: seconds since 1970.
    """

    id: str
    account: str = ""
    author: str = ""
    began: float
    options: LiveOptions


class Kept:
    """A session's folder.

    Sound is in the hands of the system as soon as it came: a process that is killed loses nothing
    of it, a machine that loses power at most the last second.
    """

    def __init__(self, folder: Path, header: Header) -> None:
        self.folder = folder
        self.header = header
        self._unwritten = b""  # lines for which there was no room
        try:
            self._journal = (folder / _JOURNAL).open("ab", buffering=0)
            self._hold()
            _cut_last_line(folder / _JOURNAL)
            self._sound = (folder / _SOUND).open("a+b", buffering=0)
        except OSError as error:
            raise _unavailable(folder, error) from error
        self._size_bytes = (folder / _SOUND).stat().st_size
        self._synced = time.monotonic()

    def _hold(self) -> None:
        """Let no other process work on the session while it is open here."""
        try:
            fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._journal.close()
            raise Busy("another process works on this live session", _RETRY_AFTER) from error

    @classmethod
    def create(cls, home: Path, header: Header) -> Self:
        """The folder of a new session below *home*.

        Raises:
            StoreUnavailable: it cannot be made.
        """
        folder = home / header.id
        try:
            folder.mkdir(parents=True)
            folder.chmod(0o700)
            partial = folder / f"{_HEADER}.part"
            partial.write_text(header.model_dump_json(), encoding="utf-8")
            partial.replace(folder / _HEADER)
        except OSError as error:
            raise _unavailable(folder, error) from error
        return cls(folder, header)

    @classmethod
    def open(cls, home: Path, session_id: str) -> Self:
        """The folder of a session that began before.

        Raises:
            NotFound: there is none.
            Busy: another process works on it.
        """
        return cls(home / session_id, header_of(home, session_id))

    @property
    def received(self) -> int:
        """Bytes of sound that came."""
        return self._size_bytes

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is kept here."""
        return self._journal.closed

    def sound(self) -> Path:
        """The file with the sound as it came."""
        return self.folder / _SOUND

    def blocks(self) -> Iterator[bytes]:
        """The sound as it came, from its beginning."""
        with self.sound().open("rb") as file:
            while block := file.read(_BLOCK):
                yield block

    def sound_at(self, first: int, most: int) -> bytes:
        """At most so many bytes of the sound from byte *first* on; none where it ends.

        Raises:
            StoreUnavailable: they cannot be read.
        """
        try:
            return os.pread(self._sound.fileno(), most, first)
        except (OSError, ValueError) as error:
            raise StoreUnavailable("the live session's sound cannot be read") from error

    def add_sound(self, data: bytes) -> None:
        """Keep the bytes that follow: all of them, or none.

        Raises:
            StoreUnavailable: they cannot be kept.
        """
        if self.is_closed:
            raise StoreUnavailable("the live session is not open here any more")
        try:
            _append(self._sound, data)
            self._size_bytes += len(data)
            if time.monotonic() - self._synced > _SYNC:
                os.fsync(self._sound.fileno())
                self._synced = time.monotonic()
        except OSError as error:
            raise _unavailable(self.folder, error) from error

    def add_event(self, numbered: Numbered) -> None:
        """Keep an event, tentative words left out.

        Raises:
            StoreUnavailable: it cannot be kept now; it is tried again with the next one.
        """
        event = numbered.event
        if isinstance(event, Said):
            if not event.committed:
                return
            event = Said(committed=event.committed, heard=event.heard)
        self._unwritten += event_json(Numbered(numbered.seq, event)) + b"\n"
        if self.is_closed:
            raise StoreUnavailable("the live session is not open here any more")
        try:
            _append(self._journal, self._unwritten)
        except OSError as error:
            raise _unavailable(self.folder, error) from error
        self._unwritten = b""

    def events(self) -> Iterator[Numbered]:
        """What happened so far; a last line that was cut is left out."""
        return events_of(self.folder)

    def keep_voices(self, voices: Mapping[str, VoiceProfile]) -> None:
        """Keep how speakers sound, by label, in place of what was kept of that.

        Raises:
            StoreUnavailable: it cannot be kept now.
        """
        partial = self.folder / f"{_VOICES}.part"
        try:
            partial.write_bytes(_PROFILES.dump_json(dict(voices)))
            partial.replace(self.folder / _VOICES)
        except OSError as error:
            raise _unavailable(self.folder, error) from error

    def voices(self) -> dict[str, VoiceProfile]:
        """How speakers sound, by label; nothing if that is damaged: they are heard anew."""
        try:
            return _PROFILES.validate_json((self.folder / _VOICES).read_bytes())
        except (OSError, ValidationError):
            return {}

    def close(self) -> None:
        """Close the files."""
        self._sound.close()
        self._journal.close()


def _append(file: FileIO, data: bytes) -> None:
    """Write all of *data* at the end of *file*, or nothing."""
    before = os.fstat(file.fileno()).st_size
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) or 0 :]
    except OSError:
        with suppress(OSError):
            os.truncate(file.fileno(), before)
        raise


def forget_sound(folder: Path) -> None:
    """Remove the sound in a session's folder, and how voices sound in it."""
    for name in (_SOUND, _VOICES, f"{_VOICES}.part"):
        (folder / name).unlink(missing_ok=True)


def forget_session(folder: Path) -> None:
    """Remove everything that is kept of a session."""
    shutil.rmtree(folder, ignore_errors=True)


def journal_size(folder: Path) -> int:
    """Bytes of the journal in a session's folder; it only grows."""
    path = folder / _JOURNAL
    return path.stat().st_size if path.exists() else 0


def _cut_last_line(path: Path) -> None:
    """Take away a line that was not written to its end."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        whole = sum(len(line) for line in file if line.endswith(b"\n"))
        file.truncate(whole)


def events_of(folder: Path) -> Iterator[Numbered]:
    """The events in a session's folder.

    Raises:
        InvalidDocument: its journal is damaged.
    """
    if not (folder / _JOURNAL).exists():
        return
    with (folder / _JOURNAL).open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield event_from(line)


def header_of(home: Path, session_id: str) -> Header:
    """What a session is.

    Raises:
        NotFound: there is none with that id.
        InvalidDocument: its header is damaged.
    """
    if not session_id.isalnum():
        raise NotFound("live session", session_id)
    try:
        return Header.model_validate_json((home / session_id / _HEADER).read_bytes())
    except OSError as error:
        raise NotFound("live session", session_id) from error
    except ValidationError as error:
        raise InvalidDocument("a live session's header", str(error)) from error


def headers(home: Path) -> Iterator[Header]:
    """All sessions below *home*, the newest first; damaged ones are left out."""
    found = []
    for path in home.glob(f"*/{_HEADER}"):
        try:
            found.append(header_of(home, path.parent.name))
        except InputError as error:
            _log.debug("a live session is left out: %s", error)
    yield from sorted(found, key=lambda each: -each.began)


def _unavailable(folder: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(f"the live session cannot be kept in {folder}: {error.strerror}")
