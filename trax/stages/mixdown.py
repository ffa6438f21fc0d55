"""The mixdown: a recording with new speech in the places of the old, a stretch at a time."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trax.audio import Waveform
from trax.audio.master import Frames, Master
from trax.audio.resampling import resample
from trax.stages.check import Checked
from trax.stages.stems import Stems, voice_at
from trax.transcript import Span
from trax.voice.lifting import STEP
from trax.voice.mixing import FADE, Stretch, loudness, placed, replaced, zero_crossing
from trax.voice.selection import Left, Selection, Utterance, left_out

_TOGETHER = 0.05  # seconds; places that are nearer to each other are one stretch
_PIECE = 20.0  # seconds of a stretch that are mixed at once
_CONTEXT = 1.0  # seconds before and after them that are mixed for what depends on neighbours


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What takes the place of some words.

    Attributes:
        place: what is replaced.
        utterance: the words; ``None`` if nothing takes their place.
        duration: seconds of the new speech.
    """

    place: Span
    utterance: Utterance | None = None
    duration: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mixed:
    """How an utterance went into the mix.

    Attributes:
        start: seconds at which its speech begins.
        end: and ends.
        before: loudness of the old voice, in LUFS.
        after: loudness of the new one.
        old: the old voice, and whatever voices are heard with it.
        new: the new one.
    """

    utterance: Utterance
    start: float
    end: float
    before: float
    after: float
    old: Waveform
    new: Waveform


class Mixdown:
    """Puts lines into a recording.

    Args:
        voices: the voices that were taken out of it.
        speech: gives the new speech for an utterance.
        on_mixed: called with how each utterance went in.

    Attributes:
        done: stretches that were changed so far, in seconds.
    """

    def __init__(
        self,
        master: Master,
        voices: Master,
        stems: Stems,
        speech: Callable[[Utterance], Waveform],
        on_mixed: Callable[[Mixed], None],
    ) -> None:
        self._master = master
        self._voices = voices
        self._stems = stems
        self._speech = speech
        self._on_mixed = on_mixed
        self._rate = master.shape.sample_rate
        self.done: list[Span] = []

    def stretches(self, lines: Sequence[Line]) -> Iterator[tuple[int, Frames]]:
        """Where each stretch that changes begins, in frames, and its samples; by start."""
        last = 0
        for group in _groups(lines, self._rate):
            start, end = self._cuts(group, last)
            yield from self._pieces(group, start, end)
            self.done.append(Span(start / self._rate, end / self._rate))
            last = end

    def _pieces(self, group: Sequence[Line], start: int, end: int) -> Iterator[tuple[int, Frames]]:
        """The stretch of a group a piece at a time, so that an hour without a pause takes no more
        memory than a minute.
        """
        spoken = [line.utterance for line in group if line.utterance is not None]
        waiting = deque(sorted(spoken, key=lambda each: each.span.start))
        speeches: list[tuple[int, Frames]] = []
        step = max(1, round(STEP * self._rate))
        piece, context = (round(seconds / STEP) * step for seconds in (_PIECE, _CONTEXT))
        for first in range(start, end, piece):
            past = min(end, first + piece)
            begin, stop = max(start, first - context), min(end, past + context)
            while waiting and round(waiting[0].span.start * self._rate) < stop:
                speeches.append(self._placed(waiting.popleft(), start))
            speeches = [each for each in speeches if each[0] + len(each[1]) > begin]
            mix = self._master.read(begin, stop)
            voice = voice_at(self._voices, self._stems.parts, begin, stop)
            here = [(at - begin, speech) for at, speech in speeches]
            made = replaced(Stretch(mix, voice, self._rate), here)
            yield first, made[first - begin : past - begin]

    def _cuts(self, group: Sequence[Line], last: int) -> tuple[int, int]:
        """The first frame of a stretch, and the one after its last: near zero crossings."""
        start, end = _bounds(group, self._rate)
        near = round(2 * FADE * self._rate)
        start, end = min(max(last, start), self._master.frames), min(self._master.frames, end)
        around = max(0, start - near)
        start = around + zero_crossing(
            self._master.read(around, start + near), start - around, self._rate
        )
        around = max(0, end - near)
        end = around + zero_crossing(
            self._master.read(around, end + near), end - around, self._rate
        )
        return max(last, start), max(last, start, end)

    def _placed(self, utterance: Utterance, start: int) -> tuple[int, Frames]:
        """The frame at which the new speech begins, and its samples as they go into the stretch
        that begins at the frame *start*.
        """
        speech = at_rate(self._speech(utterance), self._rate)
        first = round(utterance.span.start * self._rate)
        past = round(utterance.span.end * self._rate)
        past = min(past, self._master.frames)
        old = voice_at(self._voices, self._stems.parts, min(max(first, start), past), past)
        new = placed(speech, old)
        mixed = Mixed(
            utterance=utterance,
            start=first / self._rate,
            end=(first + len(new)) / self._rate,
            before=loudness(old, self._rate),
            after=loudness(new, self._rate),
            old=Waveform(old.mean(axis=1), self._rate),
            new=speech,
        )
        self._on_mixed(mixed)
        return max(first, start), new


def lines_of(
    selection: Selection, checked: Mapping[str, Checked], unspoken: str
) -> tuple[list[Line], list[Left]]:
    """What takes the place of what, by start; and all words that are not replaced.

    Args:
        unspoken: what becomes of words that are not replaced: ``original`` or ``silence``. Those
            with something personal fall silent.
    """
    lines: list[Line] = []
    left = list(selection.left)
    is_silent = unspoken == "silence"
    silent = [Span(each.start, each.end) for each in left if is_silent or each.personal]
    for utterance in selection.utterances:
        found = checked[utterance.id]
        if found.refused is None:
            lines.append(Line(utterance.place, utterance, found.take.spoken.duration))
        else:
            left.append(left_out(utterance, found.refused))
            if is_silent or utterance.personal:
                silent.append(utterance.place)
    lines += [Line(place) for place in silent]
    lines.sort(key=lambda line: line.place.start)
    return lines, sorted(left, key=lambda each: (each.start, each.id))


def at_rate(speech: Waveform, sample_rate: int) -> Waveform:
    """*speech* at another rate, its ends at zero so that they do not click."""
    made = resample(speech.samples, speech.sample_rate, sample_rate)
    length = min(round(FADE / 2 * sample_rate), len(made) // 2)
    weight = np.ones(len(made), np.float32)
    ramp = np.arange(length, dtype=np.float32) / max(1, length)
    weight[:length] = ramp
    weight[len(weight) - length :] = ramp[::-1]
    return Waveform(made * weight, sample_rate)


def _groups(lines: Sequence[Line], sample_rate: int) -> Iterator[list[Line]]:
    """Lines whose stretches touch, together."""
    group: list[Line] = []
    for line in lines:
        if group:
            start, _ = _bounds([line], sample_rate)
            _, end = _bounds(group, sample_rate)
            if start > end + _TOGETHER * sample_rate:
                yield group
                group = []
        group.append(line)
    if group:
        yield group


def _bounds(group: Sequence[Line], sample_rate: int) -> tuple[int, int]:
    """The frames from which and to which a group changes the recording."""
    starts = [round(line.place.start * sample_rate) for line in group]
    ends = [round(line.place.end * sample_rate) for line in group]
    for line in group:
        if line.utterance is not None:
            end = line.utterance.span.start + line.duration + FADE
            ends.append(round(end * sample_rate))
    return min(starts), max(ends)
