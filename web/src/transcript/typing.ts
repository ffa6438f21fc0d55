/** When what is typed is taken: soon after a pause, and at times while nobody pauses. */

const PAUSE_MS = 350;
const LATEST_MS = 800;

export class Typing {
  private timer = 0;
  private since = 0;

  constructor(
    private readonly isComposing: () => boolean,
    private readonly take: () => void,
  ) {}

  /** A key changed the text. */
  typed(): void {
    const now = performance.now();
    if (!this.timer) this.since = now;
    window.clearTimeout(this.timer);
    const left = Math.max(0, this.since + LATEST_MS - now);
    this.timer = window.setTimeout(() => this.paused(), Math.min(PAUSE_MS, left));
  }

  /** It was taken, or is not to be. */
  stop(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
  }

  /** A letter that is being composed is waited for. */
  private paused(): void {
    this.timer = 0;
    if (this.isComposing()) this.typed();
    else this.take();
  }
}
