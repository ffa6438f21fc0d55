/** Parts of recordings that are heard one at a time. */

import { reason } from "../api/client";

const LOOK_MS = 40;

export class Stretches {
  /** What is heard now; empty if nothing is. */
  playing = $state("");
  problem = $state("");
  #sounds = new Map<string, HTMLAudioElement>();
  #timer = 0;

  /** Hear *url* from *start* to *end*, in seconds; what is heard already is stopped instead. */
  async toggle(key: string, url: string, start = 0, end = Number.POSITIVE_INFINITY): Promise<void> {
    const isStop = this.playing === key;
    this.stop();
    if (isStop) return;
    this.problem = "";
    this.playing = key;
    const sound = this.#sound(url);
    try {
      sound.currentTime = start;
      await sound.play();
    } catch (error) {
      if (this.playing === key) this.stop();
      if (!(error instanceof DOMException && error.name === "AbortError")) {
        this.problem = reason(error);
      }
      return;
    }
    if (this.playing === key)
      this.#timer = window.setInterval(() => this.#look(sound, end), LOOK_MS);
  }

  stop(): void {
    window.clearInterval(this.#timer);
    for (const sound of this.#sounds.values()) sound.pause();
    this.playing = "";
  }

  #look(sound: HTMLAudioElement, end: number): void {
    if (sound.ended || sound.currentTime >= end) this.stop();
  }

  #sound(url: string): HTMLAudioElement {
    const known = this.#sounds.get(url);
    if (known) return known;
    const made = new Audio(url);
    this.#sounds.set(url, made);
    return made;
  }
}
