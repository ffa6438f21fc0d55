// The microphone, recorded in pieces of a second.

import { append, type Recorded } from "./store";

const PIECE_MS = 1000;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const ENDINGS: Record<string, string> = {
  "audio/webm": "webm",
  "audio/mp4": "m4a",
  "audio/ogg": "ogg",
};

export type State = "starting" | "recording" | "paused" | "stopped" | "refused" | "full";

export class Recorder {
  state = $state<State>("starting");
  /** Seconds. */
  elapsed = $state(0);
  /** Loudness of this moment, 0 to 1. */
  level = $state(0);
  recording: Recorded | null = null;

  #recorder: MediaRecorder | null = null;
  #stream: MediaStream | null = null;
  #context: AudioContext | null = null;
  #written: Promise<void> = Promise.resolve();
  #pieces = 0;

  /** Begin; *name* is the recording's name without its ending. */
  async start(name: string): Promise<void> {
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      this.state = "refused";
      return;
    }
    // The dialog was closed while the browser still asked: nothing is to listen.
    if (this.state === "stopped") {
      this.#release();
      return;
    }
    const type = TYPES.find((each) => MediaRecorder.isTypeSupported(each)) ?? "";
    this.#recorder = new MediaRecorder(this.#stream, {
      mimeType: type,
      audioBitsPerSecond: 64_000,
    });
    const plain = this.#recorder.mimeType.split(";")[0] ?? "";
    this.recording = {
      id: crypto.randomUUID(),
      name: `${name}.${ENDINGS[plain] ?? "webm"}`,
      type: plain,
      startedAt: Date.now(),
      duration: 0,
    };
    this.#recorder.ondataavailable = (event) => this.#keep(event.data);
    this.#recorder.start(PIECE_MS);
    this.#watchLevel(this.#stream);
    this.state = "recording";
  }

  pause(): void {
    this.#recorder?.pause();
    this.state = "paused";
  }

  resume(): void {
    this.#recorder?.resume();
    this.state = "recording";
  }

  /** End, and give what was recorded once all of it is kept; null if there is nothing. */
  async stop(): Promise<Recorded | null> {
    const recorder = this.#recorder;
    this.#recorder = null;
    if (recorder && recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve));
      recorder.stop();
      await stopped;
    }
    this.state = "stopped";
    this.#release();
    await this.#context?.close().catch(() => undefined);
    this.#context = null;
    await this.#written;
    return this.#pieces ? this.recording : null;
  }

  /** Let go of the microphone. */
  #release(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
  }

  #keep(data: Blob): void {
    const { recording } = this;
    if (!recording || !data.size) return;
    const number = this.#pieces;
    this.#pieces += 1;
    if (this.state === "recording") this.elapsed += PIECE_MS / 1000;
    recording.duration = this.elapsed;
    const about = { ...recording };
    this.#written = this.#written
      .then(() => append(about, number, data))
      .catch(() => {
        this.state = "full";
      });
  }

  #watchLevel(stream: MediaStream): void {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#context = context;
    const look = () => {
      if (this.#context !== context) return;
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
      const decibels = 10 * Math.log10(power + 1e-9);
      this.level = Math.min(1, Math.max(0, (decibels + 60) / 60));
      requestAnimationFrame(look);
    };
    look();
  }
}
