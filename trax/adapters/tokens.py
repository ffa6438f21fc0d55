"""What a Whisper model is to write for a window."""

from pathlib import Path

from trax.adapters.windows import Window
from trax.errors import InvalidDocument

MOST_TOKENS = 448
"""That Whisper models write, those of the prompt counted."""

_TIMESTAMP = 0.02  # seconds from one timestamp token to the next


class WhisperTokens:
    """The tokens of a model by its ``tokenizer.json``.

    Raises:
        InvalidDocument: there is none, or it is not Whisper's.
    """

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:
            raise InvalidDocument(str(folder / "tokenizer.json"), str(error)) from error
        self._start = self._special("<|startoftranscript|>")
        self.end = self._special("<|endoftext|>")
        self._first_time = self._special("<|notimestamps|>") + 1

    def prompt(self, language: str, *, is_multilingual: bool) -> list[int]:
        """What the model is given before it writes, times included."""
        if not is_multilingual:
            return [self._start]
        return [self._start, self._special(f"<|{language}|>"), self._special("<|transcribe|>")]

    def written(self, window: Window) -> list[int]:
        """What the model is to write: each text between its times."""
        tokens: list[int] = []
        for said in window.said:
            tokens.append(self._time(said.start))
            tokens += self._tokenizer.encode(f" {said.text}", add_special_tokens=False).ids
            tokens.append(self._time(said.end))
        return [*tokens, self.end]

    def _time(self, seconds: float) -> int:
        return self._first_time + round(seconds / _TIMESTAMP)

    def _special(self, text: str) -> int:
        token: int | None = self._tokenizer.token_to_id(text)
        if token is None:
            raise InvalidDocument("tokenizer.json", f"it has no token {text}")
        return token
