"""How many keys it takes to go to words and to write others in their place."""

from rapidfuzz.distance import Postfix, Prefix

_LINE = 12  # words in a line of a text box


def jumps(words: int) -> int:
    """Keys to a word so many further on, by word and by line."""
    lines, rest = divmod(max(0, words), _LINE)
    return min(words, lines + min(rest, 1 + _LINE - rest))


def written(now: str, text: str) -> int:
    """Keys that turn one text into another, from its start: past the letters that are right and
    change what differs, or delete the words whole and write them again.
    """
    again = len(now.split()) + len(text)
    ahead, changed, _behind = _changed(now, text)
    return min(again, ahead + changed)


def clicked(now: str, text: str) -> int:
    """The same where a click is a key that goes to a letter, or selects words by being drawn over
    them: then they are written over, or deleted by one key.
    """
    _ahead, changed, _behind = _changed(now, text)
    return 1 + min(max(1, len(text)), changed)


def overwritten(now: str, text: str) -> int:
    """The same in a field that is selected: written over, or one key to one of its ends, by words
    and letters to what differs, and change that.
    """
    ahead, changed, behind = _changed(now, text)
    left = _moves(now[:ahead])
    right = _moves(now[len(now) - behind :][::-1])
    return min(max(1, len(text)), 1 + min(left, right) + changed)


def _changed(now: str, text: str) -> tuple[int, int, int]:
    """Letters that are right before what differs, keys to change that, and right ones behind."""
    ahead = Prefix.similarity(now, text)
    rest, wanted = now[ahead:], text[ahead:]
    behind = Postfix.similarity(rest, wanted)
    return ahead, len(rest) + len(wanted) - 2 * behind, behind


def _moves(past: str) -> int:
    words = past.split(" ")
    return min(len(past), len(words) - 1 + len(words[-1]))
