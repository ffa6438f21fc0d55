"""The object store on MinIO or any other S3 server."""

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urlsplit

import certifi
import urllib3
from minio import Minio
from minio.commonconfig import ENABLED, Filter
from minio.error import MinioException, S3Error
from minio.lifecycleconfig import (
    AbortIncompleteMultipartUpload,
    Expiration,
    LifecycleConfig,
    NoncurrentVersionExpiration,
    Rule,
)
from minio.sse import Sse, SseKMS, SseS3
from minio.versioningconfig import VersioningConfig

from trax.errors import DamagedObject, InvalidOption, StoreError, StoreUnavailable, UnreadableAudio
from trax.servers import S3Config
from trax.store.objects import (
    KEEP_BY_DEFAULT,
    S3,
    FolderStore,
    ObjectRef,
    RetentionPolicy,
    StoredObject,
    check_key,
    disk_error,
    file_digest,
)

_PART = 8 << 20  # bytes in memory for each upload at once
_CHUNK = 1 << 20
_REFUSED = {
    "AccessDenied",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthorizationHeaderMalformed",
}
_MISSING = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "ResourceNotFound"}
_CLOCKS_DIFFER = 0.2  # hours; servers refuse what is a quarter of an hour off
_GRACE = 7  # days by which the bucket's own rules come after the clean-up, which keeps a log
_FOR_EVER = 36_500  # days: servers count in dates, which end
_UPLOAD = "?uploadId="
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IN_USE = timedelta(days=1)
_CACHED = "objects/"  # where copies lie in the cache
CACHE_BYTES = 20 << 30
"""The size of local copies unless told otherwise."""


def encryption(text: str) -> Sse | None:
    """The encryption to ask the server for.

    Raises:
        InvalidOption: *text* is none of ``none``, ``sse-s3``, ``sse-kms:KEY``.
    """
    kind, _, key = text.partition(":")
    if text == "none":
        return None
    if text == "sse-s3":
        return SseS3()
    if kind == "sse-kms" and key:
        return SseKMS(key, {})
    raise InvalidOption(f"encryption {text!r} must be none, sse-s3 or sse-kms:KEY")


