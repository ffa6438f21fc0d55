import fc from "fast-check";
import { expect, test } from "vitest";
import { secondsOf, timeOf } from "./times";

test("a time that is shown is read as the same tenth of a second", () => {
  const tenths = fc.integer({ min: 0, max: 400_000 });
  const isRead = (n: number) => Math.round(10 * (secondsOf(timeOf(n / 10)) ?? -1)) === n;
  fc.assert(fc.property(tenths, isRead));
});

test.each(["", "a", "1:", "1:2:3:4", "-1", "1::2"])("%s is no time", (text) => {
  expect(secondsOf(text)).toBeNull();
});
