import { beforeEach, expect, test } from "vitest";
import description from "../../../docs/openapi.json";
import type { Schemas } from "../api/client";
import { offered } from "../revoice/choices";
import { locale } from "../ui/locale.svelte";
import { HIDDEN, labelled } from "./labels";
import { byName } from "./languages";
import { Options } from "./options.svelte";
import { type Field, fields, type Schema } from "./schema";

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

/** What a form shows in German by the schema's own English. */
function untold(field: Field): string[] {
  const shown = labelled(field);
  const isSame = (english: string, german: string) => english !== "" && english === german;
  const found: string[] = [];
  if (isSame(field.title, shown.title)) found.push(`${field.path}: title`);
  if (isSame(field.help.replaceAll("`", ""), shown.help)) found.push(`${field.path}: help`);
  for (const [choice, meaning] of Object.entries(field.meanings)) {
    if (isSame(meaning, shown.meanings[choice] ?? "")) found.push(`${field.path}: ${choice}`);
  }
  for (const [choice, named] of Object.entries(shown.choiceNames)) {
    if (named.toLowerCase() === choice) found.push(`${field.path}: ${choice}`);
  }
  return found;
}

test("every field that a form shows is named in German", () => {
  locale.choose("de");
  const shown = fields(schemas, "TranscribeOptions").filter((each) => !HIDDEN.has(each.path));
  expect(shown.flatMap(untold)).toEqual([]);
  expect(offered(fields(schemas, "NewRevoicing")).flatMap(untold)).toEqual([]);
  locale.choose("en");
});
