import { afterEach, expect, test } from "vitest";
import { locale, translator } from "./locale.svelte";

const t = translator(
  { jobs: { one: "{n} job", other: "{n} jobs" }, hello: "Hello {name}" },
  { jobs: { one: "{n} Auftrag", other: "{n} Aufträge" }, hello: "Hallo {name}" },
);

afterEach(() => locale.choose("en"));

test("a message follows the language and the number", () => {
  expect(t("jobs", { n: 1 })).toBe("1 job");
  locale.choose("de");
  expect(t("jobs", { n: 2000 })).toBe("2.000 Aufträge");
});

test("values are put in as they are", () => {
  expect(t("hello", { name: "<b>" })).toBe("Hello <b>");
});
