"""MinIO or any other S3 server as a block."""

import asyncio
from pathlib import Path

from prefect.filesystems import WritableFileSystem
from pydantic import ConfigDict, Field, PrivateAttr, SecretStr

from trax.errors import NotFound
from trax.home import data_folder
from trax.servers import RetentionConfig, S3Config
from trax.store import FolderStore
from trax.store.objects import RetentionPolicy
from trax.store.s3 import CACHE_BYTES, S3Store


class ObjectStore(S3Config, RetentionConfig, WritableFileSystem):
    """Audio, checkpoints and exports on MinIO or another S3 server; also Prefect's own result
    storage.

    Example:
        Keep what Trax makes and what Prefect's tasks return in the same bucket:

        ```
        TRAX_OBJECT_STORE_BLOCK=main
        PREFECT_DEFAULT_RESULT_STORAGE_BLOCK=trax-object-store/main
        ```
    """

    model_config = ConfigDict(frozen=False)

    _block_type_name = "Trax Object Store"
    _block_type_slug = "trax-object-store"
    _description = (
        "Keeps recordings, checkpoints and exports of Trax on MinIO or another S3 server."
    )

    endpoint: str = Field(description="Address of the server.", examples=["http://minio:9000"])
    access_key: SecretStr = Field(description="Access key: the account's name.")
    secret_key: SecretStr = Field(description="Secret key: its password.")

    _store: S3Store | None = PrivateAttr(None)

    def store(self, home: Path | None = None, cache_bytes: int = CACHE_BYTES) -> S3Store:
        """The object store; *home* is the folder for local copies, by default that of all data."""
        if self._store is None:
            cache = FolderStore((home or data_folder()) / "cache")
            retention = RetentionPolicy.configured(self)
            self._store = S3Store(self, cache, retention, cache_bytes)
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
        if not private:
            return state
        return {**state, "__pydantic_private__": {**private, "_store": None}}


def _key(path: str) -> str:
    return f"prefect/{path.lstrip('/')}"
