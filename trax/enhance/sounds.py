"""How similar two spellings sound."""

import unicodedata

import jellyfish
from rapidfuzz.distance import Indel, Levenshtein


def closeness(one: str, other: str) -> float:
    """How similar two words or phrases sound, in [0, 1]; 1 if their letters are the same.

    The better of two measures: of letters without case, accents, spaces and punctuation (InDel),
    and, in the letters of English, of letters and Metaphone keys (Philips 1990) together.

    >>> near = closeness("elementary canal", "Alimentary canal.")
    >>> near > 0.75 > closeness("elementary", "digestive")
    True
    """
    first = letters(one)
    second = letters(other)
    if not first or not second:
        return 0.0
    spelled = Indel.normalized_similarity(first, second)
    if not (first.isascii() and second.isascii()):
        return spelled
    first_key = jellyfish.metaphone(first)
    second_key = jellyfish.metaphone(second)
    if not first_key or not second_key:
        return spelled
    spoken = Levenshtein.normalized_similarity(first_key, second_key)
    return max(spelled, (spelled + spoken) / 2)


def letters(text: str) -> str:
    """Only the letters and digits of a text, without case and accents.

    >>> letters("Déjà-vu, 2!")
    'dejavu2'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if char.isalnum())
