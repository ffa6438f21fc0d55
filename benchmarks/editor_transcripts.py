"""Transcripts of many hours that nobody spoke, with a recording of noise, in a service's stores."""

import io
import random
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import av
import numpy as np

from trax.service.recordings import upload
from trax.store import JobRequest
from trax.testing.engine_server import scripted_workspace
from trax.testing.samples import transcript
from trax.transcript import Segment, Speaker, Transcript, Turn, Word, identified
from trax.work.workspace import Workspace

SIZES = {1: (10_000, 2), 10: (90_000, 8)}
"""Words and speakers, by hours."""

_RATE = 16_000  # Hz, of the noise
_A_SEGMENT = 12  # words


def prepared(home: Path, hours: int) -> str:
    """A transcript and its recording in the stores of *home*; gives its id."""
    words, speakers = SIZES[hours]
    workspace = scripted_workspace(home)
    file = noise(home / "noise.mp3", hours * 3600)
    digest = sha256(file.read_bytes()).hexdigest()
    document = made_up(words, speakers, hours * 3600.0)
    recording = replace(document.recording, sha256=digest, duration=hours * 3600.0)
    document = identified(replace(document, id=digest[:12], recording=recording))
    source = upload(workspace, file, "noise.mp3")
    register(workspace, source, file.stat().st_size, document)
    workspace.repository.save(document)
    return document.id


def register(workspace: Workspace, source: str, size_bytes: int, document: Transcript) -> None:
    """A job that says where the recording lies."""
    request = JobRequest(
        pipeline="transcribe",
        key=document.recording.sha256,
        recording_sha256=document.recording.sha256,
        name="noise.mp3",
        source=source,
        size_bytes=size_bytes,
        options={},
    )
    workspace.jobs.claim(request, "benchmark")


def noise(path: Path, seconds: int) -> Path:
    """A quiet recording, a minute again and again: MP3, which browsers play as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(0).integers(-900, 900, (1, 60 * _RATE), dtype=np.int16)
    buffer = io.BytesIO()
    # Without a header that says how long it is, the parts can follow one another.
    options = {"write_xing": "0", "id3v2_version": "0"}
    with av.open(buffer, "w", format="mp3", options=options) as container:
        stream = container.add_stream("mp3", rate=_RATE, layout="mono", bit_rate=24_000)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = _RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    with path.open("wb") as file:
        for _ in range(seconds // 60):
            file.write(buffer.getvalue())
    return path


def made_up(words: int, speakers: int, seconds: float) -> Transcript:
    """A transcript of so many words, some of them doubtful."""
    chance = random.Random(0)
    vocabulary = [letters(chance) for _ in range(2000)]
    step = seconds / words
    segments = []
    for first in range(0, words, _A_SEGMENT):
        speaker = f"SPEAKER_{(first // (3 * _A_SEGMENT)) % speakers:02d}"
        spoken = []
        for at in range(first, min(words, first + _A_SEGMENT)):
            confidence = chance.choice((0.99, 0.97, 0.95, 0.9, 0.5))
            start = round(at * step, 3)
            end = round((at + 0.9) * step, 3)
            spoken.append(Word(start, end, chance.choice(vocabulary), confidence, speaker))
        segments.append(Segment(spoken[0].start, spoken[-1].end, tuple(spoken), speaker))
    turns = tuple(Turn(each.start, each.end, each.speaker or "") for each in segments)
    labels = sorted({turn.speaker for turn in turns})
    return replace(
        transcript(),
        segments=tuple(segments),
        turns=turns,
        exclusive_turns=turns,
        speakers=tuple(Speaker(label=label, speech=seconds / speakers) for label in labels),
    )


def letters(chance: random.Random) -> str:
    """A word of no language."""
    return "".join(chance.choice("etaoinshrdlu") for _ in range(chance.randint(2, 9)))
