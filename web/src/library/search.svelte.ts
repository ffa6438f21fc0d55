// What was said, in any transcript.

import { api, ask, reason, type Schemas } from "../api/client";

export type Hit = Schemas["HitView"];

export const MOST_HITS = 100;
const PAUSE_MS = 200;

export class Search {
  query = $state("");
  hits = $state<Hit[]>([]);
  problem = $state("");
  /** What *hits* answer; empty while nothing was searched for. */
  answered = $state("");
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Search once typing pauses. */
  typed(query: string): void {
    this.query = query;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(query.trim()), PAUSE_MS);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.query = "";
    this.answered = "";
    this.hits = [];
    this.problem = "";
  }

  async #ask(query: string): Promise<void> {
    if (!query) {
      this.clear();
      return;
    }
    try {
      const params = { query: { q: query, limit: MOST_HITS } };
      const found = await ask(api.GET("/v1/search", { params }));
      if (this.query.trim() !== query) return;
      this.hits = found.items;
      this.answered = query;
      this.problem = "";
    } catch (error) {
      this.problem = reason(error);
    }
  }
}

/** Words to mark in what was found: quotes, minus and asterisk are the query's own. */
export function sought(query: string): string[] {
  return query
    .split(/[\s"]+/)
    .filter((word) => word && !word.startsWith("-"))
    .map((word) => word.replace(/\*$/, ""))
    .filter(Boolean);
}

/** A text in parts, those that were sought being marked. */
export function marked(text: string, words: string[]): { text: string; isSought: boolean }[] {
  if (!words.length) return [{ text, isSought: false }];
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(${escaped.join("|")})`, "giu");
  return text
    .split(pattern)
    .map((part, index) => ({ text: part, isSought: index % 2 === 1 }))
    .filter((part) => part.text);
}

/** Hits by transcript, in the order of their first. */
export function grouped(hits: Hit[]): Hit[][] {
  const groups = new Map<string, Hit[]>();
  for (const hit of hits) {
    const group = groups.get(hit.transcript_id);
    if (group) group.push(hit);
    else groups.set(hit.transcript_id, [hit]);
  }
  return [...groups.values()];
}