class S3Store:
    """Objects in a bucket, each with its SHA-256 among its metadata.

    Objects that were read are kept in *cache* under their digest and the server's entity tag, so
    that an object changed on the server is never taken for the one read before. The bucket is made
    on first use.

    Attributes:
        config: the server.
        retention: how long things are kept.

    Raises:
        InvalidOption: the server's address, its bucket or its encryption makes no sense.
    """

    def __init__(
        self,
        config: S3Config,
        cache: FolderStore,
        retention: RetentionPolicy = KEEP_BY_DEFAULT,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        _check(config)
        self.config = config
        self.retention = retention
        self._cache = cache
        self._cache_bytes = cache_bytes
        self._sse = encryption(config.encryption)

    def put_file(self, key: str, source: Path) -> ObjectRef:
        """Store a copy of the file *source*, in parts; what was under *key* is replaced."""
        check_key(key)
        try:
            ref = ObjectRef(key, file_digest(source), source.stat().st_size)
            with source.open("rb") as file, self._translated(key):
                etag = self._put(ref, file)
            with (
                self._cache.replacing(_cached(ref, etag).key) as partial,
                source.open("rb") as file,
            ):
                _copy(iter(lambda: file.read(_CHUNK), b""), partial)
        except OSError as error:
            raise disk_error(f"cannot read {source.name}", error) from error
        self._trim()
        return ref

    def take_file(self, key: str, source: Path, sha256: str) -> None:
        """Store the file *source* in parts; it is the cache's copy, too."""
        check_key(key)
        try:
            ref = ObjectRef(key, sha256, source.stat().st_size)
            with source.open("rb") as file, self._translated(key):
                etag = self._put(ref, file)
            self._cache.take_file(_cached(ref, etag).key, source, sha256)
        except OSError as error:
            raise disk_error(f"cannot read {source.name}", error) from error
        self._trim()

    def put_bytes(self, key: str, data: bytes) -> ObjectRef:
        """Store *data*; what was under *key* is replaced."""
        check_key(key)
        ref = ObjectRef(key, hashlib.sha256(data).hexdigest(), len(data))
        with self._translated(key):
            self._put(ref, io.BytesIO(data))
        return ref

    def read(self, key: str) -> bytes | None:
        """The bytes under *key*, unverified; ``None`` if missing."""
        with self._translated(key):
            try:
                return b"".join(self._stream(key))
            except S3Error as error:
                if error.code in _MISSING:
                    return None
                raise

    def local_path(self, ref: ObjectRef) -> Path:
        """A verified copy on this machine, downloaded if missing."""
        with self._translated(ref.key):
            try:
                state = self._client.stat_object(self._bucket, ref.key)
            except S3Error as error:
                if error.code in _MISSING:
                    raise DamagedObject(ref.key, "it is missing") from error
                raise
            cached = _cached(ref, (state.etag or "").strip('"'))
            try:
                return self._cache.local_path(cached)
            except DamagedObject:
                self._download(ref, cached.key)
        self._trim()
        return self._cache.local_path(cached)

    def link(self, ref: ObjectRef, name: str = "", media_type: str = "") -> str:
        """A presigned link, at the address that the server has for browsers."""
        with self._translated(ref.key):
            return self._presigning.presigned_get_object(
                self._bucket,
                ref.key,
                expires=timedelta(seconds=self.config.link_seconds),
                response_headers=_shown_as(name, media_type),
            )

    def place(self, ref: ObjectRef) -> str:
        """The object's address."""
        return f"{S3}{self._bucket}/{ref.key}"

    def fetched(self, uri: str) -> Path:
        """A copy of the object at ``s3://bucket/key`` of the same server, fetched again if the
        object has changed.
        """
        bucket, key = split_uri(uri)
        with self._translated(uri):
            try:
                state = self._connected.stat_object(bucket, key)
            except S3Error as error:
                if error.code in _MISSING | {"NoSuchBucket"}:
                    raise UnreadableAudio(uri, "there is no such object") from error
                raise
            state_text = f"{uri} {state.etag} {state.last_modified}"
            cached = f"{_CACHED}{hashlib.sha256(state_text.encode()).hexdigest()}.source"
            path = self._cache.path(cached)
            if not path.exists():
                with self._cache.replacing(cached) as partial:
                    self._connected.fget_object(bucket, key, str(partial))
        path.touch()  # in use
        self._trim()
        return path

    def stat(self, key: str) -> StoredObject | None:
        """What is known of the object under *key*; ``None`` if missing."""
        check_key(key)
        with self._translated(key):
            try:
                state = self._client.stat_object(self._bucket, key)
            except S3Error as error:
                if error.code in _MISSING:
                    return None
                raise
        return StoredObject(key, state.size or 0, state.last_modified or datetime.now(UTC))

    def chunks(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes under *key*, unverified, a part at a time."""
        check_key(key)
        if length == 0:
            return
        with self._translated(key):
            try:
                yield from self._stream(key, start, length or 0)
            except S3Error as error:
                if error.code in _MISSING:
                    raise DamagedObject(key, "it is missing") from error
                raise

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key begins with *prefix*, in the order of their keys."""
        with self._translated(prefix):
            for found in self._client.list_objects(self._bucket, prefix=prefix, recursive=True):
                if found.object_name and not found.is_dir:
                    yield StoredObject(
                        found.object_name, found.size or 0, found.last_modified or datetime.now(UTC)
                    )

    def delete(self, key: str) -> None:
        """Remove an object; a missing one is no error."""
        check_key(key)
        with self._translated(key):
            self._client.remove_object(self._bucket, key)

    def abandoned(self, before: datetime) -> Iterator[StoredObject]:
        """Unfinished multipart uploads, and temporary files on this machine."""
        with self._translated("uploads"):
            listed = self._client._list_multipart_uploads(
                self._bucket
            )  # the client has no public way any more
        for upload in listed.uploads:
            begun = upload.initiated_time or before
            if begun < before:
                yield StoredObject(f"{upload.object_name}{_UPLOAD}{upload.upload_id}", 0, begun)
        yield from self._cache.abandoned(before)

    def discard(self, key: str) -> None:
        """Abort a multipart upload, or remove a temporary file."""
        name, _, number = key.partition(_UPLOAD)
        if not number:
            return self._cache.discard(key)
        with self._translated(name):
            self._client._abort_multipart_upload(self._bucket, name, number)
        return None

    @property
    def scratch(self) -> Path:
        """A folder for temporary files, beside the cache."""
        return self._cache.scratch

    def prepare(self, policy: RetentionPolicy) -> None:
        """Make the bucket if missing, and set its rules.

        Versions are kept. Checkpoints and audio expire a week after the clean-up would have removed
        them, old versions of them after a day, parts of unfinished uploads after a week;
        transcripts never.
        """
        with self._translated(self.config.bucket):
            _prepare(self._connected, self._bucket, policy)

    @property
    def _bucket(self) -> str:
        return self.config.bucket

    @cached_property
    def _client(self) -> Minio:
        """The client, once the bucket is there."""
        if not self._connected.bucket_exists(self._bucket):
            _prepare(self._connected, self._bucket, self.retention)
        return self._connected

    @cached_property
    def _connected(self) -> Minio:
        return connect(self.config)

    @cached_property
    def _presigning(self) -> Minio:
        """The client that makes links; it asks the server nothing."""
        return connect(self.config, self.config.public_endpoint or self.config.endpoint)

    def _put(self, ref: ObjectRef, data: io.BufferedIOBase) -> str:
        """Upload in parts of bounded size, and return the entity tag."""
        made = self._client.put_object(
            self._bucket,
            ref.key,
            data,  # type: ignore[arg-type]
            ref.size_bytes,
            metadata={"sha256": ref.sha256},
            sse=self._sse,
            part_size=_PART,
            num_parallel_uploads=1,
        )
        return (made.etag or "").strip('"')

    def _stream(self, key: str, start: int = 0, length: int = 0) -> Iterator[bytes]:
        """The bytes from *start* on; a *length* of 0 is all of them."""
        response = self._client.get_object(self._bucket, key, offset=start, length=length)
        try:
            yield from response.stream(_CHUNK)
        finally:
            response.close()
            response.release_conn()

    def _download(self, ref: ObjectRef, cached_key: str) -> None:
        with self._cache.replacing(cached_key) as partial:
            if _copy(self._stream(ref.key), partial) != ref.sha256:
                raise DamagedObject(ref.key, "its bytes differ from their digest")

    def _trim(self) -> None:
        """Trim the cache to its size, except for copies of today, which may be in use."""
        kept = sorted(self._cache.list(_CACHED), key=lambda each: each.modified_at, reverse=True)
        total, today = 0, datetime.now(UTC) - _IN_USE
        for each in kept:
            total += each.size_bytes
            if total > self._cache_bytes and each.modified_at < today:
                self._cache.delete(each.key)

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        with raising_store_errors(self.config, key):
            yield


def _check(config: S3Config) -> None:
    """Refuse an address or a bucket that no server can have, without quoting a password in it."""
    _check_address(config.endpoint, "endpoint")
    if config.public_endpoint:
        _check_address(config.public_endpoint, "public endpoint")
    if not _BUCKET.fullmatch(config.bucket):
        raise InvalidOption(
            f"{config.bucket!r} cannot be a bucket: 3 to 63 small letters, digits, dots and hyphens"
        )


def _check_address(address: str, name: str) -> None:
    parts = urlsplit(address)
    is_address = parts.scheme in ("http", "https") and parts.hostname
    if not is_address or parts.username or parts.path.strip("/"):
        raise InvalidOption(f"the object store's {name} must look like http://host:9000")


def _shown_as(name: str, media_type: str) -> dict[str, str | list[str] | tuple[str]]:
    """What the server is to say of an object, so that a browser shows it and knows its name."""
    headers: dict[str, str | list[str] | tuple[str]] = {}
    if media_type:
        headers["response-content-type"] = media_type
    if name:
        headers["response-content-disposition"] = f"inline; filename*=UTF-8''{quote(name, safe='')}"
    return headers


def connect(config: S3Config, endpoint: str = "") -> Minio:
    """A client that retries for a while; of the server at *endpoint* if it is not the usual."""
    parts = urlsplit(endpoint or config.endpoint)
    pool = urllib3.PoolManager(
        maxsize=16,
        timeout=urllib3.Timeout(connect=5, read=60),
        retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
    )
    return Minio(
        parts.netloc,
        access_key=config.access_key.get_secret_value(),
        secret_key=config.secret_key.get_secret_value(),
        secure=parts.scheme == "https",
        region=config.region,
        http_client=pool,
    )


@contextmanager
def raising_store_errors(config: S3Config, key: str) -> Iterator[None]:
    """Turn the client's errors into ours."""
    try:
        yield
    except S3Error as error:
        hours = _clock_off(error)
        if abs(hours) > _CLOCKS_DIFFER:
            way = "behind" if hours > 0 else "ahead of"
            raise StoreError(
                f"the clock of this machine is {abs(hours):.1f} h {way} the object store's, which "
                f"refuses {key}: set it"
            ) from error
        if error.code in _REFUSED:
            raise StoreError(
                f"the object store refuses {key} ({error.code}): check its keys"
            ) from error
        raise StoreUnavailable(f"the object store cannot serve {key}: {error.code}") from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        reason = f"the object store at {config.endpoint} does not answer: {type(error).__name__}"
        raise StoreUnavailable(reason) from error


def _clock_off(error: S3Error) -> float:
    """Hours that the server's clock is ahead of this one, as its refusal is dated; 0 if it does not
    say. An answer without a body says no more than that access is denied.
    """
    said = error.response.headers.get("Date", "") if error.response is not None else ""
    try:
        return (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds() / 3600
    except (TypeError, ValueError):
        return 0.0


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``.

    >>> split_uri("s3://recordings/2026/talk.mp3")
    ('recordings', '2026/talk.mp3')

    Raises:
        InvalidOption: *uri* does not look like that.
    """
    bucket, _, key = uri.removeprefix(S3).partition("/")
    if not uri.startswith(S3) or not bucket:
        raise InvalidOption(f"{uri!r} must look like s3://bucket/key")
    return bucket, key


def _cached(ref: ObjectRef, etag: str) -> ObjectRef:
    return ObjectRef(f"{_CACHED}{ref.sha256}.{etag}", ref.sha256, ref.size_bytes)


def _copy(chunks: Iterator[bytes], target: Path) -> str:
    """Write *chunks* and return their SHA-256."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _prepare(client: Minio, bucket: str, policy: RetentionPolicy) -> None:
    if not client.bucket_exists(bucket):
        try:
            client.make_bucket(bucket)
        except S3Error as error:
            if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise
    client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    client.set_bucket_lifecycle(bucket, LifecycleConfig(_rules(policy)))


def _rules(policy: RetentionPolicy) -> list[Rule]:
    kept = {"checkpoints": policy.checkpoint_days, "recordings": policy.audio_days}
    rules = [
        Rule(
            ENABLED,
            rule_filter=Filter(prefix=f"{name}/"),
            rule_id=f"trax-{name}",
            expiration=None if days is None else Expiration(days=min(days, _FOR_EVER) + _GRACE),
            noncurrent_version_expiration=NoncurrentVersionExpiration(noncurrent_days=1),
        )
        for name, days in kept.items()
    ]
    unfinished = AbortIncompleteMultipartUpload(days_after_initiation=_GRACE)
    uploads = Rule(
        ENABLED,
        rule_filter=Filter(prefix=""),
        rule_id="trax-uploads",
        abort_incomplete_multipart_upload=unfinished,
    )
    return [*rules, uploads]
