// The form's fields, read from the JSON Schema of a job's options.

export interface Schema {
  $ref?: string;
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
}

export type Kind = "choice" | "choices" | "number" | "flag" | "text" | "lines";

/** One field of a form; `path` is where its value is, as in `recognition.plan`. */
export interface Field {
  path: string;
  kind: Kind;
  title: string;
  help: string;
  choices: string[];
  /** What each choice means, as far as the description says: `fast: one small model.` */
  meanings: Record<string, string>;
  initial: unknown;
  isNullable: boolean;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

/** Every field below *name*, in the schema's order; parts that no form can show are left out. */
export function fields(schemas: Record<string, Schema>, name: string): Field[] {
  return below(schemas, schemas[name] ?? {}, "", schemas[name]?.default);
}

function below(
  schemas: Record<string, Schema>,
  schema: Schema,
  path: string,
  given: unknown,
): Field[] {
  const found: Field[] = [];
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    const at = path ? `${path}.${key}` : key;
    const whole = resolved(schemas, part);
    const initial = (given as Record<string, unknown> | undefined)?.[key] ?? whole.default ?? null;
    if (whole.properties) found.push(...below(schemas, whole, at, initial));
    else {
      const field = one(schemas, whole, at, initial);
      if (field) found.push(field);
    }
  }
  return found;
}

function resolved(schemas: Record<string, Schema>, part: Schema): Schema {
  const name = part.$ref?.split("/").pop();
  return name ? { ...schemas[name], ...part } : part;
}

function one(
  schemas: Record<string, Schema>,
  whole: Schema,
  path: string,
  initial: unknown,
): Field | null {
  const value = whole.anyOf?.find((each) => each.type !== "null");
  const schema: Schema = value ? { ...whole, ...value } : whole;
  const items = schema.items && resolved(schemas, schema.items);
  const kind = kindOf(schema, items);
  if (!kind) return null;
  const choices = schema.enum ?? items?.enum ?? [];
  const { help, meanings } = explained(whole.description ?? "", choices);
  return {
    path,
    kind,
    title: whole.title ?? path,
    help,
    choices,
    meanings,
    initial,
    isNullable: value !== undefined,
    minimum: schema.minimum,
    maximum: schema.maximum,
    maxLength: schema.maxLength,
  };
}

function kindOf(schema: Schema, items: Schema | undefined): Kind | null {
  if (schema.enum) return "choice";
  if (schema.type === "boolean") return "flag";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "string") return "text";
  if (items?.enum) return "choices";
  return items?.type === "string" ? "lines" : null;
}

/** Take `name: meaning` apart, where a description says what its choices mean. */
export function explained(description: string, choices: string[]) {
  const meanings: Record<string, string> = {};
  for (const choice of choices) {
    const said = new RegExp(`(?:^|[;.:] )${choice}: ([^;.]+)`).exec(description);
    if (said?.[1]) meanings[choice] = said[1].trim();
  }
  const isAll = choices.length > 0 && Object.keys(meanings).length === choices.length;
  const rest = isAll ? description.split(/[.] /).filter((part) => !speaksOf(part, choices)) : [];
  return { help: isAll ? rest.join(". ") : description, meanings };
}

function speaksOf(part: string, choices: string[]): boolean {
  return choices.some((choice) => part.startsWith(`${choice}: `));
}

/** The value at a path of nested objects. */
export function valueAt(values: object, path: string): unknown {
  let here: unknown = values;
  for (const key of path.split(".")) here = (here as Record<string, unknown> | undefined)?.[key];
  return here;
}

/** Nested objects with what differs from the defaults alone: a job is the same job whoever asks. */
export function nested(all: Field[], values: Record<string, unknown>): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const field of all) {
    const value = values[field.path];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(field.initial)) continue;
    const keys = field.path.split(".");
    const last = keys.pop() as string;
    let here = made;
    for (const key of keys) {
      here[key] ??= {};
      here = here[key] as Record<string, unknown>;
    }
    here[last] = value;
  }
  return made;
}
