"""Options of enhancement."""

from importlib.util import find_spec
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from trax.errors import MissingPart

TASKS = {
    "correct": "words that were misheard, where they were doubtful",
    "glossary": "misheard terms of your glossary",
    "punctuate": "punctuation and capitals",
    "paragraph": "where paragraphs begin",
    "title": "a title",
    "summary": "a summary",
    "chapters": "chapters with times",
    "actions": "who is to do what",
    "names": "speakers' names, as far as they are said",
    "speakers": "words that went to the wrong speaker",
    "translate": "a translation of every segment",
}
"""Every kind of work with what it concerns, in the order in which they run."""

BEFORE_MERGE = ("correct", "glossary", "punctuate", "paragraph")
"""The kinds of work that need no speakers."""

Task = Literal[
    "correct",
    "glossary",
    "punctuate",
    "paragraph",
    "title",
    "summary",
    "chapters",
    "actions",
    "names",
    "speakers",
    "translate",
]


class EnhancementOptions(BaseModel):
    """What the language model is asked to do, if one is configured."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Enhancement")

    tasks: tuple[Task, ...] = Field(
        ("correct",),
        title="Tasks",
        description="; ".join(f"{name}: {what}" for name, what in TASKS.items())
        + ". None: no text leaves the machine.",
    )
    domain: Literal["auto", "general", "technical", "medical", "academic"] = Field(
        "auto",
        title="Domain",
        description="What kind of speech it is; auto finds out from what is said.",
    )
    glossary: tuple[str, ...] = Field(
        (),
        title="Glossary",
        description="Names and terms as they are written, besides the hotwords.",
        max_length=2000,
    )
    language: str = Field(
        "",
        title="Translate to",
        description="Code of the language to translate to, such as de.",
        pattern=r"^[\w-]{0,20}$",
    )
    mask: bool = Field(
        False,
        title="Mask",
        description="Hide names, numbers, addresses and e-mail before text leaves the machine.",
    )

    @field_validator("tasks")
    @classmethod
    def _each_once_in_order(cls, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
        return tuple(sorted(set(tasks), key=list(TASKS).index))

    @field_validator("glossary")
    @classmethod
    def _terms_are_text(cls, terms: tuple[str, ...]) -> tuple[str, ...]:
        stripped = [term.strip() for term in terms]
        return tuple(dict.fromkeys(filter(None, stripped)))

    @model_validator(mode="after")
    def _translation_has_a_language(self) -> "EnhancementOptions":
        if "translate" in self.tasks and not self.language:
            raise ValueError("translate needs a language to translate to")
        return self

    def check(self) -> None:
        """Check that the packages that these options need are installed.

        Raises:
            MissingPart: a package is missing.
        """
        if self.mask and not _is_installed("presidio_analyzer"):
            raise MissingPart(
                "hiding personal data needs Presidio, which trax-speech[privacy] installs"
            )
        transfer_installed = _is_installed("diarizationlm") and _is_installed("numba")
        if "speakers" in self.tasks and not transfer_installed:
            raise MissingPart(
                "moving words between speakers needs trax-speech[speakers], "
                "and diarizationlm without its dependencies"
            )

    @property
    def tasks_before_merge(self) -> tuple[Task, ...]:
        """The chosen kinds of work that need no speakers."""
        return tuple(task for task in self.tasks if task in BEFORE_MERGE)

    @property
    def tasks_after_merge(self) -> tuple[Task, ...]:
        """The chosen kinds of work that need speakers."""
        return tuple(task for task in self.tasks if task not in BEFORE_MERGE)


def _is_installed(package: str) -> bool:
    return find_spec(package) is not None
