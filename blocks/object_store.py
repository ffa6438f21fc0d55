"""MinIO or any other S3 server as a block."""

import asyncio
from pathlib import Path

from prefect.filesystems import WritableFileSystem
from pydantic import Field, PrivateAttr, SecretStr

from trax.errors import NotFound
from trax.home import data_folder
from trax.store import FolderStore
from trax.store.objects import RetentionPolicy
from trax.store.s3 import S3Config, S3Store


class ObjectStore(WritableFileSystem):
    """Audio, checkpoints and exports on MinIO or another S3 server; also Prefect's own result
    storage.

    Example:
        Keep what Trax makes and what Prefect's tasks return in the same bucket:

        ```
        TRAX_OBJECT_STORE_BLOCK=main
        PREFECT_DEFAULT_RESULT_STORAGE_BLOCK=trax-object-store/main
        ```
    """

    _block_type_name = "Trax Object Store"
    _block_type_slug = "trax-object-store"
    _description = (
        "Keeps recordings, checkpoints and exports of Trax on MinIO or another S3 server."
    )

    endpoint: str = Field(description="Where the server is.", examples=["http://minio:9000"])
    bucket: str = Field("trax", description="Made on first use, with versions and expiry rules.")
    access_key: SecretStr = Field(description="Access key: the name of an account.")
    secret_key: SecretStr = Field(description="Secret key: its password.")
    region: str = Field("us-east-1", description="Region of the server.")
    encryption: str = Field(
        "none", description="none, sse-s3, or sse-kms:KEY.", examples=["sse-s3"]
    )
    link_seconds: int = Field(
        604_800, gt=0, le=604_800, description="For how long links to objects work."
    )
    keep_audio_days: int | None = Field(
        None, ge=1, description="Days that decoded audio is kept; empty: for ever."
    )
    keep_checkpoint_days: int | None = Field(
        30, ge=1, description="Days that results of stages are kept."
    )

    _store: S3Store | None = PrivateAttr(None)

    def store(self, home: Path | None = None) -> S3Store:
        """The object store; *home* is the folder for local copies, by default that of all data."""
        if self._store is None:
            config = S3Config(
                endpoint=self.endpoint,
                bucket=self.bucket,
                access_key=self.access_key.get_secret_value(),
                secret_key=self.secret_key.get_secret_value(),
                region=self.region,
                encryption=self.encryption,
                link_seconds=self.link_seconds,
            )
            policy = RetentionPolicy(
                audio_days=self.keep_audio_days, checkpoint_days=self.keep_checkpoint_days
            )
            folder = home or data_folder()
            self._store = S3Store(config, FolderStore(folder / "cache"), policy)
        return self._store

    def read_path(self, path: str, *, _sync: bool = True) -> bytes:  # type: ignore[override] # Prefect says _sync
        """The bytes of a result of Prefect's.

        Raises:
            NotFound: there is none.
        """
        data = self.store().read(_key(path))
        if data is None:
            raise NotFound("result", path)
        return data

    def write_path(self, path: str, content: bytes, *, _sync: bool = True) -> None:  # type: ignore[override]
        """Keep a result of Prefect's."""
        self.store().put_bytes(_key(path), content)

    async def aread_path(self, path: str) -> bytes:
        """As `read_path`."""
        return await asyncio.to_thread(self.read_path, path)

    async def awrite_path(self, path: str, content: bytes) -> None:
        """As `write_path`."""
        await asyncio.to_thread(self.write_path, path, content)

    def __getstate__(self) -> dict[object, object]:
        """Without the open connection, which stays in its process."""
        state = super().__getstate__()
        private = state.get("__pydantic_private__")
        return {
            **state,
            "__pydantic_private__": {**private, "_store": None} if private else private,
        }


def _key(path: str) -> str:
    return f"prefect/{path.lstrip('/')}"
