import { beforeEach, expect, test } from "vitest";
import description from "../../../docs/openapi.json";
import type { Schemas } from "../api/client";
import { labelled } from "./labels";
import { byName } from "./languages";
import { Options } from "./options.svelte";
import type { Schema } from "./schema";

const schemas = description.components.schemas as unknown as Record<string, Schema>;

function shown(model: string): Options {
  const options = new Options();
  const settings = { language_model: model, languages: ["de", "en"] };
  options.show(schemas, settings as unknown as Schemas["SettingsView"]);
  return options;
}

beforeEach(() => localStorage.clear());

test("nothing is offered to a language model that is not there, or asked of it", () => {
  const kept = { "enhancement.tasks": ["summary"], "diarization.speakers": 2 };
  localStorage.setItem("trax.options", JSON.stringify(kept));
  const options = shown("");
  expect(options.fields.some((field) => field.path.startsWith("enhancement."))).toBe(false);
  expect(options.chosen()).toEqual({ diarization: { speakers: 2 } });
  expect(shown("qwen3").chosen()).toMatchObject({ enhancement: { tasks: ["summary"] } });
});

test("every task has a name that says what it does", () => {
  const tasks = shown("qwen3").fields.find((field) => field.path === "enhancement.tasks");
  if (!tasks) throw new Error("no tasks");
  const { choiceNames } = labelled(tasks);
  expect(choiceNames.correct).toBe("Correct doubtful words");
  for (const name of Object.values(choiceNames)) {
    expect(tasks.choices).not.toContain(name.toLowerCase().replace("translate", ""));
  }
});

test("languages are listed by name, and a code of another list stays chosen", () => {
  const listed = byName(["de", "en", "nn"], "de-AT").map(([code]) => code);
  expect(listed).toEqual(["de-AT", "en", "de", "nn"]);
});
