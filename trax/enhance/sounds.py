"""How alike two spellings sound."""

import unicodedata

import jellyfish
from rapidfuzz.distance import Indel, Levenshtein


def closeness(one: str, other: str) -> float:
    """How alike two words or phrases sound, in [0, 1]; 1 where their letters are the same.

    The better of two measures: of letters without case, accents, spaces and punctuation (InDel),
    and, in the letters of English, of letters and Metaphone keys (Philips 1990) together.

    >>> near = closeness("elementary canal", "Alimentary canal.")
    >>> near > 0.75 > closeness("elementary", "digestive")
    True
    """
    first, second = letters(one), letters(other)
    if not first or not second:
        return 0.0
    spelled = Indel.normalized_similarity(first, second)
    if not (first.isascii() and second.isascii()):
        return spelled
    keys = jellyfish.metaphone(first), jellyfish.metaphone(second)
    if not all(keys):
        return spelled
    return max(spelled, (spelled + Levenshtein.normalized_similarity(*keys)) / 2)


def letters(text: str) -> str:
    """Letters and digits alone, without case and accents.

    >>> letters("Déjà-vu, 2!")
    'dejavu2'
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if char.isalnum())
