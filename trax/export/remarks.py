"""What people said about words, beside a transcript."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from trax.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that somebody said."""

    author: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A thread about words, or other words suggested in their place.

    Attributes:
        first: id of the first word.
        last: id of the last one.
        quote: what the words were when it was made.
        said: what was said first, and the answers.
        outcome: ``resolved``, ``accepted`` or ``refused``; empty while it is open.
    """

    first: str
    last: str
    quote: str
    said: tuple[Said, ...]
    is_suggestion: bool = False
    outcome: str = ""

    def answered(self, said: Said) -> "Remark":
        """The thread with one more answer."""
        return replace(self, said=(*self.said, said))

    @property
    def lines(self) -> list[str]:
        """What was said, a line for each, with who said it."""
        first, *others = self.said
        begun = f"suggests “{first.text}”" if self.is_suggestion else first.text
        lines = [f"{first.author}: {begun}"]
        lines += [f"{each.author}: {each.text}" for each in others]
        if self.outcome:
            lines.append(f"({self.outcome})")
        return lines


def placed(
    transcript: Transcript, remarks: Sequence[Remark]
) -> tuple[dict[str, list[Remark]], list[Remark]]:
    """Remarks by the id of the word that they end with, and those whose words are gone."""
    order = {word.id: at for at, word in enumerate(transcript.words)}
    found: dict[str, list[Remark]] = {}
    orphaned = []
    for remark in remarks:
        standing = [name for name in (remark.last, remark.first) if name in order]
        if standing:
            found.setdefault(max(standing, key=order.__getitem__), []).append(remark)
        else:
            orphaned.append(remark)
    return found, orphaned
