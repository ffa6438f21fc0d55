"""A database as the first Trax left it, with the oddities that real ones have."""

import json
import random
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
)

_WORDS = (
    "the",
    "meeting",
    "begins",
    "budget",
    "grows",
    "naïve",
    "Größe",
    "会议",
    "совещание",
    "😀",
    "don't",
    "twenty-five",
    "and",
    "so",
    "on",
    "we",
    "agreed",
    "that",
)
_STATUSES = ["completed"] * 12 + ["failed", "pending", "processing", "done", None]
_ODD_SEGMENTS = (
    "{not json",
    '{"text": "no list"}',
    "[1, 2, 3]",
    '[{"start": 5, "end": 1, "text": "backwards"}]',
    "",
    "null",
)

_metadata = MetaData()
MEDIA_FILES = Table(
    "media_files",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("file_path", String),
    Column("file_name", String),
    Column("file_hash", String),
    Column("file_size", Integer),
    Column("duration_seconds", Float),
    Column("created_at", DateTime),
    Column("updated_at", DateTime),
)
TRANSCRIPTS = Table(
    "transcripts",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("media_file_id", Integer, ForeignKey("media_files.id")),
    Column("raw_content", Text),
    Column("segments", Text),
    Column("status", String),
    Column("language", String),
    Column("model", String),
    Column("error_message", Text),
    Column("created_at", DateTime),
    Column("updated_at", DateTime),
    Index("ix_transcripts_status", "status"),
)


def fill_v1(connection: Connection, transcripts: int = 1000, seed: int = 1) -> None:
    """Make v1's tables with *transcripts* rows: most sound, some with nulls, broken JSON, huge or
    foreign texts.
    """
    chance = random.Random(seed)
    _metadata.create_all(connection)
    files = [_media_file(number, chance) for number in range(1, transcripts * 9 // 10)]
    rows = [_transcript(number, len(files), chance) for number in range(1, transcripts + 1)]
    connection.execute(insert(MEDIA_FILES), files)
    connection.execute(insert(TRANSCRIPTS), rows)


def _media_file(number: int, chance: random.Random) -> dict[str, object]:
    made = datetime(2024, 1, 1) + timedelta(minutes=number)
    # Some files were stored twice, of some nobody kept a digest.
    digest = None if number % 17 == 0 else f"{number // (2 if number % 41 == 0 else 1):064x}"
    return {
        "id": number,
        "file_path": None if number % 101 == 0 else f"/media/интервью {number}.mp3",
        "file_name": None if number % 53 == 0 else f"интервью {number}.mp3",
        "file_hash": digest,
        "file_size": None if number % 29 == 0 else chance.randrange(1, 10**9),
        "duration_seconds": None if number % 31 == 0 else round(chance.uniform(1, 7200), 2),
        "created_at": made,
        "updated_at": None if number % 7 == 0 else made,
    }


def _transcript(number: int, files: int, chance: random.Random) -> dict[str, object]:
    made = datetime(2024, 2, 1) + timedelta(minutes=number)
    segments = _segments(chance, 3000 if number == 500 else chance.randrange(0, 12))
    text: str | None = " ".join(str(segment["text"]) for segment in segments)
    stored: str | None = json.dumps(segments, ensure_ascii=number % 2 == 0)
    if number % 37 == 0:
        text = f"  {text}\n\n edited   by hand\t"
    if number % 43 == 0:
        stored = chance.choice(_ODD_SEGMENTS)
    if number % 59 == 0:
        stored = None
    if number % 61 == 0:
        text = None
    if number % 67 == 0:
        text = stored = None
    if number == 400:
        text, stored = "word " * 300_000, None
    status = chance.choice(_STATUSES)
    return {
        "id": number,
        "media_file_id": None if number % 71 == 0 else chance.randrange(1, files + 1),
        "raw_content": text,
        "segments": stored,
        "status": status,
        "language": chance.choice(["en", "de", "ru", None]),
        "model": chance.choice(["base", "large-v3", None]),
        "error_message": "CUDA out of memory" if status == "failed" else None,
        "created_at": made,
        "updated_at": made,
    }


def _segments(chance: random.Random, count: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    at = 0.0
    for _ in range(count):
        length = chance.uniform(0.5, 8.0)
        text = " ".join(chance.choices(_WORDS, k=chance.randrange(1, 20)))
        found.append({"start": round(at, 2), "end": round(at + length, 2), "text": text})
        at += length
    return found
