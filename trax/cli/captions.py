"""Captions in a terminal: committed words stay, tentative ones are dim below them."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from trax.live.captions import Captions
from trax.live.events import Noted, Numbered, Said, Spoken
from trax.transcript import Word, joined_text

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
_WAIT = 4.0  # seconds that words stay at the bottom until their speaker is known


class CaptionScreen:
    """Shows a session's captions until the block ends.

    Where nobody looks at a terminal, only what is certain is printed.
    """

    def __init__(self, console: Console, captions: Captions) -> None:
        self._captions = captions
        self._console = console
        self._live = Live(console=console, refresh_per_second=8, transient=True)
        self._pending: list[str] = []
        self._speaker: str | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._print(self._pending)
        self._live.stop()

    def take(self, numbered: Numbered) -> None:
        """Show an event."""
        match numbered.event:
            case Said() as said:
                self._pending.extend(word.id for word in said.committed)
                self._settle(said.heard)
            case Spoken():
                self._settle(self._captions.heard)
            case Noted(text=text):
                self._console.print(Text(f"({text})", style="dim italic"))
            case _:
                return
        if self._console.is_terminal:
            self._live.update(self._below())

    def _settle(self, now: float) -> None:
        """Print words whose speaker is known, or will not be soon; whole lines."""
        words = [self._captions.words[name] for name in self._pending]
        ready = 0
        for at, word in enumerate(words):
            is_known = word.speaker is not None or now - word.end > _WAIT
            if not is_known:
                break
            if word.text.endswith((".", "?", "!")):
                ready = at + 1
        self._print(self._pending[:ready])
        del self._pending[:ready]

    def _print(self, names: list[str]) -> None:
        words = [self._captions.words[name] for name in names]
        for run in _runs(words):
            self._console.print(self._line(run))

    def _line(self, words: list[Word]) -> Text:
        line = Text()
        speaker = words[0].speaker
        labels = self._captions.labels
        if speaker in labels and speaker != self._speaker:
            self._speaker = speaker
            style = _COLOURS[labels.index(speaker) % len(_COLOURS)]
            line.append(f"{self._captions.name_of(speaker)}: ", style=f"bold {style}")
        return line.append(joined_text(words))

    def _below(self) -> Text:
        """What is not printed yet."""
        words = [self._captions.words[name] for name in self._pending]
        text = Text(joined_text(words))
        return text.append(f" {joined_text(self._captions.tentative)}", style="dim")


def _runs(words: list[Word]) -> list[list[Word]]:
    """Words by the same speaker in a row."""
    runs: list[list[Word]] = []
    for word in words:
        if runs and runs[-1][-1].speaker == word.speaker:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs
