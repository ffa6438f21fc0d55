"""faster-whisper's model, with a change that cannot be made by calling it."""

from collections.abc import Sequence
from typing import Any

from faster_whisper import WhisperModel

from trax.asr.whisper_prompt import context_room


class RoomyWhisper(WhisperModel):  # type: ignore[misc]
    """A Whisper model that is never told so much that it has no room left to write.

    faster-whisper lets hotwords and the text before take all of the model's tokens together.
    """

    def get_prompt(
        self,
        tokenizer: Any,
        previous_tokens: Sequence[int],
        without_timestamps: bool = False,
        prefix: str | None = None,
        hotwords: str | None = None,
    ) -> list[int]:
        """The tokens before those of the window: hotwords, the text before, language, task."""
        room = context_room(tokenizer, hotwords, self.max_length)
        prompt: list[int] = super().get_prompt(
            tokenizer, list(previous_tokens)[-room:], without_timestamps, prefix, hotwords
        )
        return prompt
