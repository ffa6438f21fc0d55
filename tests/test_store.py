"""Objects, checkpoints and rows."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.errors import DamagedObject, StoreUnavailable
from trax.store import Checkpoint, Checkpoints, FolderStore, ObjectRef, checkpoint_key
from trax.store.objects import file_digest


@pytest.fixture
def objects(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class TestObjects:
    def test_bytes_come_back(self, objects):
        """With their digest and size."""
        ref = objects.put_bytes("a/b.txt", b"hello")
        assert ref == ObjectRef("a/b.txt", hashlib.sha256(b"hello").hexdigest(), 5)
        assert objects.local_path(ref).read_bytes() == b"hello"
        assert objects.read("a/b.txt") == b"hello"

    def test_files_come_back(self, objects, tmp_path):
        """Copied: the source may go away."""
        source = tmp_path / "source"
        source.write_bytes(os.urandom(100_000))
        digest = file_digest(source)
        ref = objects.put_file("x", source)
        source.unlink()
        assert ref.sha256 == digest == file_digest(objects.local_path(ref))

    def test_what_is_not_there_is_none(self, objects):
        """Looking is no error."""
        assert objects.read("no/such/key") is None
        objects.put_bytes("a/b", b"")
        assert objects.read("a") is None
        assert objects.read("a/b/c") is None

    def test_putting_again_replaces(self, objects):
        """The last one counts."""
        old = objects.put_bytes("k", b"old")
        new = objects.put_bytes("k", b"new")
        assert objects.read("k") == b"new"
        assert objects.local_path(new).exists()
        with pytest.raises(DamagedObject):
            objects.local_path(old)

    def test_a_flipped_byte_is_seen(self, objects):
        """Verified whenever it is read with its reference."""
        ref = objects.put_bytes("k", b"hello")
        objects.local_path(ref).write_bytes(b"hellp")
        with pytest.raises(DamagedObject, match="differ from their digest"):
            objects.local_path(ref)

    def test_a_missing_object_is_seen(self, objects):
        """And told apart from a damaged one."""
        ref = objects.put_bytes("k", b"hello")
        objects.local_path(ref).unlink()
        with pytest.raises(DamagedObject, match="missing"):
            objects.local_path(ref)

    def test_a_failed_write_leaves_nothing(self, objects, tmp_path):
        """Neither a half object nor a temporary file."""
        with pytest.raises(StoreUnavailable):
            objects.put_file("k", tmp_path / "missing")
        assert objects.read("k") is None
        assert files_under(tmp_path / "objects") == []

    def test_a_full_disk_is_an_error_of_ours(self, objects, monkeypatch):
        """Transient: space may come back."""

        def full(*_args: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StoreUnavailable, match="No space left") as caught:
            objects.put_bytes("k", b"data")
        assert caught.value.transient
        assert objects.read("k") is None

    def test_a_folder_has_no_links(self, objects):
        """Browsers follow none to a file; the path can be copied."""
        ref = objects.put_bytes("a b", b"data")
        assert objects.link(ref, "talk.srt") == ""
        assert Path(objects.place(ref)).read_bytes() == b"data"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


class TestKeys:
    @given(st.dictionaries(st.sampled_from("abcdef"), json_values, max_size=5))
    def test_order_does_not_matter(self, inputs):
        """The same inputs are the same key."""
        backwards = dict(reversed(inputs.items()))
        assert checkpoint_key("stage_", 1, **inputs) == checkpoint_key("stage_", 1, **backwards)

    def test_everything_else_does(self):
        """Stage, version, names and values."""
        keys = {
            checkpoint_key("a", 1, x=1),
            checkpoint_key("b", 1, x=1),
            checkpoint_key("a", 2, x=1),
            checkpoint_key("a", 1, y=1),
            checkpoint_key("a", 1, x=2),
            checkpoint_key("a", 1, x="1"),
            checkpoint_key("a", 1),
        }
        assert len(keys) == 7


class TestCheckpoints:
    @pytest.fixture
    def checkpoints(self, objects) -> Checkpoints:
        return Checkpoints(objects)

    @pytest.fixture
    def made(self, tmp_path) -> Path:
        (tmp_path / "result.json").write_bytes(b"{}")
        return tmp_path / "result.json"

    def test_what_is_kept_is_found(self, checkpoints, objects, made):
        """With its outputs, wherever they lie."""
        audio = objects.put_bytes("recordings/x/audio.flac", b"sound")
        kept = checkpoints.keep(
            Checkpoint("ingest", "k1", {}, 1.5), {"audio": audio, "result.json": made}
        )
        assert checkpoints.find("ingest", "k1") == kept
        assert kept.outputs["audio"] == audio
        assert kept.outputs["result.json"].key == "checkpoints/ingest/k1/result.json"

    def test_nothing_is_found_where_nothing_was_kept(self, checkpoints, made):
        """Keys and stages do not mix."""
        checkpoints.keep(Checkpoint("ingest", "k1", {}, 0.0), {"result.json": made})
        assert checkpoints.find("ingest", "k2") is None
        assert checkpoints.find("merge", "k1") is None

    @pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
    @pytest.mark.parametrize("victim", ["manifest", "output"])
    def test_damage_is_never_used(self, checkpoints, objects, made, tmp_path, damage, victim):
        """Every byte of manifest and outputs is covered by a digest."""
        kept = checkpoints.keep(Checkpoint("ingest", "k1", {}, 0.0), {"result.json": made})
        paths = {
            "manifest": tmp_path / "objects" / "checkpoints" / "ingest" / "k1.json",
            "output": objects.local_path(kept.outputs["result.json"]),
        }
        path = paths[victim]
        data = path.read_bytes()
        if damage == "remove":
            path.unlink()
        else:
            path.write_bytes(data[:-1] if damage == "cut" else bytes([data[0] ^ 1]) + data[1:])
        if (victim, damage) == ("manifest", "remove"):
            assert checkpoints.find("ingest", "k1") is None
        else:
            with pytest.raises(DamagedObject):
                checkpoints.find("ingest", "k1")

    def test_every_byte_of_a_manifest_counts(self, checkpoints, made, tmp_path):
        """Flipping any one is seen."""
        checkpoints.keep(Checkpoint("ingest", "k1", {}, 0.0), {"result.json": made})
        path = tmp_path / "objects" / "checkpoints" / "ingest" / "k1.json"
        whole = path.read_bytes()
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
            with pytest.raises(DamagedObject):
                checkpoints.find("ingest", "k1")

    def test_a_manifest_under_another_key_is_refused(self, checkpoints, made, tmp_path):
        """A copied file is no checkpoint."""
        checkpoints.keep(Checkpoint("ingest", "k1", {}, 0.0), {"result.json": made})
        folder = tmp_path / "objects" / "checkpoints" / "ingest"
        (folder / "k2.json").write_bytes((folder / "k1.json").read_bytes())
        with pytest.raises(DamagedObject, match="something else"):
            checkpoints.find("ingest", "k2")
