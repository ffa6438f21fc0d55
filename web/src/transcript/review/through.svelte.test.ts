import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Place } from "./queue";
import { MOST_UNASKED, Through } from "./through.svelte";

const placeOf = (at: number) => ({ key: `words ${at}`, kind: "words" }) as Place;

/** As many places as are asked for, each of which is played to its end at once. */
class Reviewed {
  at = 0;
  isAttended = true;
  confirmed: Place[] = [];
  readonly through: Through;

  constructor(readonly many: number) {
    this.through = new Through(this);
  }

  get place(): Place | undefined {
    return this.at < this.many ? placeOf(this.at) : undefined;
  }

  leave(): void {
    this.at += 1;
    if (this.place) this.through.ended();
  }

  confirm(places: readonly Place[]): void {
    this.confirmed.push(...places);
  }

  begin(): void {
    this.through.start();
    this.through.ended();
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("places follow by themselves, and are right once somebody decides", () => {
  const review = new Reviewed(3);
  review.begin();
  vi.runAllTimers();
  expect(review.place).toBeUndefined();
  expect(review.through.isOn).toBe(false);
  expect(review.confirmed).toEqual([]);
  review.through.confirm();
  expect(review.confirmed.map((each) => each.key)).toEqual(["words 0", "words 1", "words 2"]);
  review.through.confirm();
  expect(review.confirmed).toHaveLength(3);
});

test("whoever has left stops it, and confirms nothing", () => {
  const review = new Reviewed(2 * MOST_UNASKED);
  review.begin();
  vi.runAllTimers();
  expect(review.at).toBe(MOST_UNASKED);
  expect(review.through.isWaiting).toBe(true);
  expect(review.confirmed).toEqual([]);
});

test("nothing goes by while somebody types, or cannot see the page", () => {
  const review = new Reviewed(2);
  review.begin();
  review.through.hold();
  vi.runAllTimers();
  expect(review.at).toBe(0);
  review.isAttended = false;
  review.through.ended();
  vi.runAllTimers();
  expect(review.at).toBe(0);
  expect(review.through.isWaiting).toBe(true);
});

test("what went by too soon is no longer right by itself", () => {
  const review = new Reviewed(2);
  review.begin();
  vi.advanceTimersToNextTimer();
  expect(review.through.last()?.key).toBe("words 0");
  review.through.confirm();
  expect(review.confirmed).toEqual([]);
});

test("stopping confirms what was heard", () => {
  const review = new Reviewed(5);
  review.begin();
  vi.advanceTimersToNextTimer();
  review.through.stop();
  vi.runAllTimers();
  expect(review.at).toBe(1);
  expect(review.confirmed.map((each) => each.key)).toEqual(["words 0"]);
});
