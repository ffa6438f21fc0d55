"""Stored objects as files that can be read anywhere, without a copy on this machine."""

import io

from trax.store.objects import ObjectStore

_BUFFER = 1 << 20  # bytes asked for at once


def open_object(objects: ObjectStore, key: str, size_bytes: int) -> io.BufferedReader:
    """The object under *key*, of *size_bytes*, as a file; each jump in it asks the store again.

    Raises:
        DamagedObject: reading finds it missing.
        StoreUnavailable: reading finds that the store does not answer.
    """
    return io.BufferedReader(_ObjectFile(objects, key, size_bytes), _BUFFER)


class _ObjectFile(io.RawIOBase):
    """Reads an object a range at a time."""

    def __init__(self, objects: ObjectStore, key: str, size_bytes: int) -> None:
        self._objects = objects
        self._key = key
        self._size_bytes = size_bytes
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The position in bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position, which is returned."""
        bases = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}
        position = bases[whence] + offset
        if position < 0:
            raise ValueError(f"cannot seek to {position}")
        self._at = position
        return position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill *buffer* from the position on; gives how much there was."""
        wanted = min(len(buffer), self._size_bytes - self._at)
        if wanted <= 0:
            return 0
        found = b"".join(self._objects.chunks(self._key, self._at, wanted))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
