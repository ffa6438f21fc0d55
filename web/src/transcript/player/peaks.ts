/** How loud a recording is over time, as audiowaveform's .dat (version 2, 8 bits, one channel). */

export interface Peaks {
  /** Seconds from one point to the next. */
  readonly step: number;
  /** The largest value of each point, from 0 to 1. */
  readonly points: Float32Array;
}

const HEADER_BYTES = 24;

export function readPeaks(data: ArrayBuffer): Peaks {
  const view = new DataView(data);
  if (data.byteLength < HEADER_BYTES || view.getInt32(0, true) !== 2) {
    throw new Error("these are no peaks");
  }
  const rate = view.getInt32(8, true);
  const perPoint = view.getInt32(12, true);
  const values = new Int8Array(data, HEADER_BYTES);
  const points = new Float32Array(values.length >> 1);
  for (let at = 0; at < points.length; at++) {
    const low = values[2 * at] ?? 0;
    const high = values[2 * at + 1] ?? 0;
    points[at] = Math.min(1, Math.max(-low, high) / 127);
  }
  return { step: perPoint / rate, points };
}

/** As many points as there is room for: the loudest of each stretch. */
export function reduced(points: Float32Array, count: number): Float32Array {
  if (points.length <= count) return points;
  const fewer = new Float32Array(count);
  for (let at = 0; at < points.length; at++) {
    const place = Math.floor((at * count) / points.length);
    fewer[place] = Math.max(fewer[place] ?? 0, points[at] ?? 0);
  }
  return fewer;
}
