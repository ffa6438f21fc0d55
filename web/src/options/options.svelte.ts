// The values of a form, remembered from job to job.

import { ask, problem } from "../api/client";
import { HIDDEN } from "./labels";
import { type Field, fields, nested, type Schema } from "./schema";

const KEPT = "trax.options";

export class Options {
  fields = $state<Field[]>([]);
  values = $state<Record<string, unknown>>({});

  /** Read what can be chosen from the service's own description. */
  async load(): Promise<void> {
    if (this.fields.length) return;
    const response = await ask(described());
    const schemas = response.components.schemas;
    this.fields = fields(schemas, "TranscribeOptions").filter((each) => !HIDDEN.has(each.path));
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Record<string, unknown>;
    for (const field of this.fields) this.values[field.path] = kept[field.path] ?? field.initial;
  }

  reset(): void {
    for (const field of this.fields) this.values[field.path] = field.initial;
  }

  /** What to ask for; it is remembered. */
  chosen(): Record<string, unknown> {
    localStorage.setItem(KEPT, JSON.stringify(this.values));
    return nested(this.fields, $state.snapshot(this.values));
  }
}

interface Description {
  components: { schemas: Record<string, Schema> };
}

async function described(): Promise<{ data?: Description; error?: unknown; response: Response }> {
  const response = await fetch("/v1/openapi.json");
  if (!response.ok) throw problem(response, null);
  return { data: (await response.json()) as Description, response };
}

export const options = new Options();
