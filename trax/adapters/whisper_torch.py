"""A Whisper model for training in transformers, made from the CTranslate2 weights that decode."""

from pathlib import Path
from typing import Any

from trax.adapters.ct2_file import ModelFile, read_model_file
from trax.adapters.whisper_names import layer_count, transformers_state
from trax.errors import MissingPart
from trax.models.torchaudio_import import ensure_torchaudio


def check_training_packages() -> None:
    """Check that what trains is installed.

    Raises:
        MissingPart: it is not.
    """
    from importlib.util import find_spec

    missing = [name for name in ("transformers", "peft") if find_spec(name) is None]
    if missing:
        raise MissingPart(
            f"training needs the package {' and '.join(missing)}; "
            "install the extra: pip install 'trax-speech[adapt]'"
        )


def load_for_training(folder: Path) -> Any:
    """Transformers' ``WhisperForConditionalGeneration`` with the weights of a CTranslate2 folder.

    Raises:
        MissingPart: transformers is not installed.
        InvalidDocument: the weights cannot be read.
    """
    check_training_packages()
    return transformers_model(read_model_file(folder / "model.bin"))


def transformers_model(model: ModelFile) -> Any:
    """Transformers' ``WhisperForConditionalGeneration`` with the weights of *model*, in float32."""
    ensure_torchaudio()  # which transformers imports
    import torch
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    config = WhisperConfig(**_shape(model))
    with torch.device("meta"):
        whisper = WhisperForConditionalGeneration(config)
    state = {}
    for name, values in transformers_state(model).items():
        state[name] = torch.from_numpy(values.copy())
    whisper.load_state_dict(state, strict=True, assign=True)
    whisper.tie_weights()
    return whisper


def _shape(model: ModelFile) -> dict[str, Any]:
    """The configuration of transformers that fits the weights."""
    vocabulary, width = model.variables["decoder/embeddings/weight"].shape
    encoder_width = model.variables["encoder/layer_0/ffn/linear_0/weight"].shape[0]
    decoder_width = model.variables["decoder/layer_0/ffn/linear_0/weight"].shape[0]
    return {
        "vocab_size": vocabulary,
        "d_model": width,
        "num_mel_bins": model.variables["encoder/conv1/weight"].shape[1],
        "encoder_layers": layer_count(model, "encoder"),
        "decoder_layers": layer_count(model, "decoder"),
        "encoder_attention_heads": int(model.variables["encoder/num_heads"]),
        "decoder_attention_heads": int(model.variables["decoder/num_heads"]),
        "encoder_ffn_dim": encoder_width,
        "decoder_ffn_dim": decoder_width,
        "max_source_positions": len(model.variables["encoder/position_encodings/encodings"]),
        "max_target_positions": len(model.variables["decoder/position_encodings/encodings"]),
        "dropout": 0.0,
        "attention_dropout": 0.0,
        "activation_dropout": 0.0,
        "use_cache": False,
        **_special_tokens(vocabulary),
    }


def _special_tokens(vocabulary: int) -> dict[str, int]:
    """Ids that lie in the vocabulary; training takes the right ones from the tokenizer."""
    last = min(50_257, vocabulary - 2)
    names = ("pad_token_id", "bos_token_id", "eos_token_id")
    return {**dict.fromkeys(names, last), "decoder_start_token_id": last + 1}
