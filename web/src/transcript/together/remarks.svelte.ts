// What people say about a transcript beside it: comments on words, and suggestions to say them otherwise.

import { answered } from "../../api/client";
import type { Desk } from "../desk.svelte";
import type { Word } from "../document/types";
import { wordsIn } from "../editor/finding";
import type { Place } from "../place";
import type { Author } from "../versions";
import { guest } from "./guest.svelte";

export type { Author };

interface Said {
  readonly id: string;
  readonly text: string;
  readonly author: Author;
  readonly created_at: string;
}

interface Anchored extends Said {
  /** The first and last word that it is about. */
  readonly first: string;
  readonly last: string;
  /** What they said when it was made. */
  readonly quote: string;
}

export interface Comment extends Anchored {
  readonly resolved: boolean;
  readonly replies: readonly Said[];
}

export interface Proposal extends Anchored {
  readonly state: "open" | "accepted" | "refused";
}

export interface AllRemarks {
  readonly comments: readonly Comment[];
  readonly suggestions: readonly Proposal[];
}

/** What is about to be said, and of which words. */
export interface Draft {
  readonly first: string;
  readonly last: string;
  readonly quote: string;
}

export class Remarks {
  comments = $state.raw<readonly Comment[]>([]);
  suggestions = $state.raw<readonly Proposal[]>([]);
  /** Whether the service keeps remarks of this transcript. */
  isOffered = $state(false);

  constructor(private readonly place: Place) {}

  get waiting(): number {
    const open = this.comments.filter((each) => !each.resolved).length;
    return open + this.suggestions.filter((each) => each.state === "open").length;
  }

  take({ comments, suggestions }: AllRemarks): void {
    this.comments = comments;
    this.suggestions = suggestions;
    this.isOffered = true;
  }

  async load(): Promise<void> {
    this.take(await (await this.ask("GET", "comments")).json());
  }

  async comment(about: Draft, text: string): Promise<void> {
    await this.change("POST", "comments", { ...about, ...this.said(text) });
  }

  async suggest(about: Draft, text: string): Promise<void> {
    await this.change("POST", "suggestions", { ...about, ...this.said(text) });
  }

  async reply(comment: string, text: string): Promise<void> {
    await this.change("POST", `comments/${encodeURIComponent(comment)}/replies`, this.said(text));
  }

  async resolve(comment: string, resolved: boolean): Promise<void> {
    await this.change("PATCH", `comments/${encodeURIComponent(comment)}`, { resolved });
  }

  async remove(comment: string): Promise<void> {
    await this.change("DELETE", `comments/${encodeURIComponent(comment)}`);
  }

  async decide(suggestion: string, state: "accepted" | "refused"): Promise<void> {
    await this.change("PATCH", `suggestions/${encodeURIComponent(suggestion)}`, { state });
  }

  private said(text: string): { text: string; name?: string } {
    return this.place.isShared ? { text, name: guest.name } : { text };
  }

  private async change(method: string, path: string, body?: object): Promise<void> {
    await this.ask(method, path, body);
    await this.load();
  }

  private ask(method: string, path: string, body?: object): Promise<Response> {
    const asked: RequestInit = { method };
    if (body) {
      asked.body = JSON.stringify(body);
      asked.headers = { "Content-Type": "application/json" };
    }
    return answered(`${this.place.base}/${path}`, asked);
  }
}

/** The words that a remark is about, as they stand now; none if they are gone. */
export function wordsOf(desk: Desk, { first, last }: Draft): Word[] {
  const from = desk.sight.placeOf(first);
  const to = desk.sight.placeOf(last);
  if (!desk.view || !(from ?? to)) return [];
  const start = (from ?? to)?.from ?? 0;
  const end = (to ?? from)?.to ?? 0;
  return wordsIn(desk.view.state, desk.model, start, end);
}
