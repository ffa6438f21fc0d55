"""What only the S3 store has: encryption, refusals, its copies, memory."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from urllib.request import urlopen

import pytest
from minio.sse import SseKMS, SseS3
from pydantic import SecretStr

from trax.errors import InvalidOption, StoreError, StoreUnavailable
from trax.servers import S3Config
from trax.store import FolderStore
from trax.store.s3 import S3Store, encryption
from trax.testing.servers import S3Server


@pytest.fixture
def s3(s3_server, tmp_path) -> S3Store:
    return S3Store(s3_server.config(), FolderStore(tmp_path / "cache"))


def secret(config: S3Config) -> str:
    """The secret key, to hand to another process."""
    return config.secret_key.get_secret_value()


class TestConfiguration:
    @pytest.mark.parametrize(
        "endpoint",
        [
            "",
            "minio:9000",
            "ftp://minio",
            "http://",
            "http://me:secret@minio:9000",
            "http://minio/path",
        ],
    )
    def test_an_endpoint_that_is_none_is_refused(self, endpoint, tmp_path):
        """Without a word of what may be a password in it."""
        config = S3Config(endpoint=endpoint, bucket="trax", access_key="a", secret_key="s")
        with pytest.raises(InvalidOption, match="http://host:9000") as caught:
            S3Store(config, FolderStore(tmp_path))
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("bucket", ["", "ab", "Trax", "trax_", "-trax", "a" * 64, "a/b"])
    def test_a_bucket_that_can_be_none_is_refused(self, bucket, tmp_path):
        """Before any server is asked."""
        config = S3Config(endpoint="http://minio:9000", bucket=bucket)
        with pytest.raises(InvalidOption, match="cannot be a bucket"):
            S3Store(config, FolderStore(tmp_path))

    def test_keys_are_not_shown(self):
        """Not by accident in a log."""
        config = S3Config(
            endpoint="http://minio:9000", bucket="trax", access_key="geheim1", secret_key="geheim2"
        )
        assert "geheim" not in repr(config)

    def test_encryption_is_asked_for_by_name(self):
        """By the server's key or a named one."""
        assert encryption("none") is None
        assert isinstance(encryption("sse-s3"), SseS3)
        assert isinstance(encryption("sse-kms:trax"), SseKMS)
        for wrong in ("", "aes", "sse-kms", "sse-kms:"):
            with pytest.raises(InvalidOption, match="none, sse-s3 or sse-kms:KEY"):
                encryption(wrong)

    def test_encryption_is_asked_for_with_every_object(self, s3, monkeypatch):
        """The server is told in the request's headers."""
        asked = []
        encrypted = S3Store(s3.config.model_copy(update={"encryption": "sse-s3"}), s3._cache)
        monkeypatch.setattr(
            type(s3._client),
            "put_object",
            lambda self, *args, **options: asked.append(options["sse"]) or _Made(),
        )
        encrypted.put_bytes("k", b"data")
        assert [sse.headers() for sse in asked] == [{"X-Amz-Server-Side-Encryption": "AES256"}]

    @pytest.mark.parametrize(("encryption", "readable"), [("none", True), ("sse-s3", False)])
    def test_a_server_that_encrypts_keeps_no_readable_bytes(self, tmp_path, encryption, readable):
        """Looked for in the server's own files; the object comes back whole."""
        server = S3Server(tmp_path / "server")
        try:
            store = S3Store(server.config(encryption=encryption), FolderStore(tmp_path / "cache"))
            data = os.urandom(100_000)
            ref = store.put_bytes("recordings/a", data)
            assert store.local_path(ref).read_bytes() == data
        finally:
            server.stop()
        kept = [path.read_bytes() for path in (tmp_path / "server").rglob("*") if path.is_file()]
        assert any(data[:64] in each for each in kept) is readable


class _Made:
    etag = "e"


class TestRefusals:
    def test_a_wrong_key_is_told_and_not_tried_again(self, s3, tmp_path):
        """It will not become right."""
        config = s3.config.model_copy(update={"secret_key": SecretStr("wrong")})
        stranger = S3Store(config, FolderStore(tmp_path / "other"))
        with pytest.raises(StoreError, match="check its keys") as caught:
            stranger.put_bytes("k", b"data")
        assert not caught.value.transient
        assert "wrong" not in str(caught.value)

    def test_a_server_that_is_not_there_is_transient(self, tmp_path):
        """It may come."""
        config = S3Config(
            endpoint="http://127.0.0.1:1", bucket="trax", access_key="a", secret_key="s"
        )
        with pytest.raises(StoreUnavailable, match="does not answer"):
            S3Store(config, FolderStore(tmp_path)).read("k")

    def test_a_bucket_that_another_makes_meanwhile_is_taken(self, s3_server, tmp_path):
        """Two workers begin at once."""
        config = s3_server.config()
        program = (
            "import sys; from pathlib import Path; from trax.store import FolderStore\n"
            "from trax.servers import S3Config; from trax.store.s3 import S3Store\n"
            "endpoint, bucket, secret, folder = sys.argv[1:]\n"
            "config = S3Config(endpoint=endpoint, bucket=bucket, access_key='test', "
            "secret_key=secret)\n"
            "S3Store(config, FolderStore(Path(folder))).put_bytes('k', b'data')\n"
        )
        arguments = [config.endpoint, config.bucket, secret(config), str(tmp_path)]
        workers = [
            subprocess.Popen([sys.executable, "-c", program, *arguments], stderr=subprocess.PIPE)
            for _ in range(4)
        ]
        assert [worker.communicate(timeout=120)[1].decode() for worker in workers] == [""] * 4


