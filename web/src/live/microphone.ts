// The microphone as 16-bit samples at 16 kHz.

import worklet from "./capture.worklet.js?url";

export const RATE = 16_000;

/** Called with 100 ms of samples, and how loud they are, 0 to 1. */
export type Heard = (samples: ArrayBuffer, level: number) => void;

export class Microphone {
  #stream: MediaStream | null = null;
  #context: AudioContext | null = null;

  /** Begin; throws if the browser or somebody in front of it does not allow it. */
  async start(heard: Heard): Promise<void> {
    this.#stream = await navigator.mediaDevices.getUserMedia({
      // As it is: models hear what processing takes away.
      audio: {
        channelCount: 1,
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
      },
    });
    this.#context = new AudioContext({ sampleRate: RATE });
    await this.#context.audioWorklet.addModule(worklet);
    const capture = new AudioWorkletNode(this.#context, "capture", { numberOfOutputs: 0 });
    capture.port.onmessage = ({ data }: MessageEvent<{ buffer: ArrayBuffer; power: number }>) =>
      heard(data.buffer, loudness(data.power));
    this.#context.createMediaStreamSource(this.#stream).connect(capture);
  }

  async pause(): Promise<void> {
    await this.#context?.suspend();
  }

  async resume(): Promise<void> {
    await this.#context?.resume();
  }

  async stop(): Promise<void> {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    await this.#context?.close().catch(() => undefined);
    this.#context = null;
  }
}

/** Mean power as a share of what a meter shows: 60 decibels. */
function loudness(power: number): number {
  const decibels = 10 * Math.log10(power + 1e-9);
  return Math.min(1, Math.max(0, (decibels + 60) / 60));
}
