"""Search over many segments, and large objects: ``python -m benchmarks.storage``.

Both databases and both object stores are real and run on this machine; texts are drawn from the
corpus' references by how often their words occur.
"""

import argparse
import hashlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.corpus import corpus
from benchmarks.report import Row, write
from trax.store import Database, TranscriptRepository
from trax.testing import transcript
from trax.testing.servers import PostgresServer, S3Server

SEGMENTS_EACH = 1000
QUERIES = {
    "a common word": "the",
    "two common words": "the and",
    "a rare word": "rare",
    "a word of the oldest tenth alone": "olden",
    "a phrase": '"of the"',
    "a prefix": "th*",
    "all but": "the -and",
    "a word that nobody said": "xylophonist",
}
REPEATS = 30

_STREAM = """
import hashlib, json, resource, sys, time
from pathlib import Path
from trax.hardware import peak_memory
from trax.store import FolderStore
from trax.servers import S3Config
from trax.store.s3 import S3Store
config, folder, kind = json.loads(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
source = folder / "large"
cache = FolderStore(folder / "cache")
store = S3Store(S3Config(**config), cache) if kind == "s3" else FolderStore(folder / "store")
store.put_bytes("warm", b"up")
before, began = peak_memory(), time.perf_counter()
ref = store.put_file("large", source)
up = time.perf_counter() - began
for kept in list(cache.list()):
    cache.delete(kept.key)
began = time.perf_counter()
path = store.local_path(ref)
down = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_SELF)
with path.open("rb") as file:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
grown = (peak_memory() - before) / 1e6
print(json.dumps([ref.sha256, digest, grown, up, down, used.ru_utime + used.ru_stime]))
"""


def main(segments: int, megabytes: int) -> None:
    """Measure both and write what they took."""
    with tempfile.TemporaryDirectory() as folder:
        write(
            "search",
            searches(Path(folder), segments),
            [f"{segments} segments, the best 50 of each query's hits"],
        )
    with tempfile.TemporaryDirectory() as folder:
        notes = [
            "up and down again with no copy on this machine; growth: of the peak resident "
            "size over it all"
        ]
        write("streaming", streams(Path(folder), megabytes), notes)


def searches(folder: Path, segments: int) -> list[Row]:
    """A row a database and query."""
    folder.chmod(0o755)
    server = PostgresServer(folder / "postgres")
    databases = {
        "Postgres": Database(server.new_database()),
        "SQLite": Database(f"sqlite:///{folder / 'trax.db'}"),
    }
    rows: list[Row] = []
    for name, database in databases.items():
        database.upgrade()
        repository = TranscriptRepository(database)
        began = time.perf_counter()
        _fill(repository, segments)
        filled = time.perf_counter() - began
        print(f"{name}: {segments} segments saved in {filled:.1f} s", file=sys.stderr, flush=True)
        rows += [_search(name, repository, what, query) for what, query in QUERIES.items()]
        database.close()
    return rows


def _fill(repository: TranscriptRepository, segments: int) -> None:
    chance, words = random.Random(1), _words()
    for number in range(0, segments, SEGMENTS_EACH):
        said = [
            (f"SPEAKER_{each % 3:02d}", " ".join(chance.choices(words, k=chance.randrange(5, 25))))
            for each in range(min(SEGMENTS_EACH, segments - number))
        ]
        if number < segments // 10:
            said = [(speaker, f"olden {text}") for speaker, text in said]
        if number == 0:
            said[7] = ("SPEAKER_00", f"rare {said[7][1]}")
        repository.save(replace(transcript(said), id=f"benchmark-{number}"))


def _words() -> list[str]:
    """Every word of the corpus' references, as often as it occurs."""
    texts = [path.read_text() for path in sorted(corpus().rglob("*.seglst.json"))]
    return [
        word for text in texts for entry in json.loads(text) for word in str(entry["words"]).split()
    ]


def _search(name: str, repository: TranscriptRepository, what: str, query: str) -> Row:
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        hits = repository.search(query)
        taken.append(1000 * (time.perf_counter() - began))
    ordered = sorted(taken)
    return {
        "database": name,
        "query": f"{what}: {query}",
        "hits shown": len(hits),
        "median ms": statistics.median(ordered),
        "p90 ms": ordered[int(0.9 * len(ordered))],
    }


def streams(folder: Path, megabytes: int) -> list[Row]:
    """A row an object store."""
    _large(folder / "large", megabytes)
    server = S3Server(folder / "server")
    try:
        shown = server.config()
        keys = {"access_key": shown.access_key, "secret_key": shown.secret_key}
        fields = shown.model_dump() | {name: key.get_secret_value() for name, key in keys.items()}
        config = json.dumps(fields)
        return [_stream(kind, config, folder, megabytes) for kind in ("folder", "s3")]
    finally:
        server.stop()


def _large(path: Path, megabytes: int) -> None:
    chance = random.Random(1)
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(chance.randbytes(1 << 20))


def _stream(kind: str, config: str, folder: Path, megabytes: int) -> Row:
    command: Sequence[str] = [sys.executable, "-c", _STREAM, config, str(folder), kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected, got, growth, up, down, processor = json.loads(done.stdout)
    with (folder / "large").open("rb") as file:
        source = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "store": kind,
        "MB": megabytes,
        "digest": "equal" if expected == got == source else "DIFFERENT",
        "peak growth MB": growth,
        "up MB/s": megabytes / up,
        "down MB/s": megabytes / down,
        "CPU s": processor,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument("--megabytes", type=int, default=1024)
    chosen = parser.parse_args()
    main(chosen.segments, chosen.megabytes)
