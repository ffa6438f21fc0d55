"""Words as lines of subtitles may be broken between, and how wide they are.

Scripts that put no spaces between words are broken between phrases, which BudouX finds, and not
before or after signs that belong to what follows or precedes (kinsoku, JIS X 4051; W3C clreq).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from trax.transcript import Word

if TYPE_CHECKING:
    from budoux import Parser

_WIDE = 2.6  # columns of a wide letter: sixteen fill a line of 42
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_THAI = re.compile("[\u0e01-\u0e5b]")
_UNSPACED = re.compile(
    f"{_KANA.pattern}|{_HAN.pattern}|[\u3105-\u312f\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]"
)
_NOT_FIRST = frozenset(
    "、。，．,.・：:；;？?！!‼⁇⁈⁉)）]］}｝」』】〉》〕〗〙”’»…‥ー〜～―–-ゝゞ々ヽヾ〻%％°ๆฯ"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
)
_NOT_LAST = frozenset("(（[［{｛「『【〈《〔〖〘“‘«$＄¥￥€£#＃№เแโใไ")


def columns(text: str) -> float:
    """How wide *text* is, in columns of Latin letters.

    >>> columns("abc"), columns("あい"), columns("ก็")
    (3.0, 5.2, 1.0)
    """
    return sum(map(_letter_columns, text), 0.0)


def phrases(words: Sequence[Word], widest: float) -> list[Word]:
    """*words* as they may be broken between: joined ones made one, unspaced ones cut into phrases.

    A phrase takes its times from the words that it is made of; a word that is cut lasts in
    proportion to its letters. No unspaced phrase is wider than *widest*.
    """
    found: list[Word] = []
    for run in _runs(words):
        text = "".join(word.text for word in run)
        cuts = _cuts(text, widest) if _UNSPACED.search(text) else []
        found.extend(_cut_at(run, text, cuts))
    return found


def _letter_columns(letter: str) -> float:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    return _WIDE if unicodedata.east_asian_width(letter) in "WF" else 1.0


def _runs(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words without spaces between them."""
    run: list[Word] = []
    for word in words:
        if run and not word.joined:
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _cut_at(run: Sequence[Word], text: str, cuts: Sequence[int]) -> Iterator[Word]:
    """The words of *run*, made one and cut at letters of their *text*."""
    times = _letter_times(run)
    for first, last in pairwise([0, *cuts, len(text)]):
        yield replace(
            run[0],
            start=times[first][0],
            end=max(end for _start, end in times[first:last]),
            text=text[first:last],
            joined=first > 0 or run[0].joined,
        )


def _letter_times(run: Sequence[Word]) -> list[tuple[float, float]]:
    """Start and end of each letter."""
    times = []
    for word in run:
        count = len(word.text)
        for at in range(count):
            start = word.start + word.duration * at / count
            end = word.end if at + 1 == count else word.start + word.duration * (at + 1) / count
            times.append((start, end))
    return times


def _cuts(text: str, widest: float) -> list[int]:
    """Where *text* may be broken: between phrases, and within those that are too wide."""
    between = [at for at in _phrase_ends(text) if _may_break(text, at)]
    cuts: list[int] = []
    start = 0
    for end in [*between, len(text)]:
        cuts.extend(_cuts_within(text, start, end, widest))
        start = end
        cuts.append(end)
    return cuts[:-1]


def _cuts_within(text: str, start: int, end: int, widest: float) -> Iterator[int]:
    """Cuts that leave no part of ``text[start:end]`` wider than *widest*, if letters allow it."""
    last = start
    for at in range(start + 1, end):
        if columns(text[start : at + 1]) > widest and last > start:
            yield last
            start = last
        if _may_break(text, at):
            last = at


def _may_break(text: str, at: int) -> bool:
    """Whether a line may end before ``text[at]``."""
    before, after = text[at - 1], text[at]
    if after in _NOT_FIRST or before in _NOT_LAST or _letter_columns(after) == 0.0:
        return False
    return bool(_UNSPACED.match(before) or _UNSPACED.match(after)) or not before.isalnum()


def _phrase_ends(text: str) -> list[int]:
    """Where phrases end within *text*, its end excepted.

    The parsers for the two ways of writing Chinese are sure only where they agree.
    """
    found = [_ends(_parser(name), text) for name in _parser_names(text)]
    return sorted(set.intersection(*found) - {len(text)}) if found else []


def _ends(parser: "Parser", text: str) -> set[int]:
    return set(accumulate(len(phrase) for phrase in parser.parse(text)))


def _parser_names(text: str) -> tuple[str, ...]:
    if _KANA.search(text):
        return ("japanese",)
    if _HAN.search(text):
        return ("simplified_chinese", "traditional_chinese")
    return ("thai",) if _THAI.search(text) else ()


@cache
def _parser(name: str) -> "Parser":
    import budoux

    parser: Parser = getattr(budoux, f"load_default_{name}_parser")()
    return parser
