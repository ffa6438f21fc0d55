// Turns that sound like somebody to whom people gave others.

import { api, ask, type Schemas } from "../api/client";
import type { Desk } from "./desk.svelte";

type Suggestion = Schemas["SuggestionView"];

export interface Likeness {
  readonly speaker: string;
  readonly turns: readonly Suggestion[];
}

export class Resembling {
  private found = $state<readonly Suggestion[]>([]);
  private readonly left = new Set<string>();

  /** How often words had been given to somebody when they were asked for last. */
  private asked = 0;

  constructor(private readonly desk: Desk) {}

  /** By whom they sound like; what somebody else has by now is left out. */
  likenesses = $derived.by((): Likeness[] => {
    this.desk.changes;
    const speakers = [...new Set(this.found.map((each) => each.speaker))];
    return speakers
      .map((speaker) => ({ speaker, turns: this.open.filter((each) => each.speaker === speaker) }))
      .filter(({ turns }) => turns.length > 0);
  });

  get count(): number {
    return this.likenesses.reduce((sum, each) => sum + each.turns.length, 0);
  }

  /** Ask anew once the service knows of more words that were given to somebody. */
  async follow(): Promise<void> {
    const { assigned, saver } = this.desk;
    if (assigned === this.asked || saver.state !== "saved") return;
    this.asked = assigned;
    await saver.flush();
    await this.load();
  }

  /** Ask for them; transcripts whose voices are not kept have none. */
  async load(): Promise<void> {
    if (!this.desk.mayEdit || this.desk.place.isShared) return;
    const params = { path: { transcript_id: this.desk.id } };
    const path = "/v1/transcripts/{transcript_id}/speakers/suggestions";
    const asked = ask(api.GET(path, { params }));
    this.found = await asked.then(
      ({ items }) => items.filter((each) => !this.left.has(each.id)),
      () => [],
    );
  }

  /** Give turns to whom they sound like, as one step. */
  accept({ speaker, turns }: Likeness): void {
    this.desk.assign(
      turns.flatMap((each) => each.words),
      speaker,
    );
  }

  /** They are not to be offered again. */
  dismiss({ turns }: Likeness): void {
    for (const each of turns) this.left.add(each.id);
    this.found = this.found.filter((each) => !this.left.has(each.id));
  }

  private get open(): readonly Suggestion[] {
    const { model } = this.desk;
    return this.found.filter((each) => model.segmentOf(each.id)?.speaker === each.current);
  }
}
