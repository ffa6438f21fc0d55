import { expect, test } from "vitest";
import description from "../../../docs/openapi.json";
import { fields, nested, type Schema } from "./schema";

const schemas = description.components.schemas as unknown as Record<string, Schema>;
const all = fields(schemas, "TranscribeOptions");

function field(path: string) {
  const found = all.find((each) => each.path === path);
  if (!found) throw new Error(path);
  return found;
}

test("the API's own schema makes a field of every kind", () => {
  expect(field("recognition.plan")).toMatchObject({ kind: "choice", initial: "balanced" });
  expect(field("recognition.plan").meanings.fast).toBe("one small model");
  expect(field("diarization.speakers")).toMatchObject({ kind: "number", maximum: 50 });
  expect(field("recognition.hotwords").kind).toBe("lines");
  expect(field("enhancement.tasks").kind).toBe("choices");
  expect(field("enhancement.tasks").initial).toEqual(["correct"]);
  expect(field("recognition.multilingual").kind).toBe("flag");
});

test("every choice that the API explains is explained", () => {
  const tasks = field("enhancement.tasks");
  expect(Object.keys(tasks.meanings)).toEqual(tasks.choices);
  expect(tasks.help).toContain("no text leaves the machine");
});

test("what is the default is not sent, so that the same wish is the same job", () => {
  const values = Object.fromEntries(all.map((each) => [each.path, each.initial]));
  expect(nested(all, values)).toEqual({});
  values["diarization.speakers"] = 2;
  expect(nested(all, values)).toEqual({ diarization: { speakers: 2 } });
});
