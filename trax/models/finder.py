"""Finds a model's files by its name: on this machine, or on the hub."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from trax.errors import InvalidOption, ModelUnavailable, StoreUnavailable
from trax.models.catalogue import CATALOGUE
from trax.models.entry import (
    ENGLISH_ONLY,
    WITHOUT_CANTONESE,
    Kind,
    ModelEntry,
    PackagedFile,
)
from trax.transcript.languages import LANGUAGES

_BLOCK = 1 << 20
_PROBE_SECONDS = 2.0
_ENGLISH_TOKENS = 51_864
_MARKERS = {
    Kind.RECOGNITION: "model.bin",
    Kind.DIARIZATION: "config.yaml",
    Kind.EMBEDDING: "model.onnx",
    Kind.SEPARATION: "htdemucs.yaml",
    Kind.SYNTHESIS: "model.onnx",
    Kind.CLONING: "t3_cfg.safetensors",
    Kind.WATERMARK: "perth.pth",
}


class Origin(StrEnum):
    """Where a model's files come from, in the order in which they are looked for."""

    FOLDER = "folder"
    PACKAGE = "package"
    CACHE = "hub cache"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is available.

    Attributes:
        name: what people call it.
        kind: what it is for.
        origin: where its files come from.
        revision: digest or commit that identifies the weights.
        folder: returns the folder with its files, verified; the first call may copy or download.
        languages: for recognition, the codes of those that it covers.
    """

    name: str
    kind: Kind
    origin: Origin
    revision: str
    folder: Callable[[], Path]
    languages: frozenset[str] = WITHOUT_CANTONESE

    @property
    def fingerprint(self) -> str:
        """Name and revision."""
        return f"{self.name}@{self.revision}"


class ModelFinder:
    """Finds models on this machine, and on the hub if it can be reached.

    Args:
        folder: holds the user's own models and the assembled files of packages.
        token: for gated models on the hub; empty for none.
        offline: never connect to the hub.
    """

    def __init__(self, folder: Path, token: str = "", offline: bool = False) -> None:
        self._folder = folder
        self._token = token
        self._offline = offline

    def find(self, name: str, kind: Kind) -> Model:
        """Find the model called *name* in a folder, a package, the hub's cache or on the hub.

        Raises:
            ModelUnavailable: it is unknown, or not available anywhere.
            InvalidOption: it is for something else.
        """
        for look_up in (self.in_folder, self.in_package, self.in_cache, self.on_hub):
            model = look_up(name, kind)
            if model is not None:
                return model
        raise ModelUnavailable(name, self._advice(name, kind))

    def first(self, names: Iterable[str], kind: Kind) -> Model:
        """Find the first of *names* that is available.

        Raises:
            ModelUnavailable: none of them is.
        """
        names = list(names)
        for name in names:
            try:
                return self.find(name, kind)
            except ModelUnavailable:
                continue
        raise ModelUnavailable(" or ".join(names), self._advice(names[-1], kind))

    def check(self, names: Sequence[str], kind: Kind) -> None:
        """Check that one of *names* can be had, as far as this machine knows.

        Raises:
            ModelUnavailable: none of them can.
            InvalidOption: one is for something else.
        """
        if not any(self._is_promising(name, kind) for name in names):
            raise ModelUnavailable(" or ".join(names), self._advice(names[-1], kind))

    def _is_promising(self, name: str, kind: Kind) -> bool:
        """Whether a model is here, or is on the hub and may be fetched."""
        entry = _entry(name, kind)
        if any((folder / _MARKERS[kind]).is_file() for folder in self._folders(name)):
            return True
        if entry is None:
            return False
        fetched = entry.hub and not self._offline and (self._token or not entry.gated)
        return bool(fetched or self.in_package(name, kind) or self.in_cache(name, kind))

    def _folders(self, name: str) -> tuple[Path, Path]:
        """Where a model called *name* may lie: its path, or its place in the models folder."""
        return Path(name).expanduser(), self._folder / name

    def in_folder(self, name: str, kind: Kind) -> Model | None:
        """A model in a folder, given by its path or by its name in the models folder."""
        for folder in self._folders(name):
            marker = _MARKERS[kind]
            if (folder / marker).is_file():
                resolved = folder.resolve()
                revision = _digest_of(resolved / marker)[:12]
                files = partial(Path, resolved)
                languages = _languages(resolved) if kind is Kind.RECOGNITION else frozenset()
                return Model(resolved.name, kind, Origin.FOLDER, revision, files, languages)
        return None

    def in_package(self, name: str, kind: Kind) -> Model | None:
        """A model whose files are shipped in installed packages."""
        entry = _entry(name, kind)
        if entry is None or not entry.packaged:
            return None
        if not all(_located(file) for file in entry.packaged):
            return None
        digests = "".join(file.sha256 for file in entry.packaged)
        revision = hashlib.sha256(digests.encode()).hexdigest()[:12]
        return Model(
            name,
            kind,
            Origin.PACKAGE,
            revision,
            lambda: self._joined(entry, revision),
            entry.codes,
        )

    def in_cache(self, name: str, kind: Kind) -> Model | None:
        """A snapshot that was downloaded before."""
        entry = _entry(name, kind)
        if entry is None or not entry.hub:
            return None
        return self._snapshot(entry, local=True)

    def on_hub(self, name: str, kind: Kind) -> Model | None:
        """A download, if the hub can be reached and any token that it needs is set."""
        entry = _entry(name, kind)
        if entry is None or not entry.hub or self._offline:
            return None
        if entry.gated and not self._token:
            return None
        return self._snapshot(entry, local=False) if _hub_answers() else None

    def _snapshot(self, entry: ModelEntry, *, local: bool) -> Model | None:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

        try:
            folder = Path(
                snapshot_download(
                    entry.hub,
                    token=self._token or None,
                    local_files_only=local,
                    allow_patterns=list(entry.wanted) or None,
                )
            )
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError):
            return None
        origin = Origin.CACHE if local else Origin.HUB
        return Model(entry.name, entry.kind, origin, folder.name[:12], lambda: folder, entry.codes)

    def _joined(self, entry: ModelEntry, revision: str) -> Path:
        """The folder with a packaged model's files, assembled if missing, verified by digest."""
        folder = self._folder / "packaged" / f"{entry.name}-{revision}"
        if not all(_digest(folder / file.name) == file.sha256 for file in entry.packaged):
            partial = self._folder / "packaged" / f"partial-{uuid.uuid4().hex}"
            try:
                _copy(entry, partial)
                shutil.rmtree(folder, ignore_errors=True)
                partial.rename(folder)
            except OSError as error:
                raise StoreUnavailable(f"cannot assemble model {entry.name}: {error}") from error
            finally:
                shutil.rmtree(partial, ignore_errors=True)
        return folder

    def _advice(self, name: str, kind: Kind) -> str:
        entry = _entry(name, kind)
        if entry is None:
            known = ", ".join(other.name for other in CATALOGUE.values() if other.kind is kind)
            return f"it is not a folder with a {kind} model, and the catalogue has only {known}"
        ways = []
        if entry.packages:
            ways.append(f"install the packages {' '.join(entry.packages)} without dependencies")
        if entry.gated:
            ways.append(f"accept the terms of {entry.hub} and set a Hugging Face token")
        if entry.hub:
            ways.append(f"put the files of {entry.hub} into {self._folder / name}")
        return "the hub cannot be reached and there is no copy here; " + ", or ".join(ways)


