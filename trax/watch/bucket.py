"""A prefix of a bucket on an S3 server."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from itertools import count
from pathlib import PurePosixPath

from minio import Minio
from minio.commonconfig import CopySource
from minio.error import S3Error

from trax.audio import SUFFIXES
from trax.errors import InvalidOption
from trax.export.files import fitting, numbered
from trax.servers import S3Config
from trax.store.objects import S3
from trax.store.s3 import connect, raising_store_errors, split_uri
from trax.watch.places import Entry, Outcome, is_recording


class BucketPlace:
    """The recordings below ``s3://bucket/prefix``. Objects are always whole.

    Raises:
        InvalidOption: *uri* is no such address.
    """

    def __init__(self, uri: str, config: S3Config) -> None:
        self._config = config
        self._bucket, prefix = split_uri(uri)
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    @property
    def name(self) -> str:
        """Its address."""
        return f"{S3}{self._bucket}/{self._prefix}"

    def entries(self) -> Iterator[Entry]:
        """The recordings."""
        with self._translated(self.name):
            if not self._client.bucket_exists(self._bucket):
                raise InvalidOption(f"there is no bucket {self._bucket} to watch")
            listed = self._client.list_objects(self._bucket, prefix=self._prefix, recursive=True)
            for found in listed:
                path = PurePosixPath((found.object_name or "").removeprefix(self._prefix))
                if path.parts and is_recording(path):
                    stamp = f"{found.etag}:{found.size}:{found.last_modified}"
                    yield Entry(str(path), stamp, whole=True)

    def uri(self, path: str) -> str:
        """The object's address."""
        return self.name + path

    def read(self, path: PurePosixPath) -> bytes | None:
        """The object at *path*."""
        key = self._prefix + str(path)
        with self._translated(key):
            try:
                answer = self._client.get_object(self._bucket, key)
            except S3Error as error:
                if error.code == "NoSuchKey":
                    return None
                raise
            try:
                return bytes(answer.read())
            finally:
                answer.close()
                answer.release_conn()

    def put_away(self, path: str, outcome: Outcome, files: Mapping[str, bytes]) -> str:
        """Copy an object on the server, then remove it."""
        source = PurePosixPath(path)
        folder = f"{self._prefix}{PurePosixPath(outcome, path).parent}/"
        with self._translated(path):
            stem = self._free_stem(folder, source.stem, files if outcome == "done" else {})
            short = fitting(stem)
            for ending, data in files.items():
                key = f"{folder}{short}{ending}"
                self._client.put_object(self._bucket, key, io.BytesIO(data), len(data))
            target = f"{folder}{fitting(stem, suffix_bytes=len(source.suffix))}{source.suffix}"
            self._move(self._prefix + path, target)
        return f"{S3}{self._bucket}/{target}"

    def _free_stem(self, folder: str, stem: str, files: Mapping[str, bytes]) -> str:
        """*stem*, numbered if another recording of that name is in *folder*, or its *files*."""
        listed = self._client.list_objects(self._bucket, prefix=folder)
        taken = {PurePosixPath(found.object_name or "").name: found.etag for found in listed}
        names = (numbered(stem, number) for number in count(1))
        return next(name for name in names if _is_free(name, files, taken))

    def _move(self, key: str, target: str) -> None:
        """Copy an object, then remove it; one that was moved before is no error."""
        try:
            self._client.copy_object(self._bucket, target, CopySource(self._bucket, key))
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
        self._client.remove_object(self._bucket, key)

    @cached_property
    def _client(self) -> Minio:
        return connect(self._config)

    def _translated(self, key: str) -> AbstractContextManager[None]:
        return raising_store_errors(self._config, key)


def _is_free(stem: str, files: Mapping[str, bytes], taken: Mapping[str, str | None]) -> bool:
    """Whether no recording is called *stem*, and no file that *files* would change.

    Args:
        taken: entity tags of the objects that are there, by name: MD5 for small ones.
    """
    if any(f"{fitting(stem, suffix_bytes=len(suffix))}{suffix}" in taken for suffix in SUFFIXES):
        return False
    short = fitting(stem)
    tags = {f"{short}{ending}": _tag(data) for ending, data in files.items()}
    return all((taken.get(name) or "").strip('"') in ("", tag) for name, tag in tags.items())


def _tag(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
