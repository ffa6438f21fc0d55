"""A shared document of ten hours: how large it is, and what it costs to make, open and save."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.report import Row
from trax.coediting import documents
from trax.service.coediting import loaded, open_document
from trax.service.saving import save
from trax.store.documents import DocumentRepository, RoomUpdate
from trax.store.revisions import Author
from trax.testing import transcript
from trax.testing.engine_server import scripted_workspace
from trax.testing.shared_edits import copies, synced
from trax.transcript import Segment, Speaker, Transcript, Word, identified
from trax.transcript.codec import to_json
from trax.work.workspace import Workspace

_AT_ONCE = 100
_EDITS = 40  # between two saves


def spoken(words: int) -> Transcript:
    """A transcript of so many words, ten a segment, by two speakers."""
    segments = []
    for first in range(0, words, 10):
        label = f"SPEAKER_0{first // 10 % 2}"
        said = tuple(
            Word(at * 0.3, at * 0.3 + 0.25, f"word{at % 997}", 0.9, label)
            for at in range(first, min(first + 10, words))
        )
        segments.append(Segment(said[0].start, said[-1].end, said, label))
    speakers = tuple(Speaker(label=f"SPEAKER_0{at}", speech=1.0) for at in range(2))
    base = transcript()
    fields = {name: getattr(base, name) for name in base.__slots__}
    recording = {name: getattr(base.recording, name) for name in base.recording.__slots__}
    fields |= {
        "segments": tuple(segments),
        "speakers": speakers,
        "turns": (),
        "exclusive_turns": (),
        "notes": None,
        "removed": (),
        "recording": type(base.recording)(**{**recording, "duration": words * 0.3}),
    }
    return identified(Transcript(**fields))


def sizes(edits: int = 50_000) -> Row:
    """Ten hours of text, many edits, and two who were away."""
    base = spoken(90_000)
    row: Row = {"words": len(base.words)}
    began = time.perf_counter()
    rooms = documents.made_of(base, 1)
    row["made in seconds"] = round(time.perf_counter() - began, 2)
    chance = Random(3)
    parts = documents.parts_of(rooms)
    began = time.perf_counter()
    for number in range(edits // _AT_ONCE):
        doc = rooms[parts[number % len(parts)]]
        text = documents.text_of(doc)
        with doc.transaction():
            for _ in range(_AT_ONCE):
                place = chance.randrange(1, len(text) - 1)
                if chance.random() < 2 / 3:
                    text.insert(place, chance.choice("abcdefgh "))
                else:
                    del text[place : place + 1]
    row["edits"] = edits
    row["made in the text, in seconds"] = round(time.perf_counter() - began, 1)
    states = {room: doc.get_update() for room, doc in rooms.items()}
    row["state, MB"] = round(sum(map(len, states.values())) / 1e6, 2)
    row["JSON, MB"] = round(len(to_json(base)) / 1e6, 2)
    row["state / JSON"] = round(sum(map(len, states.values())) / len(to_json(base)), 2)
    row |= _cost("opens", lambda: [documents.loaded([each]) for each in states.values()])
    row |= _service_saves(base)
    one, other = copies(rooms), copies(rooms)
    for rooms_of, letter in ((one, "x"), (other, "y")):
        for number in range(500):
            text = documents.text_of(rooms_of[parts[number % len(parts)]])
            text.insert(chance.randrange(1, len(text)), letter)
    row["500 edits of each of two merged in seconds"] = _timed(lambda: synced(one, other))
    row["and are equal"] = [documents.runs_in(one[p]) for p in parts] == [
        documents.runs_in(other[p]) for p in parts
    ]
    return row


def _service_saves(base: Transcript) -> Row:
    """What a service needs for a document, from its making to its second save."""
    with tempfile.TemporaryDirectory(prefix="trax-") as folder:
        workspace = scripted_workspace(Path(folder))
        workspace.repository.save(base)
        row = _cost("a service opens it first", lambda: open_document(workspace, base.id))
        document = open_document(workspace, base.id).document.id
        for number in (1, 2):
            _type(workspace, document, Random(number))
            row |= _cost(f"save {number} of {_EDITS} edits", lambda: save(workspace, document))
    return row


def _type(workspace: Workspace, document: str, chance: Random) -> None:
    """Letters in many places, as somebody sends them."""
    store = DocumentRepository(workspace.database)
    rooms = loaded(store.load(document))
    updates: list[RoomUpdate] = []
    for room, doc in rooms.items():
        doc.observe(partial(_note_update, updates, room))
    for _ in range(_EDITS):
        text = documents.text_of(rooms[chance.choice(documents.parts_of(rooms))])
        text.insert(chance.randrange(1, len(text)), chance.choice("abcdefgh "))
    store.put(document, updates)


def _note_update(updates: list[RoomUpdate], room: str, event: Any) -> None:
    updates.append(RoomUpdate(room=room, data=event.update, author=Author("a", "Ann")))


def _cost(name: str, what: Callable[[], object]) -> Row:
    """What something takes, by the clock and of a processor."""
    used = time.process_time()
    seconds = _timed(what)
    spent = round(time.process_time() - used, 2)
    return {f"{name}, seconds": seconds, f"{name}, seconds of a processor": spent}


def _timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return round(time.perf_counter() - began, 2)
