"""What is done to recordings that would lose their sound as they are: too quiet, too loud, or with
channels that cancel each other. Nothing is done to any other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.audio.conversion import SAMPLE_RATE
from trax.audio.meter import BLOCK, Measured, Values, finite, widened
from trax.transcript.cautions import WARNINGS
from trax.transcript.span import format_clock

_LOUD_BLOCKS = 8  # that reach the level of a recording: two seconds
_QUIET = -50.0  # dB: speech below it begins to be missed
_WANTED = -23.0  # dB: the level of ordinary speech
_SILENT = -110.0  # dB: nothing is there to be amplified
_MOST_GAIN = 80.0  # dB
_OVER = 1.5  # amplitude that is more than the overshoot of lossy codecs
_HEADROOM = 0.5  # amplitude that speech is brought to that was over full scale

_SURELY_OPPOSED = -0.5  # correlation below which two channels cancel
_OPPOSED = -0.3  # the same in a recording in which some do for sure
_SIMILAR = 12.0  # dB: a channel that is weaker by more cancels little
_AUDIBLE = 25.0  # dB below a recording's level down to which blocks count
_SMOOTHED = 5  # blocks that decide together
_LEAST_OPPOSED = 6  # blocks
_ACTIVE = 40.0  # dB below the loudest channel down to which one counts in a mix
_FADE = 160  # samples over which a channel is turned round

_UNNAMED = "NONE"  # FFmpeg's name of a channel without a place
_SURROUND = 8  # channels; more without a layout are microphones, not loudspeakers

# The place of the low-frequency channel, which mixing leaves out, in layouts by guess.
_GUESSED_LFE = {3: 2, 6: 3, 7: 3, 8: 3}
_SPEECH_IN_LFE = 20.0  # dB below the loudest channel: no low-frequency effects reach that


@dataclass(frozen=True, slots=True, eq=False)
class Treatment:
    """How float samples become 16-bit ones.

    Attributes:
        gain: factor.
        offset: subtracted first, one value a channel.
        mixed_from: number of channels that share a mix evenly.
        only_louder: whether nothing but quietness asks for it.
        signs: -1 in each block for each channel that is turned round, shape
            ``(blocks, channels)``; ``None`` if none is.
        warnings: sentences about what was done.
    """

    gain: float
    offset: Values
    mixed_from: int
    only_louder: bool
    signs: Values | None
    warnings: tuple[str, ...]

    def channels(self, samples: Values, first: int) -> NDArray[np.int16]:
        """All channels of *samples*, which begin at frame *first* of the recording."""
        return _as_int16(self._treated(samples, first))

    def mono(self, samples: Values, first: int) -> NDArray[np.int16]:
        """One channel of *samples*, shape ``(frames, 1)``."""
        total = self._treated(samples, first).sum(axis=1, keepdims=True)
        return _as_int16(total / self.mixed_from)

    def _treated(self, samples: Values, first: int) -> Values:
        clean = widened(finite(samples), len(self.offset))
        treated = (clean - self.offset) * np.float32(self.gain)
        if self.signs is None:
            return treated
        return treated * _faded(self.signs, first, len(samples))


def treatment(measured: Measured, names: list[str], *, mixable: bool) -> Treatment | None:
    """What a recording needs; ``None`` for an ordinary one.

    Args:
        names: of its channels, as FFmpeg calls them.
        mixable: whether FFmpeg can mix them.
    """
    signs = _opposite_signs(measured)
    guessed = len(names) > _SURROUND and set(names) == {_UNNAMED}
    lost = guessed or not mixable or _speech_in_lfe(measured, _lfe_channel(names))
    even = signs is not None or lost
    level = _level(measured.levels.max(axis=1) if even else measured.mixed)
    gain, warnings = _gain(level, _level(measured.peaks))
    if signs is not None:
        warnings = (_said_of(signs), *warnings)
    if not even and gain == 1.0:
        return None
    mixed_from = _active_channels(measured)
    only_louder = gain > 1.0 and not even
    return Treatment(gain, measured.offset, mixed_from, only_louder, signs, warnings)


def _lfe_channel(names: list[str]) -> int | None:
    """The low-frequency channel among channels of these names, or by guess if they have none."""
    if "LFE" in names:
        return names.index("LFE")
    return _GUESSED_LFE.get(len(names)) if set(names) == {_UNNAMED} else None


def _level(blocks: Values) -> float:
    """What the loudest two seconds reach, or the loudest tenth of a short recording."""
    count = max(1, min(_LOUD_BLOCKS, len(blocks) // 10))
    return float(np.sort(blocks)[-count])


def _gain(level: float, peak: float) -> tuple[float, tuple[str, ...]]:
    """The factor that a recording needs, and what is said of it."""
    if peak > _OVER:
        gain = _HEADROOM / peak
        quieter = -20 * np.log10(gain)
        return gain, (WARNINGS.say("too-loud", decibels=f"{quieter:.0f}"),)
    if not _SILENT < level < _QUIET:
        return 1.0, ()
    louder = min(_WANTED - level, _MOST_GAIN)
    return 10 ** (louder / 20), (WARNINGS.say("very-quiet", decibels=f"{louder:.0f}"),)


def _opposite_signs(measured: Measured) -> Values | None:
    """The signs with which channels add up; ``None`` if they do as they are."""
    if measured.channels < 2:
        return None
    audible = measured.levels.max(axis=1)
    loud = audible > max(_level(audible) - _AUDIBLE, _SILENT)
    if not loud.any():
        return None
    likeness = _smoothed(_likeness_to_anchor(measured)[loud])
    if (likeness < _SURELY_OPPOSED).any(axis=1).sum() < _LEAST_OPPOSED:
        return None
    signs = np.where(likeness < _OPPOSED, -1.0, 1.0).astype(np.float32)
    latest = np.maximum(np.cumsum(loud) - 1, 0)  # pauses keep the signs of what came before
    found: Values = signs[latest]
    return found


def _likeness_to_anchor(measured: Measured) -> Values:
    """Correlation of each channel with the one that is the loudest overall; 0 if it is weak."""
    loudest = measured.power.max(axis=1, keepdims=True)
    weak = measured.power < loudest * 10 ** (-_SIMILAR / 10)
    likeness = np.where(weak, 0.0, measured.likeness)
    anchor = int(measured.power.sum(axis=0).argmax())
    found: Values = likeness * likeness[:, anchor : anchor + 1]
    return found


def _smoothed(values: Values) -> Values:
    """The mean over neighbouring blocks."""
    margin = _SMOOTHED // 2
    padded = np.pad(values, ((margin, margin), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _SMOOTHED, axis=0)
    found: Values = windows.mean(axis=-1)
    return found


def _speech_in_lfe(measured: Measured, lfe: int | None) -> bool:
    if lfe is None or lfe >= measured.channels:
        return False
    heard = measured.power.sum(axis=0)
    return bool(heard[lfe] > heard.max() * 10 ** (-_SPEECH_IN_LFE / 10) > 0)


def _active_channels(measured: Measured) -> int:
    levels = [_level(channel) for channel in measured.levels.T]
    return sum(level > max(levels) - _ACTIVE for level in levels)


def _said_of(signs: Values) -> str:
    seconds = (signs < 0).any(axis=1).sum() * BLOCK / SAMPLE_RATE
    return WARNINGS.say("upside-down", duration=format_clock(seconds))


def _faded(signs: Values, first: int, count: int) -> Values:
    """Sign of each channel in *count* frames from *first* on, crossing over where it changes."""
    frames = np.arange(first, first + count)
    block = np.minimum(frames // BLOCK, len(signs) - 1)
    before = np.maximum(block - 1, 0)
    share = np.minimum(1.0, (frames - block * BLOCK) / _FADE).astype(np.float32)[:, None]
    found: Values = signs[before] + (signs[block] - signs[before]) * share
    return found


def _as_int16(samples: Values) -> NDArray[np.int16]:
    scaled = np.rint(samples * 32768.0)
    found: NDArray[np.int16] = scaled.clip(-32768, 32767).astype(np.int16)
    return found
