/** Who changed words, and when: read from what is kept of each change. */

import { answered } from "../api/client";
import { flattened, type Operation } from "./document/types";
import { type Author, type Change, readChanges } from "./versions";

/** Changes that are looked into, the newest first. */
const MOST = 60;

export interface Touched {
  readonly change: Change;
  /** What became of the words; null where they were given to somebody, or split, or joined. */
  readonly text: string | null;
}

function idsOf(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case "replace":
    case "join":
    case "restore":
      return [operation.word];
    case "insert":
      return operation.words.map((word) => word.id);
    case "delete":
    case "withdraw":
      return operation.words;
    case "relabel":
      return operation.labels.map((label) => label.word);
    case "split":
      return [operation.before];
    default:
      return [];
  }
}

/** What operations made of words; undefined if they have nothing to do with them. */
export function touched(
  operations: readonly Operation[],
  words: ReadonlySet<string>,
): string | null | undefined {
  const found = operations
    .flatMap(flattened)
    .filter((each) => idsOf(each).some((id) => words.has(id)));
  if (!found.length) return undefined;
  const texts = found.flatMap((each) => {
    if (each.kind === "replace") return [each.text];
    if (each.kind !== "insert") return [];
    return each.words.filter((word) => words.has(word.id)).map((word) => word.text);
  });
  return texts.length ? texts.join(" ") : null;
}

/** Operations of changes that were read already, by version: they stay what they are. */
export type Known = Map<number, readonly Operation[]>;

/** The changes that touched words, the newest first. */
export async function blame(
  id: string,
  words: ReadonlySet<string>,
  known: Known,
): Promise<Touched[]> {
  const changes = (await readChanges(id)).slice(0, MOST);
  const found: Touched[] = [];
  for (const change of changes) {
    const operations = known.get(change.version) ?? (await operationsOf(id, change.version));
    known.set(change.version, operations);
    const text = touched(operations, words);
    if (text !== undefined) found.push({ change, text });
  }
  return found;
}

async function operationsOf(id: string, version: number): Promise<readonly Operation[]> {
  const path = `/v1/transcripts/${encodeURIComponent(id)}/revisions/${version}`;
  return (await (await answered(path)).json()).operations ?? [];
}

/** Words one behind the other whose last change is the same. */
export interface Blamed {
  readonly text: string;
  readonly start: number;
  readonly version: number;
  readonly authors: readonly Author[];
  /** RFC 3339. */
  readonly at: string;
}

/** Who changed which words last, in order of the text. */
export async function lastChanges(id: string): Promise<Blamed[]> {
  const response = await answered(`/v1/transcripts/${encodeURIComponent(id)}/blame`);
  return (await response.json()).items;
}
