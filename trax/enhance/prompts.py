"""The prompts: one file for each kind of work, with a version."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DOMAINS = {
    "general": "everyday speech",
    "technical": "technical speech: engineering, software, science in practice; "
    "keep identifiers and units as they are",
    "medical": "medical speech; drug names, doses and findings are never guessed",
    "academic": "academic speech: lectures, seminars, scholarly discussion; "
    "terms are used precisely",
}
"""How a prompt describes each domain."""

_MOST_TERMS = 200


@dataclass(frozen=True, slots=True)
class Prompt:
    """Instructions for a model.

    Attributes:
        fingerprint: task, version and digest of the text.
        text: with fields for domain, language, glossary and the language to translate into.
    """

    fingerprint: str
    text: str

    def filled(
        self,
        domain: str,
        language: str,
        glossary: Sequence[str],
        target: str = "",
    ) -> str:
        """The prompt of one job; at most the first 200 terms of the glossary are listed."""
        text = self.text.replace("{domain}", DOMAINS[domain])
        text = text.replace("{language}", language or "unknown")
        text = text.replace("{target}", target)
        text = text.replace("{glossary}", _glossary_line(glossary))
        return text.strip()


@cache
def prompt_for(task: str) -> Prompt:
    """The prompt for one kind of work."""
    head, _, body = _read(task).partition("\n")
    version = head.removeprefix("version:").strip()
    text = f"{body.strip()}\n\n{_read('common').strip()}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Prompt(f"{task}-{version}-{digest[:8]}", text)


def _read(name: str) -> str:
    path = files("trax.enhance").joinpath("prompts", f"{name}.md")
    return path.read_text(encoding="utf-8")


def _glossary_line(glossary: Sequence[str]) -> str:
    terms = [" ".join(term.split()) for term in glossary[:_MOST_TERMS]]
    listed = "; ".join(terms)
    return f"Terms that may occur, as they are written: {listed}\n" if listed else ""
