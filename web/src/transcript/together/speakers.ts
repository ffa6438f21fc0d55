/** Speakers as people who edit together have them: names, new ones, and those that became others. */

import type * as Y from "yjs";
import type { Model } from "../document/model";
import { addSpeaker, removeSpeaker, rename } from "../document/speakers";
import { Misfit } from "../document/types";

export type Entry = { readonly name: string | null } | { readonly into: string };

const MOST_STEPS = 20;

export class Speakers {
  constructor(
    readonly entries: Y.Map<Entry>,
    private readonly model: Model,
  ) {}

  /** Whose words are now those of *label*. */
  become(label: string | null): string | null {
    let now = label;
    for (let step = 0; now !== null && step < MOST_STEPS; step++) {
      const entry: Entry | undefined = this.entries.get(now);
      if (!entry || !("into" in entry)) return now;
      now = entry.into;
    }
    return now;
  }

  rename(label: string, name: string | null): void {
    this.entries.set(label, { name });
  }

  merge(label: string, into: string): void {
    this.entries.set(label, { into });
  }

  /** Bring the model's speakers up to what the entries say. */
  settle(): void {
    const { model } = this;
    const base = new Map(model.source.speakers.map((each) => [each.label, each]));
    for (const [label, entry] of this.entries) {
      if (!("name" in entry)) continue;
      const { name } = entry;
      if (model.speakers.some((each) => each.label === label)) {
        if (name !== this.nameOf(label)) rename(model, label, name);
      } else addSpeaker(model, { label, speech: 0, name, voice: null }, null);
    }
    for (const { label } of [...model.speakers]) {
      if (this.entries.has(label)) continue;
      const known = base.get(label);
      if (known && known.name !== this.nameOf(label)) rename(model, label, known.name);
      if (!known) this.leave(label);
    }
  }

  private nameOf(label: string): string | null {
    return this.model.speakers.find((each) => each.label === label)?.name ?? null;
  }

  /** Somebody new is not any more; whoever has words stays. */
  private leave(label: string): void {
    try {
      removeSpeaker(this.model, label);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
    }
  }
}
