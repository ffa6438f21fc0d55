"""How far word starts and ends are from forced alignment. ``python -m benchmarks.word_times``.

PocketSphinx aligns the reference text of the English clips whose words its dictionary has all; a
word that a system has right is compared with its own place there. Wants the extra ``bench``.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile
from rapidfuzz.distance import Levenshtein

from benchmarks.corpus import clips
from benchmarks.report import Row, write
from trax.asr import Recogniser, RecognitionOptions
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.engines import recognition_model
from trax.merge import spelling
from trax.settings import load_settings
from trax.transcript import Word

Read = Callable[[Path], list[Word]]


def main() -> None:
    """Measure all systems on the same clips and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        aligned = dict(aligned_clips(Path(folder)))
        rows = [_row(name, read, aligned) for name, read in _systems()]
    notes = [
        f"{len(aligned)} clips, {sum(map(len, aligned.values()))} words aligned. Only words "
        "that a system has right.",
        "PocketSphinx has its own errors, above all at pauses: figures compare systems, they "
        "are no absolute.",
    ]
    write("word-times", rows, notes)


def _systems() -> Iterator[tuple[str, Read]]:
    settings = load_settings()
    workspace = build_workspace(settings)
    from faster_whisper import WhisperModel

    for model in ("tiny.en", "base"):
        folder = str(recognition_model(settings, model).folder())
        yield f"plain {model}", _plain(WhisperModel(folder, device="cpu", compute_type="int8"))
    for plan in ("fast", "balanced", "accurate"):
        options = RecognitionOptions.model_validate({"plan": plan, "language": "en"})
        recogniser = workspace.engines.recogniser(options)

        yield plan, partial(_ours, recogniser, options)


def _ours(recogniser: Recogniser, options: RecognitionOptions, path: Path) -> list[Word]:
    found = recogniser.recognise(StoredAudio.open(path), options, lambda _share: None)
    return [word for segment in found.segments for word in segment.words]


def _plain(whisper: Any) -> Read:
    def read(path: Path) -> list[Word]:
        found, _ = whisper.transcribe(
            str(path), language="en", word_timestamps=True, vad_filter=True
        )
        return [
            Word(float(word.start), float(word.end), word.word.strip())
            for segment in found
            for word in segment.words
        ]

    return read


def aligned_clips(folder: Path) -> Iterator[tuple[Path, list[Word]]]:
    """Clips with their words at the times of forced alignment."""
    from pocketsphinx import Decoder

    decoder = Decoder(samprate=SAMPLE_RATE)
    for at, item in enumerate(clips()):
        words = [re.sub(r"[^a-z']", "", word.lower()) for word in item.text.split()]
        if not words or any(decoder.lookup_word(word) is None for word in words):
            continue
        flac = folder / f"{at}.flac"
        decode_to_flac(item.audio, flac, Limits())
        samples, _rate = soundfile.read(str(flac), dtype="int16")
        decoder.set_align_text(" ".join(words))
        decoder.start_utt()
        decoder.process_raw(np.asarray(samples).tobytes(), no_search=False, full_utt=True)
        decoder.end_utt()
        found = [
            Word(
                each.start_frame / 100, (each.end_frame + 1) / 100, re.sub(r"\(\d\)", "", each.word)
            )
            for each in decoder.seg() or ()
            if each.word[0] not in "<["
        ]
        if len(found) == len(words):
            yield flac, found


def _row(name: str, read: Read, aligned: dict[Path, list[Word]]) -> Row:
    starts, ends, empty, total = [], [], 0, 0
    for path, expected in aligned.items():
        found = read(path)
        total, empty = total + len(found), empty + sum(bool(word.duration <= 0) for word in found)
        edits = Levenshtein.opcodes(
            [spelling(word.text) for word in expected], [spelling(word.text) for word in found]
        )
        for edit in edits:
            if edit.tag == "equal":
                for at in range(edit.src_end - edit.src_start):
                    there, here = expected[edit.src_start + at], found[edit.dest_start + at]
                    starts.append(abs(here.start - there.start))
                    ends.append(abs(here.end - there.end))
    return {
        "system": name,
        "words compared": len(starts),
        "start, median s": float(median(starts)),
        "start, p90 s": float(np.quantile(starts, 0.9)),
        "end, median s": float(median(ends)),
        "end, p90 s": float(np.quantile(ends, 0.9)),
        "words of no length": empty,
        "words": total,
    }


if __name__ == "__main__":
    main()
