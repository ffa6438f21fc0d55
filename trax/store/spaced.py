"""Text of scripts that put no spaces between words, as the full-text searches can split it.

Both split at spaces. Every letter of such a script becomes a word of its own, and what is looked
for a phrase of them: any part of what was said is found, one letter or many, and by both databases
alike. Korean has spaces, but its particles cling to words.
"""

import re
import unicodedata

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # Tibetan, Burmese, Khmer
    "\u3005-\u3007\u3031-\u3035\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana
    "\u3105-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Han
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"  # Hangul
)
_LETTER = re.compile(f"[{_UNSPACED}]")
_UNUSUAL = re.compile(f"[{_UNSPACED}\uff01-\uff5e]")  # or as wide as Han
_BETWEEN = re.compile(rf"(?<=[{_UNSPACED}])[^\w{_UNSPACED}]+(?=[{_UNSPACED}])")
_PUNCTUATION = re.compile("[\u3001-\u3003\u3008-\u3020\u3030\u30fb]")
_BORDER = " xb "  # ends a phrase where punctuation or a space does


def spaced(text: str) -> str | None:
    """*text* with its unspaced letters as words; ``None`` if it has none.

    Wide letters, as beside Han, become narrow ones. An unspaced letter is
    written as a word of ASCII, which every tokenizer leaves whole.

    >>> spaced("iPhoneを。")
    'iPhone xu03092'
    >>> spaced("hello")
    """
    if not _UNUSUAL.search(text):
        return None
    marked = _BETWEEN.sub(_BORDER, unicodedata.normalize("NFKC", text))
    return " ".join(_LETTER.sub(_word, _PUNCTUATION.sub(" ", marked)).split())


def _word(letter: re.Match[str]) -> str:
    return f" xu{ord(letter[0]):05x} "
