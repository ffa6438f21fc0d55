"""Draw the samples of replaced voices: spectrograms that stand beside them in the docs.

python -m benchmarks.voice_pictures: ``docs/samples/*.m4a`` to PNG of the same names; 0 to 8 kHz
upwards, 80 dB from white to black.
"""

import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trax.audio import StoredAudio
from trax.audio.decode import decode_to_flac
from trax.audio.probe import Limits
from trax.transcript import Span

SAMPLES = Path(__file__).resolve().parents[1] / "docs" / "samples"

_WINDOW, _STEP = 512, 256  # samples at 16 kHz
_RANGE_DB = 80.0


def spectrogram(samples: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A picture of shape ``(frequencies, times)``, the highest frequency first; black is loud."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_STEP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1)) ** 2
    level = 10 * np.log10(np.maximum(power, 1e-10))
    shade = np.clip((level.max() - level) / _RANGE_DB, 0.0, 1.0)
    picture: NDArray[np.uint8] = 17 * np.flipud((15 * shade).astype(np.uint8).T)
    return picture  # few greys: a small file


def png(picture: NDArray[np.uint8]) -> bytes:
    """A grey picture as a PNG file."""
    height, width = picture.shape
    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(name: bytes, data: bytes) -> bytes:
    checked = name + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))


def main() -> None:
    """Draw each sample."""
    for path in sorted(SAMPLES.glob("*.m4a")):
        with tempfile.TemporaryDirectory() as folder:
            flac = Path(folder) / "audio.flac"
            decode_to_flac(path, flac, Limits())
            audio = StoredAudio.open(flac)
            samples = audio.read(Span(0.0, audio.duration)).samples
        path.with_suffix(".png").write_bytes(png(spectrogram(samples)))


if __name__ == "__main__":
    main()
