// The sound: where it is, how fast it goes, and which word is heard.

const KEPT = "trax.player";
const SILENCE = 1.2;
const LEAD = 0.15;
const MOST_TRIES = 3;
const DECODING = 3; // the code of MediaError

export interface Timeline {
  /** When the next word after a time begins; undefined after the last. */
  wordAfter(time: number): number | undefined;
  /** When the word at a time ends. */
  wordEnd(time: number): number;
}

interface Kept {
  rate: number;
  skips: boolean;
  back: number;
  pauses: boolean;
}

function kept(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

export class Player {
  /** It plays sound alone as well. */
  readonly media: HTMLVideoElement;
  playing = $state(false);
  time = $state(0);
  duration = $state(0);
  failed = $state(false);
  /** Whether there is a picture that this browser shows. */
  hasPicture = $state(false);
  rate = $state(kept().rate ?? 1);
  /** Whether stretches without words are left out. */
  skips = $state(kept().skips ?? false);
  /** Seconds that it goes back when it goes on after typing. */
  back = $state(kept().back ?? 2);
  /** Whether it stops while somebody types. */
  pauses = $state(kept().pauses ?? true);
  /** Where a passage ends that is played alone. */
  private until = Number.POSITIVE_INFINITY;
  private ended = () => {};
  private frame = 0;
  private waiting = 0;
  private tries = 0;
  private isCopy = false;
  private isClosed = false;
  private loading = 0;
  private source: string;

  constructor(
    source: string,
    duration: number,
    private readonly timeline: Timeline,
    private readonly heard: (time: number) => void,
  ) {
    this.media = document.createElement("video");
    this.media.playsInline = true;
    this.media.preload = "metadata";
    this.source = source;
    if (source) this.media.src = source;
    this.media.preservesPitch = true;
    this.duration = duration;
    this.setRate(this.rate);
    const { media } = this;
    media.addEventListener("play", () => {
      this.playing = true;
      this.tick();
    });
    media.addEventListener("pause", () => {
      this.playing = false;
    });
    media.addEventListener("ended", () => this.endPassage());
    media.addEventListener("loadedmetadata", () => {
      this.failed = false;
      this.hasPicture = media.videoWidth > 0;
      if (Number.isFinite(media.duration)) this.duration = media.duration;
    });
    media.addEventListener("error", () => void this.tryAgain());
    media.addEventListener("seeked", () => this.show());
  }

  play(): void {
    this.until = Number.POSITIVE_INFINITY;
    void this.media.play().catch(() => {});
  }

  pause(): void {
    window.clearTimeout(this.waiting);
    this.waiting = 0;
    this.media.pause();
  }

  toggle(): void {
    if (this.media.paused) this.play();
    else this.pause();
  }

  seek(time: number): void {
    this.until = Number.POSITIVE_INFINITY;
    this.media.currentTime = Math.max(0, Math.min(time, this.duration || time));
    this.time = this.media.currentTime;
  }

  playFrom(time: number): void {
    this.seek(time);
    this.play();
  }

  /** Play a passage and stop; say so if nobody stopped it before. */
  playPassage(start: number, end: number, ended = () => {}): void {
    this.seek(start);
    void this.media.play().catch(() => {});
    this.until = end;
    this.ended = ended;
  }

  private endPassage(): void {
    if (this.until === Number.POSITIVE_INFINITY) return;
    this.until = Number.POSITIVE_INFINITY;
    this.ended();
  }

  skip(seconds: number): void {
    this.seek(this.media.currentTime + seconds);
  }

  setRate(rate: number): void {
    this.rate = Math.round(100 * Math.min(3, Math.max(0.5, rate))) / 100;
    this.media.defaultPlaybackRate = this.rate;
    this.media.playbackRate = this.rate;
    this.keep();
  }

  keep(): void {
    const { rate, skips, back, pauses } = this;
    localStorage.setItem(KEPT, JSON.stringify({ rate, skips, back, pauses }));
  }

  /** Somebody types: stop, and go on a little earlier once they are done. */
  typed(): void {
    if (!this.pauses) return;
    const isResting = this.waiting !== 0;
    if (!this.playing && !isResting) return;
    if (this.playing) this.media.pause();
    window.clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => {
      this.waiting = 0;
      this.skip(-this.back);
      this.play();
    }, 900);
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    window.clearTimeout(this.waiting);
    window.clearTimeout(this.loading);
    this.isClosed = true;
    this.media.pause();
    this.media.removeAttribute("src");
    this.media.load();
  }

  /** A copy for browsers may have to be made first: then the service says that it is coming. */
  private async tryAgain(): Promise<void> {
    if (this.media.error?.code === DECODING && !this.isCopy) {
      this.playCopy();
      return;
    }
    const answer = await fetch(this.source, { method: "HEAD" }).catch(() => null);
    if (this.isClosed) return;
    const isComing = answer?.status === 503 || (answer?.ok && this.tries++ < MOST_TRIES);
    if (!isComing && answer?.ok && !this.isCopy) {
      this.playCopy();
      return;
    }
    this.failed = !isComing;
    if (isComing) this.loading = window.setTimeout(() => this.media.load(), 2000);
  }

  /** What this browser cannot decode is heard as the copy for browsers. */
  private playCopy(): void {
    const { currentTime, paused } = this.media;
    this.isCopy = true;
    this.tries = 0;
    this.source = `${this.source}&format=browser`;
    this.media.src = this.source;
    this.media.currentTime = currentTime;
    if (!paused) void this.media.play().catch(() => {});
  }

  private tick(): void {
    cancelAnimationFrame(this.frame);
    this.show();
    if (this.media.paused) return;
    const now = this.media.currentTime;
    if (now >= this.until) {
      this.media.pause();
      this.endPassage();
    } else if (this.skips) this.leaveOut(now);
    this.frame = requestAnimationFrame(() => this.tick());
  }

  private leaveOut(now: number): void {
    const next = this.timeline.wordAfter(now);
    if (next === undefined) return;
    const isSilent = now > this.timeline.wordEnd(now) + 0.25;
    if (isSilent && next - now > SILENCE) this.media.currentTime = next - LEAD;
  }

  private show(): void {
    this.time = this.media.currentTime;
    this.heard(this.time);
  }
}
