import { afterEach, beforeEach, expect, test } from "vitest";
import description from "../../../docs/openapi.json";
import type { Schemas } from "../api/client";
import { locale } from "../ui/locale.svelte";
import { cautionOf, misfitOf } from "./cautions";

const { WarningView, ConflictView } = description.components.schemas;
const codes = (view: { properties: { code: { enum: string[] } } }) =>
  view.properties.code.enum.filter(Boolean);

beforeEach(() => locale.choose("de"));
afterEach(() => locale.choose("en"));

test.each(codes(WarningView))("a warning of %s is told in German", (code) => {
  const warning = {
    code,
    text: "in English",
    about: { which: "1 and 2" },
  } as unknown as Schemas["WarningView"];
  expect(cautionOf(warning)).toMatch(/^(\p{Lu}|\{count\}).*\.$/u);
  expect(cautionOf(warning)).not.toContain(" and ");
});

test.each(codes(ConflictView))("the reason %s is told in German", (code) => {
  const conflict = { code, reason: "in English", about: {} } as unknown as Schemas["ConflictView"];
  expect(misfitOf(conflict)).toMatch(/^\p{Lu}.*\.$/u);
});

test("what a warning names is told with it, and the file that it is about", () => {
  const told = {
    text: "",
    code: "packets-skipped",
    about: { count: "3", file: "ann.wav" },
  } as const;
  expect(cautionOf(told)).toBe("ann.wav: Beschädigte Pakete wurden übersprungen: 3.");
});

test("what has no code, and all in English, is told as the service says it", () => {
  expect(cautionOf({ text: "it is odd", code: "", about: {} })).toBe("it is odd");
  locale.choose("en");
  expect(cautionOf({ text: "it is odd", code: "packets-skipped", about: {} })).toBe("it is odd");
});
