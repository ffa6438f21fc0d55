"""The first peer: plain faster-whisper, plain pyannote, and each word to the speaker who overlaps
it most.

Run as a process of its own: ``python -m benchmarks.plain AUDIO MODEL sequential|batched``. Same
weights and threads as Trax; the libraries' own defaults otherwise.
"""

import json
import sys
import time
import warnings
from collections import defaultdict
from typing import Any

from trax.compose import build_workspace
from trax.engines import diarization_model, recognition_model
from trax.settings import load_settings


def main(audio: str, model: str, way: str) -> None:
    """Print words with speakers, turns and seconds as JSON."""
    settings = load_settings()
    build_workspace(settings)  # sets the same environment for the libraries
    from faster_whisper import BatchedInferencePipeline, WhisperModel, decode_audio

    began = time.process_time()
    samples = decode_audio(audio)
    folder = str(recognition_model(settings, model).folder())
    whisper = WhisperModel(
        folder, device="cpu", compute_type="int8", cpu_threads=settings.chosen_threads
    )
    if way == "batched":
        found, _ = BatchedInferencePipeline(whisper).transcribe(
            samples, word_timestamps=True, batch_size=8
        )
    else:
        found, _ = whisper.transcribe(samples, word_timestamps=True, vad_filter=True)
    words = [(word.start, word.end, word.word) for segment in found for word in segment.words]
    recognised = time.process_time()
    output = diarized(samples)
    turns = [
        (segment.start, segment.end, label)
        for segment, _, label in output.speaker_diarization.itertracks(yield_label=True)
    ]
    result = {
        "utterances": utterances(words, turns),
        "turns": turns,
        "recognition_cpu": recognised - began,
        "diarization_cpu": time.process_time() - recognised,
    }
    print(json.dumps(result))


def stock_pipeline() -> Any:
    """Stock pipeline on the packaged weights, one torch thread as in Trax."""
    from trax.models.torchaudio_import import ensure_torchaudio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ensure_torchaudio()
        import torch
        from pyannote.audio import Pipeline

        from trax.testing.plain_pipeline import pipeline_folder

        torch.set_num_threads(1)
        settings = load_settings()
        folder = pipeline_folder(diarization_model(settings, "packaged").folder())
        pipeline: Any = Pipeline.from_pretrained(folder)
        return pipeline.to(torch.device(settings.chosen_device))


def diarized(samples: Any) -> Any:
    """The stock call."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return stock_pipeline()(
            {"waveform": torch.from_numpy(samples)[None], "sample_rate": 16_000, "uri": "x"}
        )


def utterances(
    words: list[tuple[float, float, str]], turns: list[tuple[float, float, str]]
) -> list[dict[str, str | float]]:
    """Runs of words by the speaker whose turns overlap each most; words without a turn stay with
    the last speaker.
    """
    rows: list[dict[str, str | float]] = []
    last = turns[0][2] if turns else "unknown"
    for start, end, text in words:
        shares: dict[str, float] = defaultdict(float)
        for first, final, label in turns:
            shares[label] += max(0.0, min(end, final) - max(start, first))
        speaker = max(shares, key=lambda label: shares[label]) if any(shares.values()) else last
        if rows and rows[-1]["speaker"] == speaker:
            rows[-1] |= {"words": f"{rows[-1]['words']}{text}", "end_time": end}
        else:
            rows.append({"speaker": speaker, "words": text, "start_time": start, "end_time": end})
        last = speaker
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:4])
