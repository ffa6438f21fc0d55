"""Pipelines as values: their stages, and which reads the results of which."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, Literal

from trax.errors import InvalidOption
from trax.work.values import Options, StageWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a pipeline.

    Attributes:
        version: raised when the stage's code comes to give another result; part of checkpoint keys.
        summary: one sentence for people.
        prepare: called with a workspace, a job, and the results that the stage reads, each under
            the name of its role; gives the work to do.
        reads: roles, each with the name of the stage whose result plays it.
        where: ``device`` for a stage that needs a model's device: it holds one of the device's
            slots, or runs in the process that keeps models loaded.
    """

    name: str
    version: int
    summary: str
    prepare: Callable[..., StageWork]
    reads: Mapping[str, str] = field(default_factory=dict)
    where: Literal["process", "device"] = "process"

    def reading(self, **stages: str) -> "Stage":
        """This stage, with each of its roles played by the result of the stage of that name."""
        return replace(self, reads=stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(Generic[Options]):
    """Stages in an order in which each comes after those that it reads.

    Raises:
        ValueError: two stages have the same name, or one reads a stage that does not come before
            it.
    """

    name: str
    options: type[Options]
    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        before: set[str] = set()
        for stage in self.stages:
            if stage.name in before:
                raise ValueError(f"two stages of {self.name} are called {stage.name}")
            for name in stage.reads.values():
                if name not in before:
                    raise ValueError(f"{stage.name} reads {name}, which does not come before it")
            before.add(stage.name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the stages, in order."""
        return tuple(stage.name for stage in self.stages)

    @property
    def versions(self) -> dict[str, int]:
        """Every stage's version, by its name."""
        return {stage.name: stage.version for stage in self.stages}

    def stage(self, name: str) -> Stage:
        """The stage called *name*.

        Raises:
            InvalidOption: there is none.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise InvalidOption(f"there is no stage {name!r}; stages are {', '.join(self.names)}")

    def following(self, name: str) -> tuple[str, ...]:
        """The stage called *name* and all that read its result, directly or through others, in
        order.

        Raises:
            InvalidOption: there is no such stage.
        """
        found = {self.stage(name).name}
        for stage in self.stages:
            if found & set(stage.reads.values()):
                found.add(stage.name)
        return tuple(each for each in self.names if each in found)
