"""The first Trax's database, and its way here and back.

Its tables ``media_files`` and ``transcripts`` are set aside as ``v1_media_files`` and
``v1_transcripts`` and never changed; what they hold is written again in this library's tables.
Going back drops those and renames the others.
"""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, inspect, select, text

from trax.store.audit import read_moment
from trax.store.rows import add_version, put_recording
from trax.store.tables import JobRow, TranscriptRow, utc_now
from trax.transcript import Provenance, Recording, Segment, Transcript, Word, identified
from trax.transcript.codec import from_json

PIPELINE_VERSION = "v1"
_TABLES = ("transcripts", "media_files")
_COLUMNS = {"transcripts": {"id", "raw_content", "segments", "status"}, "media_files": {"id"}}
_STATUS = {
    "completed": "completed",
    "complete": "completed",
    "done": "completed",
    "success": "completed",
}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EACH = 200  # rows fetched at once

_TIMES_GUESSED = (
    "This transcript comes from Trax v1, which kept no times of words: "
    "they are spread over their segment."
)
_NO_TIMES = (
    "Trax v1 kept no usable segments of this transcript: only its text is left, without times."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was brought along from v1, and whether it arrived.

    Attributes:
        counts: rows by kind: of v1, and of what was made of them.
        faults: sentences, one for everything that did not arrive as it was.
    """

    counts: dict[str, int]
    faults: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether everything arrived."""
        return not self.faults


def is_v1(connection: Connection) -> bool:
    """Whether a database holds v1's tables under their own names."""
    tables = set(inspect(connection).get_table_names())
    return tables >= set(_TABLES) and all(
        {column["name"] for column in inspect(connection).get_columns(table)} >= columns
        for table, columns in _COLUMNS.items()
    )


def is_parked(connection: Connection) -> bool:
    """Whether v1's tables were set aside."""
    return set(inspect(connection).get_table_names()) >= {f"v1_{table}" for table in _TABLES}


def park(connection: Connection) -> None:
    """Set v1's tables aside."""
    for table in _TABLES:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO v1_{table}")


def unpark(connection: Connection) -> Report:
    """Give v1's tables their names again."""
    for table in reversed(_TABLES):
        connection.exec_driver_sql(f"ALTER TABLE v1_{table} RENAME TO {table}")
    return Report(counts={table: _count(connection, table) for table in _TABLES})


def newer_transcripts(connection: Connection) -> int:
    """How many versions of transcripts were made since v1."""
    made_since = select(func.count()).where(TranscriptRow.pipeline_version != PIPELINE_VERSION)
    return connection.scalar(made_since) or 0


def bring(connection: Connection) -> Report:
    """Write v1's rows again in this library's tables, then read them back and compare."""
    counts: Counter[str] = Counter()
    media = {row["id"]: _recording(connection, row) for row in _rows(connection, "v1_media_files")}
    heard = set()
    for row in _rows(connection, "v1_transcripts"):
        known = media.get(row.get("media_file_id"))
        counts["transcripts without a media file"] += known is None
        heard.add(row.get("media_file_id"))
        recording, source = known or _recording(connection, {"id": f"transcript {row['id']}"})
        transcript, problem = _transcript(row, recording)
        counts[problem] += bool(problem)
        _add_job(connection, row, recording, source, transcript)
        if transcript is not None:
            add_version(
                connection,
                identified(transcript),
                f"v1-{row['id']}",
                PIPELINE_VERSION,
                read_moment(row.get("created_at")),
            )
    counts["media files without a transcript"] = len(media.keys() - heard)
    return _validated(connection, counts)


def _validated(connection: Connection, counts: Counter[str]) -> Report:
    """Counts on both sides, and every text's digest against the one that v1 holds."""
    counted = {f"v1 {name}": f"v1_{name}" for name in _TABLES} | {
        "recordings": "recordings",
        "jobs": "jobs",
        "transcript versions": "transcripts",
    }
    counts.update({name: _count(connection, table) for name, table in counted.items()})
    faults = []
    if counts["jobs"] != counts["v1 transcripts"]:
        faults.append(f"{counts['v1 transcripts']} transcripts of v1 became {counts['jobs']} jobs")
    for row in _rows(connection, "v1_transcripts"):
        name = f"v1-{row['id']}"
        document = connection.scalar(select(TranscriptRow.document).where(TranscriptRow.id == name))
        expected = _text(row["raw_content"])
        if document is None:
            if expected:
                faults.append(f"transcript {name} is missing")
            continue
        arrived = from_json(Transcript, json.dumps(document).encode(), name).text
        if expected and _digest(arrived) != _digest(expected):
            faults.append(f"the text of transcript {name} is not the one v1 holds")
        counts["texts compared"] += bool(expected)
    return Report(
        counts={name: count for name, count in sorted(counts.items()) if name}, faults=tuple(faults)
    )


def _recording(connection: Connection, row: Mapping[str, Any]) -> tuple[Recording, str]:
    """A media file as a recording, inserted unless its bytes are known already, and where the file
    lay.
    """
    source = _text(_first(row, "file_path", "path", "url"))
    known = _text(_first(row, "file_hash", "sha256", "checksum")).lower()
    recording = Recording(
        sha256=known
        if _SHA256.fullmatch(known)
        else hashlib.sha256(f"trax v1 {row['id']}".encode()).hexdigest(),
        name=_text(_first(row, "file_name", "filename", "name"))
        or source.rpartition("/")[2]
        or f"v1 {row['id']}",
        size_bytes=int(_number(_first(row, "file_size", "size_bytes", "size")) or 0),
        duration=_number(_first(row, "duration_seconds", "duration")) or 0.0,
        container="",
        codec="",
        channels=0,
        sample_rate=0,
    )
    put_recording(
        connection,
        recording.sha256,
        recording.name,
        recording.size_bytes or None,
        recording.duration or None,
        read_moment(row.get("created_at")),
    )
    return recording, source


def _transcript(row: Mapping[str, Any], recording: Recording) -> tuple[Transcript | None, str]:
    """A row of v1 as a transcript without speakers, and what was wrong with its segments.

    The raw content is what was said: segments that tell another text are not believed.
    """
    said, parsed = _text(row["raw_content"]), _segments(row["segments"])
    problem = "transcripts with broken segments" if parsed is None else ""
    segments = parsed or []
    if not said and not segments:
        return None, problem or "transcripts without text"
    warning = _TIMES_GUESSED
    if said and _digest(" ".join(segment.text for segment in segments)) != _digest(said):
        problem = problem or "transcripts whose segments tell another text"
        end = max([recording.duration, *(segment.end for segment in segments)])
        segments, warning = [_spread(0.0, end, said)], _NO_TIMES
    return (
        Transcript(
            id=f"v1-{row['id']}",
            recording=recording,
            language=_text(row.get("language")),
            language_confidence=0.0,
            segments=tuple(segments),
            turns=(),
            exclusive_turns=(),
            speakers=(),
            provenance=Provenance(
                trax=PIPELINE_VERSION,
                recogniser=f"v1/{_text(_first(row, 'model', 'model_name')) or 'unknown'}",
                diarizer="",
                options="{}",
            ),
            warnings=(warning,),
        ),
        problem,
    )


def _add_job(
    connection: Connection,
    row: Mapping[str, Any],
    recording: Recording,
    source: str,
    transcript: Transcript | None,
) -> None:
    """What v1 did as a job; what it did not finish is a failed one, to be retried."""
    status = _STATUS.get(_text(row["status"]).lower(), "failed")
    said = (
        _text(_first(row, "error_message", "error"))
        or f"Trax v1 left it as {_text(row['status']) or 'unknown'!r}"
    )
    error = None if status == "completed" else {"error": said, "stage": "", "where": "Trax v1"}
    made = read_moment(row.get("created_at")) or utc_now()
    connection.execute(
        insert(JobRow).values(
            id=f"v1-{row['id']}",
            idempotency_key=f"v1:{row['id']}",
            recording_sha256=recording.sha256,
            name=recording.name,
            source=source,
            options={},
            status=status,
            progress=1.0 if status == "completed" else 0.0,
            attempts=1,
            error=error,
            transcript_id=transcript.id if transcript else None,
            transcript_version=1 if transcript else None,
            created_at=made,
            finished_at=read_moment(row.get("updated_at")) or made,
        )
    )


def _segments(value: object) -> list[Segment] | None:
    """v1's segments in order; ``None`` where any of them makes no sense."""
    try:
        items = json.loads(value) if isinstance(value, str | bytes) and value.strip() else value
    except ValueError:
        return None
    if items is None or items == "":
        return []
    if not isinstance(items, list):
        return None
    found = []
    for item in items:
        start, end = (
            (_number(item.get(name)) for name in ("start", "end"))
            if isinstance(item, dict)
            else (None, None)
        )
        if start is None or end is None or not 0.0 <= start <= end:
            return None
        if said := _text(item.get("text")):
            found.append(_spread(start, end, said))
    return sorted(found, key=lambda segment: (segment.start, segment.end))


def _spread(start: float, end: float, said: str) -> Segment:
    """A segment whose words take as much of its time as they have letters."""
    texts = said.split()
    letters = sum(map(len, texts))
    words, done = [], 0
    for each in texts:
        begin, done = done, done + len(each)
        first, last = (round(start + (end - start) * part / letters, 3) for part in (begin, done))
        words.append(Word(first, last, each))
    return Segment(start, max(end, words[-1].end), tuple(words))


def _rows(connection: Connection, table: str) -> Iterator[Mapping[str, Any]]:
    """Rows as they are, without any reading of types: v1 was not strict about them."""
    found = connection.execute(
        text(f"SELECT * FROM {table} ORDER BY id"), execution_options={"yield_per": _EACH}
    )
    for row in found.mappings():
        yield dict(row)


def _count(connection: Connection, table: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def _first(row: Mapping[str, Any], *names: str) -> object:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _text(value: object) -> str:
    """Text that every database keeps: no NUL, no half of a character."""
    kept = (
        value.decode(errors="replace")
        if isinstance(value, bytes)
        else ""
        if value is None
        else str(value)
    )
    return kept.replace("\0", "\ufffd").encode(errors="replace").decode().strip()


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _digest(said: str) -> str:
    """Of a text's words: white space between them does not count."""
    return hashlib.sha256(" ".join(said.split()).encode()).hexdigest()
