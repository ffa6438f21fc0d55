"""Stage results kept under a digest of their inputs, so that no work is done twice.

A checkpoint is a small manifest at ``checkpoints/<stage>/<key>.json`` that names the objects a
stage made, with their digests. The manifest is written last: a stage that dies leaves none.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from pydantic import TypeAdapter, ValidationError

from trax.errors import DamagedObject
from trax.store.objects import ObjectRef, ObjectStore, StoredObject

_SOUND = frozenset({".wav", ".flac", ".aiff", ".mp4", ".mkv"})
_MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The kept result of one stage.

    Attributes:
        key: digest of what the stage read, its options and its engine; see `checkpoint_key`.
        outputs: references to the objects that the stage made, by name.
        seconds: time that the stage took.
        recording: SHA-256 of the recording that it belongs to.
        name: name of that recording.
        job: id of the job that made it; empty if that was not noted.
    """

    stage: str
    key: str
    outputs: dict[str, ObjectRef]
    seconds: float
    recording: str = ""
    name: str = ""
    job: str = ""
    version: int = _MANIFEST_VERSION

    @property
    def size_bytes(self) -> int:
        """Size of all its outputs."""
        return sum(ref.size_bytes for ref in self.outputs.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheckpoint:
    """A checkpoint in a list; *checkpoint* is ``None`` if its manifest is damaged."""

    manifest: StoredObject
    stage: str
    checkpoint: Checkpoint | None


_manifest = TypeAdapter(Checkpoint)


def checkpoint_key(stage: str, version: int, /, **inputs: object) -> str:
    """A digest of everything that decides a stage's result.

    *inputs* are JSON-like values: digests of what the stage reads, its options, its engine's
    fingerprint. Their order does not matter.

    >>> checkpoint_key("merge", 1, a=1, b=2) == checkpoint_key("merge", 1, b=2, a=1)
    True
    """
    text = json.dumps(
        [stage, version, inputs], sort_keys=True, ensure_ascii=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()[:40]


class Checkpoints:
    """Checkpoints over an object store."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def find(self, stage: str, key: str) -> Checkpoint | None:
        """The checkpoint, with every object in it verified; ``None`` if missing.

        Raises:
            DamagedObject: the manifest cannot be parsed, or an object is missing or differs from
                its digest.
        """
        name = _manifest_key(stage, key)
        data = self._objects.read(name)
        if data is None:
            return None
        checkpoint = _parsed(name, data)
        found = (checkpoint.stage, checkpoint.key, checkpoint.version)
        if found != (stage, key, _MANIFEST_VERSION):
            raise DamagedObject(name, "it is the manifest of something else")
        for ref in checkpoint.outputs.values():
            self._objects.local_path(ref)
        return checkpoint

    def keep(self, made: Checkpoint, outputs: Mapping[str, Path | ObjectRef]) -> Checkpoint:
        """Store what a stage made: files beside the manifest; references are stored already."""
        refs: dict[str, ObjectRef] = {}
        for name, output in outputs.items():
            if isinstance(output, Path):
                key = f"checkpoints/{made.stage}/{made.key}/{name}"
                refs[name] = self._objects.put_file(key, output)
            else:
                refs[name] = output
        checkpoint = replace(made, outputs=refs)
        body = _manifest.dump_json(checkpoint)
        self._objects.put_bytes(_manifest_key(made.stage, made.key), body + b"\n" + _seal(body))
        return checkpoint

    def manifest(self, name: str) -> Checkpoint:
        """The checkpoint whose manifest has the key *name*; its objects are not verified.

        Raises:
            DamagedObject: it is missing or cannot be parsed.
        """
        data = self._objects.read(name)
        if data is None:
            raise DamagedObject(name, "it is missing")
        return _parsed(name, data)

    def all(self, stage: str = "") -> Iterator[KeptCheckpoint]:
        """All checkpoints, or those of one *stage*, by stage and key."""
        prefix = f"checkpoints/{stage}/" if stage else "checkpoints/"
        for found in self._objects.list(prefix):
            if found.key.count("/") != 2:
                continue
            stage_name = found.key.split("/")[1]
            try:
                checkpoint = self.manifest(found.key)
            except DamagedObject:
                checkpoint = None
            yield KeptCheckpoint(manifest=found, stage=stage_name, checkpoint=checkpoint)

    def remove(self, kept: KeptCheckpoint) -> None:
        """Remove a checkpoint: its manifest first, then the files beside it."""
        self._objects.delete(kept.manifest.key)
        folder = kept.manifest.key.removesuffix(".json") + "/"
        for found in list(self._objects.list(folder)):
            self._objects.delete(found.key)


def own_sound(made: Checkpoint) -> set[str]:
    """The keys of the sound that a stage made and that is kept beside its manifest."""
    beside = (ref.key for ref in made.outputs.values() if ref.key.startswith("checkpoints/"))
    return {key for key in beside if PurePath(key).suffix in _SOUND}


def _parsed(name: str, data: bytes) -> Checkpoint:
    body, _, seal = data.partition(b"\n")
    if seal != _seal(body):
        raise DamagedObject(name, "its bytes differ from their digest")
    try:
        return _manifest.validate_json(body)
    except ValidationError as error:
        raise DamagedObject(name, "it cannot be parsed") from error


def _seal(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _manifest_key(stage: str, key: str) -> str:
    return f"checkpoints/{stage}/{key}.json"
