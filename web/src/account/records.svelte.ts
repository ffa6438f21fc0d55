// What a page of the settings lists, and what went wrong with it.

import { reason } from "../api/client";

export class Records<T> {
  items = $state<T[]>([]);
  isLoaded = $state(false);
  problem = $state("");

  constructor(private readonly read: () => Promise<{ items: T[] }>) {}

  async load(): Promise<void> {
    await this.attempt(async () => {
      this.items = (await this.read()).items;
    });
    this.isLoaded = true;
  }

  /** Change something, and list anew. */
  async change(what: () => Promise<unknown>): Promise<void> {
    if (await this.attempt(what)) await this.load();
  }

  /** Whether it worked; if not, *problem* says why. */
  async attempt(what: () => Promise<unknown>): Promise<boolean> {
    this.problem = "";
    try {
      await what();
      return true;
    } catch (error) {
      this.problem = reason(error);
      return false;
    }
  }
}