def _entry(name: str, kind: Kind) -> ModelEntry | None:
    entry = CATALOGUE.get(name)
    if entry is not None and entry.kind is not kind:
        raise InvalidOption(f"{name!r} is a model for {entry.kind}, not for {kind}")
    return entry


def _located(file: PackagedFile) -> list[Path]:
    """The paths of a file's pieces; empty if one is not installed."""
    pieces = []
    for part in file.parts:
        package, _, path = part.partition("/")
        spec = find_spec(package)
        if spec is None or not spec.origin:
            return []
        piece = Path(spec.origin).parent / path
        if not piece.is_file():
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
    """SHA-256 of a user's own model file, computed once a process: it may have gigabytes."""
    return _digest(path)


def _languages(folder: Path) -> frozenset[str]:
    """The languages of a Whisper model by its vocabulary, which has a token for each.

    That of a model for English alone has the tokens of all languages too, but one token less.
    """
    if folder.name in CATALOGUE:
        return CATALOGUE[folder.name].codes
    try:
        vocabulary = next(iter(sorted(folder.glob("vocabulary.*"))))
        listed = vocabulary.read_text(encoding="utf-8")
    except (StopIteration, OSError, UnicodeDecodeError):
        return WITHOUT_CANTONESE
    tokens = json.loads(listed) if listed.startswith("[") else listed.splitlines()
    if len(tokens) <= _ENGLISH_TOKENS:
        return ENGLISH_ONLY
    known = {f"<|{code}|>" for code in LANGUAGES}.intersection(tokens)
    return frozenset(token.strip("<|>") for token in known) or WITHOUT_CANTONESE


@cache
def _hub_answers() -> bool:
    """Whether the hub answers within two seconds, tried once a process.

    Its own client would try for half a minute.
    """
    import httpx
    from huggingface_hub.constants import ENDPOINT

    try:
        return httpx.head(ENDPOINT, timeout=_PROBE_SECONDS, follow_redirects=True).is_success
    except httpx.HTTPError:
        return False
