"""How often a session is read, and with which model: as asked, or as well as the machine can."""

from dataclasses import dataclass, field

from trax.asr import Decoder
from trax.live.events import Noted

STEP = 0.5
"""Seconds of new sound between two readings, where the machine is quick enough."""

_LONGEST_STEP = 4.0
_ROOM = 1.3  # times the time that a reading takes: what is left is for others
_SLOW = 1.5  # seconds between readings from which people are told,
_QUICK = 0.9  # and under which they are told that it is over
_TOO_SLOW = 2.0  # seconds a reading, from which a smaller model reads
_LEARNT = 3  # readings that tell how long one takes
_NEW = 0.3  # share of the newest reading in the mean
_FAR_BEHIND = 10.0  # seconds of unread sound from which people are told,
_NEARLY = 3.0  # and under which they are told that it is over


@dataclass
class Pace:
    """How a session keeps up.

    Attributes:
        decoders: models, the one that was asked for first, each smaller than the one before.
        step: seconds of new sound between two readings.
    """

    decoders: list[Decoder]
    step: float = STEP
    _mean: float = 0.0
    _readings: int = 0
    _is_slow: bool = field(default=False)
    _is_behind: bool = field(default=False)

    @property
    def decoder(self) -> Decoder:
        """The model that reads now."""
        return self.decoders[0]

    def took(self, seconds: float, behind: float = 0.0) -> list[Noted]:
        """Learn how long a reading took; gives what people should know.

        Args:
            behind: seconds of sound that wait to be read.
        """
        return [*self._learnt(seconds), *self._told_behind(behind)]

    def _told_behind(self, behind: float) -> list[Noted]:
        if not self._is_behind and behind > _FAR_BEHIND:
            self._is_behind = True
            text = f"captions are {behind:.0f} seconds behind; all sound is kept and will be read"
            return [Noted(kind="behind", text=text)]
        if self._is_behind and behind < _NEARLY:
            self._is_behind = False
            return [Noted(kind="caught_up", text="captions keep up with the sound again")]
        return []

    def _learnt(self, seconds: float) -> list[Noted]:
        self._readings += 1
        share = max(_NEW, 1 / self._readings)
        self._mean += share * (seconds - self._mean)
        self.step = min(_LONGEST_STEP, max(STEP, _ROOM * self._mean))
        if self._readings < _LEARNT:
            return []
        if self._mean > _TOO_SLOW and len(self.decoders) > 1:
            return [self._take_smaller()]
        return self._told()

    def _take_smaller(self) -> Noted:
        slow = self.decoders.pop(0)
        self._readings = 0
        return Noted(
            kind="smaller_model",
            text=f"{slow.name} is too slow here: {self.decoder.name} reads from now on",
        )

    def _told(self) -> list[Noted]:
        if not self._is_slow and self.step >= _SLOW:
            self._is_slow = True
            text = f"this machine is busy: captions come every {self.step:.1f} seconds"
            return [Noted(kind="slow", text=text)]
        if self._is_slow and self.step <= _QUICK:
            self._is_slow = False
            return [Noted(kind="caught_up", text="captions come as quickly as usual again")]
        return []
