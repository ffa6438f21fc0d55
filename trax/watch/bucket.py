"""A prefix of a bucket on an S3 server."""

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
from trax.servers import S3Config
from trax.store.objects import S3
from trax.store.s3 import connect, raising_store_errors, split_uri
from trax.watch.places import Entry, Outcome, is_recording, numbered


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
            stem = self._free_stem(folder, source.stem)
            for ending, data in files.items():
                key = f"{folder}{stem}{ending}"
                self._client.put_object(self._bucket, key, io.BytesIO(data), len(data))
            target = f"{folder}{stem}{source.suffix}"
            self._move(self._prefix + path, target)
        return f"{S3}{self._bucket}/{target}"

    def _free_stem(self, folder: str, stem: str) -> str:
        """*stem*, numbered if a recording of that name is in *folder*."""
        listed = self._client.list_objects(self._bucket, prefix=folder)
        taken = {PurePosixPath(found.object_name or "").name for found in listed}
        for number in count(1):
            name = numbered(stem, number)
            if not any(f"{name}{suffix}" in taken for suffix in SUFFIXES):
                return name
        raise AssertionError("numbers do not end")

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
