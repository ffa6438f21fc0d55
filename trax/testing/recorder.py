"""A reporter that remembers a job's events."""

from trax.progress import Advanced, Event, Failed, Finished, Noted, Started


class Recorder:
    """Keeps events in the order in which they came, from whatever thread."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        """Keep an event."""
        self.events.append(event)

    @property
    def started(self) -> list[str]:
        """Stages that began."""
        return [event.stage for event in self.events if isinstance(event, Started)]

    @property
    def finished(self) -> list[str]:
        """Stages that ended well."""
        return [event.stage for event in self.events if isinstance(event, Finished)]

    @property
    def failed(self) -> list[str]:
        """Stages that ended badly."""
        return [event.stage for event in self.events if isinstance(event, Failed)]

    @property
    def notes(self) -> list[str]:
        """What was noted."""
        return [event.message for event in self.events if isinstance(event, Noted)]

    def shares(self, stage: str) -> list[float]:
        """How far *stage* was, each time it said so."""
        moves = [event for event in self.events if isinstance(event, Advanced)]
        return [event.share for event in moves if event.stage == stage]
