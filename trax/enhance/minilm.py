"""Sentence embeddings by MiniLM (Wang et al. 2020; sentence-transformers/all-MiniLM-L6-v2) in ONNX
Runtime.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trax.models import Model

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MOST_TOKENS = 256


class MiniLM:
    """Embeds English text, and other languages less well. The model is loaded on first use."""

    def __init__(self, model: Model, threads: int = 1) -> None:
        self._model = model
        self._threads = threads

    @property
    def fingerprint(self) -> str:
        """Names the weights."""
        return self._model.fingerprint

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape ``(texts, 384)``: the mean of the tokens' vectors."""
        session, tokenizer = self._loaded
        encoded = tokenizer.encode_batch(list(texts))
        ids = _integers([each.ids for each in encoded])
        mask = _integers([each.attention_mask for each in encoded])
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        given = {each.name: inputs[each.name] for each in session.get_inputs()}
        states = session.run(None, given)[0]
        if states.ndim == 3:
            weights = mask[..., None].astype(np.float32)
            states = (states * weights).sum(1) / weights.sum(1)
        lengths = np.linalg.norm(states, axis=1, keepdims=True)
        vectors: NDArray[np.float32] = states / lengths
        return vectors.astype(np.float32)

    @cached_property
    def _loaded(self) -> "tuple[Any, Tokenizer]":
        import onnxruntime
        from tokenizers import Tokenizer

        folder = self._model.folder()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(_MOST_TOKENS)
        tokenizer.enable_padding()
        return session, tokenizer


def _integers(rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    return np.array(rows, dtype=np.int64)
