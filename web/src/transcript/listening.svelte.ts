// The sound of what is on the desk, and the word that is heard.

import { EditorView } from "@codemirror/view";
import { answered, type Schemas } from "../api/client";
import type { Desk } from "./desk.svelte";
import { isSilenced } from "./document/silences";
import type { Mark } from "./document/tokens";
import { segmentBy, wordAfter, wordAt } from "./editor/finding";
import { hear } from "./editor/looks";
import { Player } from "./player/player.svelte";

export class Listening {
  readonly player: Player;
  /** Whether the recording has a picture that no browser shows. */
  isPictureLost = $state(false);
  private word = "";

  constructor(
    private readonly desk: Desk,
    source: string,
    duration: number,
  ) {
    const timeline = {
      wordAfter: (time: number) => wordAfter(desk.model, time)?.start,
      wordEnd: (time: number) => wordAt(desk.model, time)?.end ?? 0,
    };
    this.player = new Player(source, duration, timeline, (time) => this.heard(time));
    this.player.media.addEventListener("loadedmetadata", () => void this.lookForPicture());
  }

  /** Where there is a picture that is not shown, people are to know why. */
  private async lookForPicture(): Promise<void> {
    this.isPictureLost = false;
    if (this.player.hasPicture) return;
    const { base } = this.desk.place;
    const response = await answered(`${base}/media`).catch(() => null);
    const media = (await response?.json()) as Schemas["MediaView"] | undefined;
    this.isPictureLost = media?.kind === "video";
  }

  /** Where the word that is heard stands in the text. */
  get mark(): Mark | undefined {
    return this.word ? this.desk.sight.placeOf(this.word) : undefined;
  }

  goTo(time: number): void {
    this.player.seek(time);
    this.desk.sight.showTime(time);
  }

  /** Go to the line before or after the one that is heard. */
  moveLine(step: number): void {
    const { view, model } = this.desk;
    if (!view) return;
    const at = segmentBy(model, this.player.time + 0.01);
    const word = model.segments[Math.max(0, at + step)]?.words[0];
    if (word) this.goTo(word.start);
  }

  /** Mark what is heard in a text that was not shown before. */
  markAgain(): void {
    if (!this.word) return;
    this.word = "";
    this.heard(this.player.time);
  }

  heard(time: number): void {
    const { view, model, mode, sight } = this.desk;
    this.player.media.muted = isSilenced(model, time);
    if (!view) return;
    const word = wordAt(model, time + 0.02);
    if (!word || word.id === this.word) return;
    const mark = sight.placeOf(word.id);
    if (!mark) return;
    this.word = word.id;
    view.dispatch({ effects: hear.of(mark) });
    if (this.player.playing && mode === "read") follow(view, mark.from);
  }
}

/** Keep the word that is heard within the middle of the pane. */
function follow(view: EditorView, position: number): void {
  const pane = view.scrollDOM.getBoundingClientRect();
  const place = view.coordsAtPos(position);
  const isInView =
    place && place.top > pane.top + 60 && place.bottom < pane.bottom - 0.35 * pane.height;
  if (isInView) return;
  view.dispatch({ effects: EditorView.scrollIntoView(position, { y: "start", yMargin: 120 }) });
}
