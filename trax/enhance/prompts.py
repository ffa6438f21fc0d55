"""The prompts: a file a kind of work, each with a version."""

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
"""What a prompt says of each domain."""

_MOST_TERMS = 200


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told to do.

    Attributes:
        fingerprint: task, version and digest of the file.
        text: with places for domain, language, glossary and the language to translate to.
    """

    fingerprint: str
    text: str

    def filled(self, domain: str, language: str, glossary: Sequence[str], target: str = "") -> str:
        """The prompt for one job."""
        terms = "; ".join(" ".join(term.split()) for term in glossary[:_MOST_TERMS])
        return (
            self.text.replace("{domain}", DOMAINS[domain])
            .replace("{language}", language or "unknown")
            .replace("{target}", target)
            .replace(
                "{glossary}",
                f"Terms that may occur, as they are written: {terms}\n" if terms else "",
            )
        ).strip()


@cache
def prompt_for(task: str) -> Prompt:
    """The prompt of one kind of work."""
    text = files("trax.enhance").joinpath("prompts", f"{task}.md").read_text(encoding="utf-8")
    head, _, body = text.partition("\n")
    version = head.removeprefix("version:").strip()
    common = files("trax.enhance").joinpath("prompts", "common.md").read_text(encoding="utf-8")
    whole = f"{body.strip()}\n\n{common.strip()}"
    return Prompt(f"{task}-{version}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}", whole)
