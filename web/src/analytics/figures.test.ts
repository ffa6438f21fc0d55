import { expect, test } from "vitest";
import {
  byDay,
  change,
  choiceOf,
  daysOf,
  earlier,
  gain,
  lastDays,
  lengthOf,
  mondayOf,
  queryOf,
  totals,
} from "./figures";

const NOW = Date.parse("2026-03-02T23:30:00Z");

function figures(by: Record<string, string>, jobs: number) {
  const waited = { middle: 4, high: 9, highest: 10 };
  const pace = { middle: 0.25, high: 0.5, highest: 1 };
  return { by, jobs, attempts: jobs, audio_seconds: 3600 * jobs, waited, took: null, pace };
}

test("a period counts today, and crosses the end of a month", () => {
  const period = lastDays(3, NOW);
  expect(daysOf(period)).toEqual(["2026-02-28", "2026-03-01", "2026-03-02"]);
  expect(lengthOf(period)).toBe(3);
});

test("what is compared is as long, and ends the day before", () => {
  const period = lastDays(30, NOW);
  const before = earlier(period, "before");
  expect(before && daysOf(before)).toHaveLength(30);
  expect(before?.until).toBe("2026-01-31");
  expect(earlier(period, "nothing")).toBeNull();
});

test("a year before, the days of the week are the same", () => {
  const period = lastDays(7, NOW);
  const before = earlier(period, "year");
  const weekday = (day = "") => new Date(day).getUTCDay();
  expect(weekday(before?.since)).toBe(weekday(period.since));
});

test("a choice survives its address, and nonsense becomes the usual days", () => {
  const choice = { since: "2026-01-01", until: "2026-01-31", compare: "year" } as const;
  expect(choiceOf(queryOf(choice), NOW)).toEqual(choice);
  expect(choiceOf("?since=2026-02-01&until=2026-01-01", NOW).until).toBe("2026-03-02");
  expect(choiceOf("?since=x&compare=y", NOW).compare).toBe("nothing");
});

test("days without figures are gaps, not zeros", () => {
  const found = byDay(
    [figures({ day: "2026-03-01" }, 2)],
    daysOf(lastDays(2, NOW)),
    (each) => each.jobs,
  );
  expect(found).toEqual([2, null]);
});

test("nothing is compared with nothing", () => {
  expect(change(3, 2)).toBe(0.5);
  expect(change(3, 0)).toBeNull();
  expect(change(null, 2)).toBeNull();
});

test("a factor of one changes nothing, and one that is unknown is not told", () => {
  expect([gain(1), gain(1.5), gain(0.75)]).toEqual([0, 0.5, -0.25]);
  expect([gain(null), gain(undefined)]).toEqual([null, null]);
});

test("ISO weeks begin on Mondays, across years too", () => {
  expect(mondayOf("2026-W01")).toBe("2025-12-29");
  expect(mondayOf("2020-W53")).toBe("2020-12-28");
  expect(mondayOf("2021-W01")).toBe("2021-01-04");
});

test("cancelled jobs are no failures", () => {
  const jobs = [
    figures({ status: "completed" }, 3),
    figures({ status: "failed" }, 1),
    figures({ status: "cancelled" }, 8),
  ];
  expect(totals(jobs)).toEqual({
    done: 3,
    failed: 1,
    audioHours: 3,
    failures: 0.25,
    waited: 4,
    speed: 4,
  });
  expect(totals([]).failures).toBeNull();
});