class TestCopies:
    def test_what_was_put_is_not_fetched_again(self, s3, tmp_path, monkeypatch):
        """The next stage reads it at once."""
        (tmp_path / "file").write_bytes(b"data")
        ref = s3.put_file("k", tmp_path / "file")
        monkeypatch.setattr(S3Store, "_stream", lambda self, key: pytest.fail("fetched"))
        assert s3.local_path(ref).read_bytes() == b"data"

    def test_a_damaged_copy_is_fetched_again(self, s3):
        """The server's is whole."""
        ref = s3.put_bytes("k", b"data")
        s3.local_path(ref).write_bytes(b"DATA")
        assert s3.local_path(ref).read_bytes() == b"data"

    def test_copies_are_kept_to_their_size(self, s3, tmp_path):
        """The oldest go first, those of today stay."""
        small = S3Store(s3.config, s3._cache, cache_bytes=250)
        refs = [small.put_bytes(f"k{number}", bytes([number]) * 100) for number in range(4)]
        paths = [small.local_path(ref) for ref in refs[:3]]
        assert all(path.exists() for path in paths)
        for age, path in zip((5, 4, 3), paths, strict=True):
            old = (datetime.now(UTC) - timedelta(days=age)).timestamp()
            os.utime(path, (old, old))
        small.local_path(refs[3])
        assert [path.exists() for path in paths] == [False, False, True]


STREAMS = """
import sys
from pathlib import Path
from trax.hardware import peak_memory
from trax.store import FolderStore
from trax.servers import S3Config
from trax.store.s3 import S3Store
endpoint, bucket, secret, folder, megabytes = sys.argv[1:]
source = Path(folder, "large")
block = bytes(range(256)) * 4096
with source.open("wb") as file:
    for number in range(int(megabytes)):
        file.write(number.to_bytes(8, "big") + block[8:])
config = S3Config(endpoint=endpoint, bucket=bucket, access_key="test", secret_key=secret)
store = S3Store(config, FolderStore(Path(folder, "cache")))
store.put_bytes("warm", b"up")
before = peak_memory()
ref = store.put_file("large", source)
for kept in list(store._cache.list()):
    store._cache.delete(kept.key)
assert store.local_path(ref).stat().st_size == int(megabytes) << 20
print(ref.sha256, peak_memory() - before)
"""


def test_streaming_takes_constant_memory(s3_server, tmp_path):
    """128 MB both ways in several parts; the benchmark does a gigabyte."""
    config = s3_server.config()
    arguments = [config.endpoint, config.bucket, secret(config), str(tmp_path), "128"]
    done = subprocess.run(
        [sys.executable, "-c", STREAMS, *arguments], capture_output=True, text=True, check=True
    )
    digest, grown_bytes = done.stdout.split()
    with (tmp_path / "large").open("rb") as file:
        assert digest == hashlib.file_digest(file, "sha256").hexdigest()
    assert 1_000_000 < int(grown_bytes) < 64_000_000


class TestLinks:
    @pytest.mark.parametrize("name", ["Gespräch & 面談.srt", 'a "b"; c.srt', "plain.srt"])
    def test_a_browser_shows_what_a_link_leads_to(self, s3, name):
        """As text of the recording's name, not as a download called `1.srt`."""
        link = s3.link(s3.put_bytes("x/1.srt", b"1"), name, "text/plain; charset=utf-8")
        with urlopen(link) as answer:
            headers = answer.headers
        assert headers["Content-Type"] == "text/plain; charset=utf-8"
        shown, _, saved = headers["Content-Disposition"].partition("; filename*=UTF-8''")
        assert (shown, unquote(saved)) == ("inline", name)

    def test_a_link_may_lead_to_another_address(self, s3_server, tmp_path):
        """Of the same server, which browsers know it by."""
        inside = s3_server.config()
        port = inside.endpoint.rpartition(":")[2]
        public = f"http://localhost:{port}"
        config = inside.model_copy(update={"public_endpoint": public})
        store = S3Store(config, FolderStore(tmp_path))
        link = store.link(store.put_bytes("a", b"data"), "a.txt", "text/plain")
        assert link.startswith(f"{public}/")
        with urlopen(link) as answer:
            assert answer.read() == b"data"

    def test_no_server_is_asked_for_the_public_address(self, s3_server, tmp_path):
        """It may be out of reach from here."""
        config = s3_server.config().model_copy(
            update={"public_endpoint": "https://minio.example.org"}
        )
        store = S3Store(config, FolderStore(tmp_path))
        assert store.link(store.put_bytes("a", b"1")).startswith("https://minio.example.org/")

    def test_a_public_endpoint_that_is_none_is_refused(self, tmp_path):
        """As the endpoint is."""
        config = S3Config(endpoint="http://minio:9000", public_endpoint="minio.example.org")
        with pytest.raises(InvalidOption, match="public endpoint"):
            S3Store(config, FolderStore(tmp_path))
