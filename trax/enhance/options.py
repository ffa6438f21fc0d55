"""What a person may choose of enhancement."""

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
"""The kinds of work, in the order in which they are done."""

BEFORE_MERGE = ("correct", "glossary", "punctuate", "paragraph")
"""Those that need no speakers."""

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
    """What a language model is asked to do, where one is configured."""

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
        return tuple(dict.fromkeys(term.strip() for term in terms if term.strip()))

    @model_validator(mode="after")
    def _translation_has_a_language(self) -> "EnhancementOptions":
        if "translate" in self.tasks and not self.language:
            raise ValueError("translate wants a language to translate to")
        return self

    def check(self) -> None:
        """Look whether the packages that these choices want are installed.

        Raises:
            MissingPart: one is not.
        """
        if self.mask and find_spec("presidio_analyzer") is None:
            raise MissingPart(
                "hiding personal data wants Presidio: pip install 'trax-speech[privacy]'"
            )
        if "speakers" in self.tasks and not (find_spec("diarizationlm") and find_spec("numba")):
            advice = "pip install 'trax-speech[speakers]', and diarizationlm with --no-deps"
            raise MissingPart(f"moving words between speakers wants diarizationlm: {advice}")

    def asked(self, *, merged: bool) -> tuple[Task, ...]:
        """The tasks of the stage before merging, or of the one after."""
        return tuple(task for task in self.tasks if (task not in BEFORE_MERGE) is merged)
