// One transcript on the desk: its text, its sound, its changes, and what people do with them.

import { EditorView } from "@codemirror/view";
import { untrack } from "svelte";
import { ApiError, reason, Unreachable } from "../api/client";
import { copied } from "../ui/clipboard";
import { randomId } from "./document/derive";
import type { Model } from "./document/model";
import {
  displayName,
  Misfit,
  type Operation,
  type Segment,
  SURE,
  type Suggestion,
  type Transcript,
  type Word,
} from "./document/types";
import { lineOf, placeOf, segmentBy, wordAfter, wordAt, wordNear, wordsIn } from "./editor/finding";
import { hear, point, redraw } from "./editor/looks";
import { Session } from "./editor/session";
import type { Mode } from "./keys";
import type { Place } from "./place";
import { Player } from "./player/player.svelte";
import { Saver } from "./saving.svelte";
import type { Unsaved } from "./unsaved";
import { type Read, readTranscript } from "./versions";

const SETTLE_MS = 350;
const LATEST_MS = 800;
const SURVEY_MS = 900;
const KEPT = "trax.reading";

export type Told =
  | { kind: "merged"; lost: number }
  | { kind: "stays"; reason: string }
  | { kind: "restored" }
  | { kind: "copied" }
  | { kind: "notCopied" };

interface Kept {
  threshold: number;
  shades: boolean;
}

