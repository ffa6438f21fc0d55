import { expect, test } from "vitest";
import { type Chosen, offered, replacementOf, samplesOf } from "./choices";

const CHOSEN: Chosen = {
  speaker: "SPEAKER_01",
  way: "stock",
  stock: "af_heart",
  reference: "",
  consent: "",
  person: "",
};

test("a reference without consent is not asked for", () => {
  const borrowed: Chosen = { ...CHOSEN, way: "reference", reference: "upload" };
  expect(replacementOf(borrowed)).toBeNull();
  expect(replacementOf({ ...borrowed, consent: " signed form " })?.consent).toBe("signed form");
});

test("one voice is asked for, whatever else was chosen before", () => {
  const made = replacementOf({ ...CHOSEN, way: "anonymous", reference: "upload", consent: "yes" });
  expect(made).toMatchObject({ voice: "anonymous", reference: "", consent: "", person: "" });
});

test("three samples of a speaker are the longest, in their order", () => {
  const segments = [1, 5, 3, 4, 2].map((length, at) => ({
    start: 10 * at,
    end: 10 * at + length,
    speaker: "SPEAKER_00",
  }));
  const found = samplesOf([...segments, { start: 90, end: 99, speaker: null }], "SPEAKER_00");
  expect(found.map((each) => each.start)).toEqual([10, 20, 30]);
});

test("the form asks for what the page does not ask for itself", () => {
  const field = (path: string) => ({ path }) as Parameters<typeof offered>[0][number];
  const found = offered([
    field("replacements"),
    field("unspoken"),
    field("checking.plan"),
    field("checking.prompt"),
  ]);
  expect(found.map((each) => each.path)).toEqual(["unspoken", "checking.plan"]);
});
