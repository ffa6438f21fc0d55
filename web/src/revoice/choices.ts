/** What can be chosen for a voice replacement, and what was. */

import type { Schemas } from "../api/client";
import type { Field } from "../options/schema";

export type Replacement = Schemas["Replacement"];
export type Way = "stock" | "anonymous" | "reference";

export const EVERYBODY = "all";

/** Fields that the page asks for in its own way. */
const OWN = new Set(["replacements", "texts", "again", "version"]);

/** What is recognised to check new speech is known: only how thoroughly is left to choose. */
const isOfCheck = (path: string): boolean => path.startsWith("checking.");

/** Fields that most people want; the others are behind "More options". */
export const FIRST = ["unspoken", "redact"];

/** The fields of the form: the rest of what the service takes. */
export const offered = (all: readonly Field[]): Field[] =>
  all.filter(({ path }) => !OWN.has(path) && (!isOfCheck(path) || path === "checking.plan"));

export interface Chosen {
  speaker: string;
  way: Way;
  stock: string;
  /** Id of an upload. */
  reference: string;
  consent: string;
  person: string;
}

/** What to ask the service for; null while something is missing. */
export function replacementOf(chosen: Chosen): Replacement | null {
  const { speaker, way, stock, reference, consent, person } = chosen;
  if (!speaker) return null;
  const none = { speaker, voice: "", reference: "", consent: "", person: "", forgotten: false };
  if (way === "anonymous") return { ...none, voice: "anonymous" };
  if (way === "stock") return stock ? { ...none, voice: stock } : null;
  return reference && consent.trim()
    ? { ...none, reference, consent: consent.trim(), person: person.trim() }
    : null;
}

interface Said {
  start: number;
  end: number;
  speaker?: string | null;
}

const LONGEST = 8;

/** The longest segments of a speaker, three at most, by when they are said. */
export function samplesOf<S extends Said>(segments: readonly S[], speaker: string): S[] {
  const own = segments.filter((each) => each.speaker === speaker);
  const longest = own.toSorted((a, b) => b.end - b.start - (a.end - a.start)).slice(0, 3);
  return longest.toSorted((a, b) => a.start - b.start);
}

/** Where a sample ends that is not heard to the end. */
export const endOf = (said: Said): number => Math.min(said.end, said.start + LONGEST);
