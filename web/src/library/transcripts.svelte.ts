// The transcripts of the library, page by page.

import { api, ask, type Schemas } from "../api/client";

export type Summary = Schemas["SummaryView"];

export class Transcripts {
  items = $state<Summary[]>([]);
  isLoaded = $state(false);
  problem = $state("");
  #cursor: string | null = null;
  hasMore = $state(false);

  /** Read the first page again. */
  async load(): Promise<void> {
    this.#cursor = null;
    await this.more();
  }

  async more(): Promise<void> {
    const cursor = this.#cursor;
    try {
      const query = { limit: 100, ...(cursor && { cursor }) };
      const page = await ask(api.GET("/v1/transcripts", { params: { query } }));
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.#cursor = page.next_cursor;
      this.hasMore = page.next_cursor !== null;
      this.problem = "";
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.isLoaded = true;
  }
}
