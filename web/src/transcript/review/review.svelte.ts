// The review: which places are to be looked at, and which one is.

import type { Desk } from "../desk.svelte";
import { spelling } from "../document/spelling";
import type { Word } from "../document/types";
import {
  curve,
  halving,
  isDoubtful,
  outlook,
  type Place,
  readingsOf,
  type Survey,
  scaleOf,
  survey,
} from "./queue";
import { Through } from "./through.svelte";

const NOTHING: Survey = { places: [], words: 0, wrong: 0 };

export class Review {
  /** How many places are wanted; null takes as many as halve what is wrong. */
  wanted = $state<number | null>(null);
  current = $state<string>("");
  /** How many places were decided or skipped. */
  done = $state(0);
  /** How often somebody asked to type what is said. */
  typing = $state(0);
  readonly through: Through;
  private left = new Set<string>();

  /** What was found when the transcript was looked over first. */
  private first: Survey | null = null;

  constructor(private readonly desk: Desk) {
    this.through = new Through(this);
  }

  /** Nothing, until the text is shown: it does not wait for this. */
  survey = $derived.by(() => {
    if (!this.isKnown) return NOTHING;
    const found = survey(this.desk.model);
    this.first ??= found;
    return found;
  });

  get isKnown(): boolean {
    return this.desk.surveyed > 0;
  }

  private get scale(): number {
    const expected = this.desk.transcript.expected_errors?.rate ?? null;
    return this.first ? scaleOf(this.first, expected) : 1;
  }

  /** The share of words that are likely wrong. */
  get rate(): number {
    return this.isKnown ? this.outlook.rate : (this.desk.transcript.expected_errors?.rate ?? 0);
  }

  readings = $derived.by(() => {
    const { place } = this;
    return place?.kind === "words" ? readingsOf(place.words, this.desk.suggestions) : [];
  });

  get all(): readonly Place[] {
    return this.survey.places;
  }

  count = $derived.by(() => Math.min(this.all.length, this.wanted ?? halving(this.survey)));

  /** The wanted places, in the order in which they are said. */
  places = $derived.by(() => {
    const chosen = this.all.filter((each) => !this.left.has(each.key)).slice(0, this.count);
    return chosen.sort((a, b) => a.start - b.start);
  });

  outlook = $derived.by(() => outlook(this.survey, this.places, this.scale));

  /** What reading more would bring. */
  curve = $derived.by(() => curve(this.survey, this.scale));

  get place(): Place | undefined {
    return this.places.find((each) => each.key === this.current);
  }

  /** Whether somebody who hears the places could object. */
  get isAttended(): boolean {
    return this.desk.mode === "read" && document.visibilityState === "visible";
  }

  step(direction: number): void {
    if (direction < 0 && this.back()) return;
    const at = this.places.findIndex((each) => each.key === this.current);
    const next = at < 0 ? this.nearest() : at + direction;
    const place = this.places[(next + this.places.length) % Math.max(1, this.places.length)];
    if (place) this.open(place);
  }

  /** Open again what went by last. */
  private back(): boolean {
    const place = this.through.last();
    if (!place) return false;
    this.left.delete(place.key);
    this.wanted = this.count + 1;
    this.done -= 1;
    this.open(place);
    return true;
  }

  open(place: Place): void {
    this.through.hold();
    this.current = place.key;
    this.desk.sight.show(place.words[0]?.id ?? "", place.words.at(-1)?.id);
    this.play(place);
    if (this.through.isOn && place.kind === "words") this.typing += 1;
  }

  replay(): void {
    const place = this.place;
    this.through.hold();
    if (place) this.play(place);
  }

  private play(place: Place): void {
    this.desk.player.playPassage(place.start, place.end, () => this.through.ended());
  }

  /** Go through the places by ear, or do so no more. */
  listen(): void {
    if (this.through.isOn) this.through.stop();
    else {
      this.through.start();
      if (this.place) this.open(this.place);
      else this.step(1);
    }
  }

  /** The place is right as it stands. */
  accept(): void {
    this.through.confirm();
    const place = this.place;
    if (!place) return;
    const planned = this.places;
    this.confirm([place]);
    this.onward(planned, place);
  }

  /** Places are right as they stand, if they still do. */
  confirm(places: readonly Place[]): void {
    const { model } = this.desk;
    const stands = ({ id, text, speaker }: Word) => {
      const now = model.word(id);
      return now?.text === text && now.speaker === speaker;
    };
    const right = places.filter(({ words }) => words.every(stands));
    this.desk.accept(right.flatMap(({ kind, words }) => (kind === "words" ? words : [])));
    for (const { kind, words } of right) {
      if (kind === "speaker") this.desk.assign(idsOf(words), words[0]?.speaker ?? null);
    }
  }

  /** Write what is said at the place; if none is open, at the next. */
  type(): void {
    if (!this.place) this.step(1);
    this.typing += 1;
  }

  /** Take one of the other readings. */
  take(number: number): boolean {
    const reading = this.readings[number];
    if (!reading) return false;
    this.write(reading.text);
    return true;
  }

  /** The place says something else. */
  write(text: string): void {
    const place = this.place;
    if (!place) return;
    this.through.confirm();
    const planned = this.places;
    this.desk.replaceText(place.words, text);
    this.onward(planned, place);
  }

  give(speaker: string): void {
    const place = this.place;
    if (!place) return;
    this.through.confirm();
    const planned = this.places;
    this.desk.assign(idsOf(place.words), speaker);
    this.onward(planned, place);
  }

  /** The place is not decided. */
  pass(): void {
    this.through.confirm();
    this.leave();
  }

  /** Go on, with the place as it is. */
  leave(): void {
    const place = this.place;
    if (!place) return;
    const planned = this.places;
    this.left.add(place.key);
    this.onward(planned, place);
  }

  /** Other doubtful places with the same words. */
  alike(place: Place): Word[][] {
    const said = place.words.map((word) => spelling(word.text));
    const found: Word[][] = [];
    for (const segment of this.desk.model.segments) {
      for (let at = 0; at + said.length <= segment.words.length; at++) {
        const run = segment.words.slice(at, at + said.length);
        const isSame = run.every((word, i) => spelling(word.text) === said[i]);
        if (isSame && run.some(isDoubtful) && run[0]?.id !== place.words[0]?.id) found.push(run);
      }
    }
    return found;
  }

  /** The same decision for this place and all like it; no *text* accepts them as they stand. */
  decideAlike(place: Place, text: string | null): void {
    this.through.confirm();
    const runs = [place.words, ...this.alike(place)];
    const planned = this.places;
    if (text === null) this.desk.accept(runs.flat());
    else for (const run of runs) this.desk.replaceText(run, text);
    this.onward(planned, place);
  }

  /** Go to the next of the *planned* places; what was decided does not make room for others. */
  private onward(planned: readonly Place[], from: Place): void {
    this.desk.survey();
    const open = new Set(this.all.map((each) => each.key));
    const isLeft = (each: Place) => open.has(each.key) && !this.left.has(each.key);
    const remaining = planned.filter(isLeft).length;
    this.done += planned.length - remaining;
    this.wanted = remaining;
    const others = this.places.filter((each) => each.key !== from.key);
    const next = others.find((each) => each.start >= from.start) ?? others.at(-1);
    if (next) this.open(next);
    else this.current = "";
  }

  private nearest(): number {
    const now = this.desk.player.time;
    const found = this.places.findIndex((each) => each.end >= now);
    return Math.max(0, found);
  }
}

const idsOf = (words: readonly Word[]): string[] => words.map((word) => word.id);