function kept(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

const NONE: readonly Suggestion[] = [];

function flattened(operation: Operation): Operation[] {
  return operation.kind === "together" ? operation.operations.flatMap(flattened) : [operation];
}

export class Desk {
  readonly id: string;
  readonly player: Player;
  readonly saver: Saver;
  session: Session;
  view: EditorView | null = null;
  /** Counts changes of the transcript: whatever reads it is shown anew. */
  changes = $state(0);
  /** Counts the same, but waits until nobody types: for what is dear to find out. */
  surveyed = $state(0);
  /** Counts how often words were given to somebody, or taken back from them. */
  assigned = $state(0);
  /** Counts transcripts that were put on the desk. */
  opened = $state(0);
  mode = $state<Mode>("read");
  shades = $state(kept().shades ?? true);
  threshold = $state(kept().threshold ?? 0.6);
  told = $state<Told | null>(null);
  follows = $state(true);
  /** A segment whose speaker is asked for, and where on the screen. */
  asking = $state<{ segment: Segment; at: DOMRect } | null>(null);
  private settling = 0;
  private typedSince = 0;
  private surveying = 0;
  private isUndoing = false;
  private heardId = "";

  constructor(
    readonly place: Place,
    read: Read,
    unsaved: Unsaved,
  ) {
    const { transcript } = read;
    this.id = transcript.id;
    this.session = new Session(transcript, randomId);
    this.saver = new Saver(this.id, read.etag, (pending) => this.rebase(pending), unsaved);
    const source = place.hasSound ? `${place.base}/audio?wait=60` : "";
    const timeline = {
      wordAfter: (time: number) => wordAfter(this.model, time)?.start,
      wordEnd: (time: number) => wordAt(this.model, time)?.end ?? 0,
    };
    const { duration } = transcript.recording;
    this.player = new Player(source, duration, timeline, (time) => this.heard(time));
    // Whoever may only read now keeps what they did not save for when they may change it again.
    if (unsaved.left.length && this.mayEdit) this.resume(unsaved.left, read.etag);
  }

  get model(): Model {
    return this.session.model;
  }

  get transcript(): Transcript {
    return this.model.source;
  }

  get mayEdit(): boolean {
    return this.place.role !== "viewer";
  }

  get suggestions(): readonly Suggestion[] {
    return this.transcript.enhancement?.edits ?? NONE;
  }

  nameOf(label: string | null): string {
    return displayName(this.model.speakers, label);
  }

  /** The text was changed by somebody who types. */
  typed(): void {
    this.player.typed();
    const now = performance.now();
    if (!this.settling) this.typedSince = now;
    window.clearTimeout(this.settling);
    const left = Math.max(0, this.typedSince + LATEST_MS - now);
    this.settling = window.setTimeout(() => this.settleTyped(), Math.min(SETTLE_MS, left));
  }

  /** Take what was typed, unless a letter is being composed. */
  private settleTyped(): void {
    this.settling = 0;
    if (this.view?.composing) this.typed();
    else this.settle();
  }

  /** Take what was typed into the transcript, and have it saved. */
  settle(): void {
    window.clearTimeout(this.settling);
    this.settling = 0;
    if (!this.view) return;
    this.session.settle(this.view);
    this.noteChanges();
  }

  perform(operation: Operation): void {
    if (!this.view || !this.mayEdit) return;
    this.session.perform(this.view, operation);
    this.decided();
  }

  assign(words: readonly string[], speaker: string | null): void {
    if (!this.view || !this.mayEdit || !words.length) return;
    this.session.assign(this.view, words, speaker);
    this.decided();
  }

  restore(at: number): void {
    const removed = this.model.removed[at];
    if (!this.view || !this.mayEdit || !removed) return;
    this.session.restore(this.view, removed);
    this.decided();
    this.show(removed.words[0]?.id ?? "");
  }

  undo(): void {
    if (!this.view || !this.mayEdit) return;
    const isDone = this.session.undo(this.view);
    this.decided();
    // Whoever came by a link takes back what they did, not what others did before.
    if (!isDone && !this.place.isShared) void this.undoEarlier();
  }

  redo(): void {
    if (!this.view || !this.mayEdit) return;
    this.session.redo(this.view);
    this.decided();
  }

  /** Let the text be typed in, where it is heard or was clicked last. */
  write(): void {
    if (!this.mayEdit) return;
    this.mode = "edit";
    const view = this.view;
    const mark = view && this.heardId ? placeOf(view.state, this.model, this.heardId) : undefined;
    if (view && mark && view.state.selection.main.head === 0) {
      view.dispatch({ selection: { anchor: mark.from } });
    }
  }

  read(): void {
    this.settle();
    this.mode = "read";
  }

  /** Put other text in the place of words. */
  replaceText(words: readonly Word[], text: string): void {
    const view = this.view;
    const first = words[0] && view && placeOf(view.state, this.model, words[0].id);
    const last = view && placeOf(view.state, this.model, words.at(-1)?.id ?? "");
    if (!view || !this.mayEdit || !first || !last) return;
    const insert = text.trim() || "";
    view.dispatch({
      changes: { from: first.from, to: last.to, insert },
      userEvent: "input.reading",
    });
    this.settle();
  }

  /** Make the text say what another version says, as one step. */
  becomeLike(other: Transcript): void {
    if (!this.view) return;
    this.session.become(this.view, other);
    this.decided();
  }

  /** Words are right as they stand. */
  accept(words: readonly Word[]): void {
    const operations = words.map(
      (word): Operation => ({ kind: "replace", word: word.id, text: word.text, confidence: SURE }),
    );
    if (operations.length) this.perform({ kind: "together", operations });
  }

  /** Bring a word into view and point it out. */
  show(first: string, last = first): void {
    const view = this.view;
    const from = view && placeOf(view.state, this.model, first);
    if (!view || !from) return;
    const to = placeOf(view.state, this.model, last) ?? from;
    const effects = [
      EditorView.scrollIntoView(from.from, { y: "center" }),
      point.of({ from: from.from, to: Math.max(from.to, to.to) }),
    ];
    view.dispatch({ selection: { anchor: from.from }, effects });
  }

  showTime(time: number): void {
    const word = wordAt(this.model, time) ?? wordAfter(this.model, time);
    const view = this.view;
    const mark = word && view && placeOf(view.state, this.model, word.id);
    if (!view || !mark) return;
    view.dispatch({
      selection: { anchor: mark.from },
      effects: EditorView.scrollIntoView(mark.from, { y: "center" }),
    });
    this.heard(time);
  }

  goTo(time: number): void {
    this.player.seek(time);
    this.showTime(time);
  }

  /** The word at a place of the text. */
  wordAtPosition(position: number): Word | undefined {
    return this.view ? wordNear(this.view.state, this.model, position) : undefined;
  }

  /** The words that are selected; else those of the line that the caret is in. */
  chosenWords(): Word[] {
    if (!this.view) return [];
    const { state } = this.view;
    const { from, to, empty } = state.selection.main;
    if (!empty) return wordsIn(state, this.model, from, to);
    const word = this.wordAtPosition(this.mode === "edit" ? from : this.heardPosition(from));
    return word ? [...(this.model.segmentOf(word.id)?.words ?? [])] : [];
  }

  /** When what is selected is said, in seconds; null if nothing is. */
  selectedSpan(): { start: number; end: number } | null {
    if (!this.view || this.view.state.selection.main.empty) return null;
    const words = this.chosenWords();
    const [first, last] = [words[0], words.at(-1)];
    return first && last ? { start: first.start, end: last.end } : null;
  }

  /** Go to the line before or after the one that is heard. */
  moveLine(step: number): void {
    const { state } = this.view ?? {};
    if (!state) return;
    const at = segmentBy(this.model, this.player.time + 0.01);
    const segment = this.model.segments[Math.max(0, at + step)];
    const word = segment?.words[0];
    if (word) this.goTo(word.start);
  }

  /** Whether the browser let the page copy, which is told. */
  async copy(text: string): Promise<boolean> {
    const isDone = await copied(text);
    this.told = { kind: isDone ? "copied" : "notCopied" };
    return isDone;
  }

  /** Something other than typing changed the transcript: it is shown and looked over at once. */
  private decided(): void {
    this.noteChanges();
    this.redraw();
    this.survey();
  }

  redraw(): void {
    const threshold = this.shades ? this.threshold : 0;
    this.view?.dispatch({ effects: redraw.of({ threshold, playFrom: "" }) });
    localStorage.setItem(KEPT, JSON.stringify({ threshold: this.threshold, shades: this.shades }));
  }

  async close(): Promise<void> {
    this.settle();
    this.player.close();
    window.clearTimeout(this.surveying);
    await this.saver.leave();
  }

  private heardPosition(otherwise: number): number {
    const view = this.view;
    const mark = view && this.heardId ? placeOf(view.state, this.model, this.heardId) : undefined;
    return mark ? mark.from : otherwise;
  }

  private heard(time: number): void {
    const view = this.view;
    if (!view) return;
    const word = wordAt(this.model, time + 0.02);
    if (!word || word.id === this.heardId) return;
    const mark = placeOf(view.state, this.model, word.id);
    if (!mark) return;
    this.heardId = word.id;
    view.dispatch({ effects: hear.of(mark) });
    if (this.follows && this.player.playing && this.mode === "read") this.follow(view, mark.from);
  }

  /** Keep the word that is heard within the middle of the pane. */
  private follow(view: EditorView, position: number): void {
    const pane = view.scrollDOM.getBoundingClientRect();
    const place = view.coordsAtPos(position);
    const isInView =
      place && place.top > pane.top + 60 && place.bottom < pane.bottom - 0.35 * pane.height;
    if (isInView) return;
    view.dispatch({ effects: EditorView.scrollIntoView(position, { y: "start", yMargin: 120 }) });
  }

  private noteChanges(): void {
    const operations = this.session.taken();
    if (!operations.length) return;
    this.saver.add(operations);
    this.changes = untrack(() => this.changes) + 1;
    const isGiving = operations.flatMap(flattened).some((each) => each.kind === "relabel");
    if (isGiving) this.assigned = untrack(() => this.assigned) + 1;
    window.clearTimeout(this.surveying);
    this.surveying = window.setTimeout(() => this.survey(), SURVEY_MS);
  }

  /** Look over the whole transcript anew. */
  survey(): void {
    window.clearTimeout(this.surveying);
    this.surveyed = untrack(() => this.surveyed) + 1;
  }

  /** Take back what was saved before the page was opened: the service knows how. */
  private async undoEarlier(): Promise<void> {
    if (this.isUndoing) return;
    this.isUndoing = true;
    try {
      if (await this.saver.takeBack()) this.reopen(await readTranscript(this.place));
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
      this.told = { kind: "stays", reason: reason(error) };
    } finally {
      this.isUndoing = false;
    }
  }

  /** Put another version on the desk, at the same place of the text. */
  private reopen(read: Read): void {
    const top = this.view?.scrollDOM.scrollTop ?? 0;
    this.settle();
    const typed = [...this.saver.pending];
    this.session = new Session(read.transcript, randomId);
    this.resume(typed, read.etag);
    this.opened += 1;
    this.changes += 1;
    this.survey();
    requestAnimationFrame(() => this.view?.scrollDOM.scrollTo({ top }));
  }

  /** Somebody else saved a version meanwhile: what is not saved goes on top of theirs. */
  private async rebase(pending: Operation[]): Promise<void> {
    const read = await readTranscript(this.place);
    this.settle();
    const unsaved = [...pending, ...this.session.taken()];
    this.session = new Session(read.transcript, randomId);
    const lost = this.resume(unsaved, read.etag);
    this.opened += 1;
    this.changes += 1;
    this.survey();
    this.told = { kind: "merged", lost };
  }

  /** Do again what was not saved; how much of it does not fit any more. */
  private resume(operations: readonly Operation[], etag: string): number {
    const fitting: Operation[] = [];
    const parts = operations.flatMap(flattened);
    for (const operation of parts) {
      try {
        this.model.apply(operation);
        fitting.push(operation);
      } catch (error) {
        if (!(error instanceof Misfit)) throw error;
      }
    }
    this.saver.begin(etag, fitting);
    return parts.length - fitting.length;
  }

  /** The number of the line that a segment is. */
  line(segment: number): number {
    return this.view ? lineOf(this.view.state, this.model, segment) : 0;
  }
}
