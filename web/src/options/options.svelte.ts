// The values of a form, remembered from job to job.

import { answered, api, ask, type Schemas } from "../api/client";
import { HIDDEN, isOfLanguageModel } from "./labels";
import { type Field, fields, nested, type Schema } from "./schema";

const KEPT = "trax.options";

type Settings = Schemas["SettingsView"];

export class Options {
  fields = $state<Field[]>([]);
  values = $state<Record<string, unknown>>({});
  /** Codes of the languages that speech is recognised in. */
  languages = $state<string[]>([]);
  hasLanguageModel = $state(false);
  /** Of notes, for exports in Markdown. */
  templates = $state<string[]>([]);
  /** Whether the service takes recordings that lie elsewhere. */
  fetches = $state(false);
  #loading: Promise<void> | null = null;

  /** Read what can be chosen from the service's own description; once, unless that fails. */
  load(): Promise<void> {
    this.#loading ??= this.#read().catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  reset(): void {
    for (const field of this.fields) this.values[field.path] = field.initial;
  }

  /** What to ask for; it is remembered, and so is what cannot be chosen at the moment. */
  chosen(): Record<string, unknown> {
    const values = $state.snapshot(this.values);
    localStorage.setItem(KEPT, JSON.stringify({ ...remembered(), ...values }));
    return nested(this.fields, values);
  }

  async #read(): Promise<void> {
    const [schemas, settings] = await Promise.all([
      describedSchemas(),
      ask(api.GET("/v1/settings")),
    ]);
    this.show(schemas, settings);
  }

  show(schemas: Record<string, Schema>, settings: Settings): void {
    this.hasLanguageModel = settings.language_model !== "";
    this.languages = settings.languages;
    this.templates = settings.templates;
    this.fetches = settings.url_uploads;
    const kept = remembered();
    const found = fields(schemas, "TranscribeOptions").filter((each) => this.#isOffered(each));
    for (const field of found) this.values[field.path] = kept[field.path] ?? field.initial;
    this.fields = found;
  }

  #isOffered(field: Field): boolean {
    return !HIDDEN.has(field.path) && (this.hasLanguageModel || !isOfLanguageModel(field));
  }
}

function remembered(): Record<string, unknown> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

interface Description {
  components: { schemas: Record<string, Schema> };
}

export type Described = Record<string, Schema>;

/** The schemas of the service's own description. */
export async function describedSchemas(): Promise<Described> {
  const response = await answered("/v1/openapi.json");
  const description: Description = await response.json();
  return description.components.schemas;
}

export const options = new Options();
