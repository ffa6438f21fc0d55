// Going through the places by ear: whoever hears nothing wrong presses no key.

import type { Place } from "./queue";

const PAUSE_MS = 2000;

/** So many places in a row go on without a key; at the next it waits: somebody may have left. */
export const MOST_UNASKED = 8;

interface Reviewed {
  readonly place: Place | undefined;
  /** Whether somebody could object now. */
  readonly isAttended: boolean;
  /** Leave the place as it is, and open the next. */
  leave(): void;
  /** Places are right as they stand. */
  confirm(places: readonly Place[]): void;
}

export class Through {
  isOn = $state(false);
  /** Whether it goes on no further until the place is decided. */
  isWaiting = $state(false);
  /** Places that nobody objected to; the next decision says that somebody was there. */
  heard = $state.raw<readonly Place[]>([]);
  private timer = 0;

  constructor(private readonly review: Reviewed) {}

  start(): void {
    this.confirm();
    this.isOn = true;
  }

  stop(): void {
    this.hold();
    this.confirm();
    this.isOn = false;
  }

  /** The place was played to its end. */
  ended(): void {
    this.hold();
    if (!this.isOn) return;
    this.isWaiting = this.heard.length >= MOST_UNASKED || !this.review.isAttended;
    if (!this.isWaiting) this.timer = window.setTimeout(() => this.goOn(), PAUSE_MS);
  }

  /** Somebody has begun to do something here. */
  hold(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
  }

  /** Somebody decided something: what was heard before is right. */
  confirm(): void {
    this.hold();
    this.isWaiting = false;
    const { heard } = this;
    this.heard = [];
    if (heard.length) this.review.confirm(heard);
  }

  /** The last place that went by, to be opened again. */
  last(): Place | undefined {
    const place = this.heard.at(-1);
    this.hold();
    this.heard = this.heard.slice(0, -1);
    return place;
  }

  private goOn(): void {
    const { place } = this.review;
    if (!place || !this.isOn) return;
    this.heard = [...this.heard, place];
    this.review.leave();
    if (!this.review.place) this.isOn = false;
  }
}
