import { expect, test } from "vitest";
import { isFiltered, NO_FILTERS, query } from "./filters";

test("what is not filtered by is not asked for", () => {
  expect(query(NO_FILTERS)).toEqual({});
});

test("a number of speakers is exact below five, and five or more from there", () => {
  expect(query({ ...NO_FILTERS, speakers: "2" })).toEqual({ speakers: 2, most_speakers: 2 });
  expect(query({ ...NO_FILTERS, speakers: "5" })).toEqual({ speakers: 5 });
});

test("tags are asked for, all of them", () => {
  const filters = { ...NO_FILTERS, tags: ["bridge", "talk"] };
  expect(isFiltered(NO_FILTERS)).toBe(false);
  expect(isFiltered(filters)).toBe(true);
  expect(query(filters)).toEqual({ tag: ["bridge", "talk"] });
});

test("days count back from now", () => {
  const now = Date.parse("2026-11-26T12:00:00Z");
  expect(query({ ...NO_FILTERS, days: "7" }, now)).toEqual({ since: "2026-11-19T12:00:00.000Z" });
});
