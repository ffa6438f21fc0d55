import { afterEach, beforeEach, expect, test } from "vitest";
import description from "../../../docs/openapi.json";
import { locale } from "../ui/locale.svelte";
import type { Schemas } from "./client";
import { remedyFor, said, wrongWith } from "./words";

const failure = description.components.schemas.Failure.properties;

beforeEach(() => locale.choose("de"));
afterEach(() => locale.choose("en"));

test.each(failure.code.enum)("a failure of the kind %s is told in German", (code) => {
  const told = wrongWith({ code, detail: "in English" } as Schemas["Failure"]);
  expect(told.replace(" (in English)", "")).toMatch(/^\p{Lu}[^{}]*\.$/u);
});

test.each(failure.remedy.enum)("the advice %s is told in German", (remedy) => {
  const told = remedyFor({ remedy, advice: "In English." } as Schemas["Failure"]);
  expect(told).not.toBe("In English.");
});

test("a problem names what it is about, and not in English", () => {
  expect(said("not-found", "there is no job 'x'", { kind: "job", name: "x" })).toBe(
    "Diesen Auftrag gibt es nicht (mehr).",
  );
  expect(said("too-many-requests", "wait", { seconds: 5 })).toContain("5 Sekunden");
});

test("what is wrong with an option is told as the service says it", () => {
  expect(said("invalid-option", "a tag has 1 to 50 characters")).toContain("1 to 50");
});

test("in English the service speaks for itself", () => {
  locale.choose("en");
  expect(said("not-found", "there is no job 'x'", {})).toBe("there is no job 'x'");
});
