// The transcripts of the library, page by page.

import { api, ask, reason, type Schemas } from "../api/client";
import { type Filters, NO_FILTERS, query } from "./filters";

export type Summary = Schemas["SummaryView"];

export class Transcripts {
  items = $state<Summary[]>([]);
  isLoaded = $state(false);
  problem = $state("");
  languages = $state<string[]>([]);
  #cursor: string | null = null;
  #filters: Filters = NO_FILTERS;
  hasMore = $state(false);

  /** Read the first page of those that pass *filters*, or the last ones that were given. */
  async load(filters = this.#filters): Promise<void> {
    this.#filters = filters;
    this.#cursor = null;
    await this.more();
  }

  async more(): Promise<void> {
    const cursor = this.#cursor;
    const filters = this.#filters;
    try {
      const asked = { limit: 100, ...query(filters), ...(cursor && { cursor }) };
      const page = await ask(api.GET("/v1/transcripts", { params: { query: asked } }));
      if (filters !== this.#filters) return;
      // Asked for twice, or the list was read anew meanwhile: this page is there, or comes later.
      if (cursor && cursor !== this.#cursor) return;
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      const spoken = page.items.map((each) => each.language).filter(Boolean);
      this.languages = [...new Set([...this.languages, ...spoken])].sort();
      this.#cursor = page.next_cursor;
      this.hasMore = page.next_cursor !== null;
      this.problem = "";
    } catch (error) {
      this.problem = reason(error);
    }
    this.isLoaded = true;
  }
}
