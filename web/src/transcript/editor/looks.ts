/** How the text looks: whose lines, how sure the words, and which one is heard. */

import { type EditorState, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import { clock } from "../../ui/format";
import type { Model } from "../document/model";
import { displayName, type Segment, type Word } from "../document/types";
import { marksBetween, settle } from "./marks";

export interface Looks {
  /** Words less sure than this are marked; 0 marks none. */
  readonly threshold: number;
  readonly playFrom: string;
}

/** The looks changed, or what speakers are called. */
export const redraw = StateEffect.define<Looks | null>();

/** The word that is heard; null for none. */
export const hear = StateEffect.define<{ from: number; to: number } | null>();

/** A stretch that is pointed out: a place to review, or what was found. */
export const point = StateEffect.define<{ from: number; to: number } | null>();

const heardMark = Decoration.mark({ class: "heard" });
const pointedMark = Decoration.mark({ class: "pointed" });

const single = (effect: typeof hear, mark: Decoration) =>
  StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(set, transaction) {
      let now = set.map(transaction.changes);
      for (const each of transaction.effects) {
        if (!each.is(effect)) continue;
        const { value } = each;
        const isShown = value && value.from < value.to && value.to <= transaction.newDoc.length;
        now = isShown ? Decoration.set(mark.range(value.from, value.to)) : Decoration.none;
      }
      return now;
    },
    provide: (field) => EditorView.decorations.from(field),
  });

export const heard = single(hear, heardMark);
export const pointed = single(point, pointedMark);

/** Which of the eight colours a speaker has. */
export function colourOf(model: Model, label: string | null): number {
  const at = model.speakers.findIndex((each) => each.label === label);
  return at < 0 ? 0 : (at % 8) + 1;
}

class Who extends WidgetType {
  constructor(
    readonly name: string,
    readonly start: number,
    readonly colour: number,
    readonly isTurn: boolean,
    readonly playFrom: string,
  ) {
    super();
  }

  override eq(other: Who): boolean {
    const { name, start, colour, isTurn } = this;
    return (
      name === other.name &&
      start === other.start &&
      colour === other.colour &&
      isTurn === other.isTurn
    );
  }

  override toDOM(): HTMLElement {
    const label = document.createElement("span");
    label.className = `who speaker-${this.colour}`;
    label.contentEditable = "false";
    // Names do not decide in which direction a line runs: what is said does.
    label.dir = "auto";
    if (this.isTurn) {
      const name = document.createElement("button");
      name.type = "button";
      name.tabIndex = -1;
      name.className = "name";
      name.textContent = this.name;
      label.append(name);
    }
    const time = document.createElement("button");
    time.type = "button";
    time.tabIndex = -1;
    time.className = "time";
    time.textContent = clock(this.start);
    time.setAttribute("aria-label", `${this.playFrom} ${clock(this.start)}`);
    label.append(time);
    return label;
  }

  override ignoreEvent(event: Event): boolean {
    return event.type !== "click";
  }
}

/** Lines with their speakers, words with their doubts. */
export function looking(model: Model, first: Looks) {
  let looks = first;
  const build = (view: EditorView) => decorations(view, model, looks);
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;

      constructor(view: EditorView) {
        this.decorations = build(view);
      }

      update(update: ViewUpdate): void {
        const effects = update.transactions.flatMap((each) => each.effects);
        for (const effect of effects) if (effect.is(redraw) && effect.value) looks = effect.value;
        const isTold = effects.some((effect) => effect.is(redraw) || effect.is(settle));
        if (isTold || update.viewportChanged) this.decorations = build(update.view);
        else if (update.docChanged) this.decorations = this.decorations.map(update.changes);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

function decorations(view: EditorView, model: Model, looks: Looks): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const { doc } = view.state;
  const paragraphs = model.source.paragraphs;
  for (const range of view.visibleRanges) {
    let { number } = doc.lineAt(range.from);
    let before = number > 1 ? segmentOf(view.state, model, number - 1) : undefined;
    for (; number <= doc.lines && doc.line(number).from <= range.to; number++) {
      const segment = segmentOf(view.state, model, number);
      decorate(builder, view.state, model, number, segment, before, looks, paragraphs);
      before = segment ?? before;
    }
  }
  return builder.finish();
}

function decorate(
  builder: RangeSetBuilder<Decoration>,
  state: EditorState,
  model: Model,
  number: number,
  segment: Segment | undefined,
  before: Segment | undefined,
  looks: Looks,
  paragraphs: readonly number[],
): void {
  const line = state.doc.line(number);
  const shown = segment ?? before;
  const isTurn = !before || (segment !== undefined && segment.speaker !== before.speaker);
  const isParagraph = isTurn || (segment !== undefined && begins(paragraphs, segment));
  const colour = colourOf(model, shown?.speaker ?? null);
  const kind = isTurn ? "turn" : isParagraph ? "paragraph" : "more";
  builder.add(line.from, line.from, lineLook(`${kind} speaker-${colour}`));
  if (segment) {
    const name = displayName(model.speakers, segment.speaker);
    const start = segment.words[0]?.start ?? segment.start;
    const widget = new Who(name, start, colour, isTurn, looks.playFrom);
    builder.add(line.from, line.from, Decoration.widget({ widget, side: -1 }));
  }
  for (const mark of marksBetween(state, line.from, line.to)) {
    const word = segment?.words.find((each) => each.id === mark.id);
    const look = word && doubtOf(word, looks.threshold);
    if (look) builder.add(Math.max(line.from, mark.from), Math.min(line.to, mark.to), look);
  }
}

const lineLooks = new Map<string, Decoration>();

function lineLook(kind: string): Decoration {
  const known = lineLooks.get(kind);
  if (known) return known;
  const look = Decoration.line({ class: kind, attributes: { dir: "auto" } });
  lineLooks.set(kind, look);
  return look;
}

const doubtful = [1, 2, 3].map((level) => Decoration.mark({ class: `doubt doubt-${level}` }));

/** Words are marked in three steps below the threshold. */
function doubtOf(word: Word, threshold: number): Decoration | undefined {
  if (word.confidence === null || word.confidence >= threshold) return undefined;
  const step = Math.floor((3 * word.confidence) / threshold);
  return doubtful[2 - Math.min(2, step)];
}

function segmentOf(state: EditorState, model: Model, number: number): Segment | undefined {
  const line = state.doc.line(number);
  const mark = marksBetween(state, line.from, line.to).find(({ id }) => model.has(id));
  return mark && model.segmentOf(mark.id);
}

function begins(paragraphs: readonly number[], segment: Segment): boolean {
  const start = segment.words[0]?.start ?? segment.start;
  let low = 0;
  let high = paragraphs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((paragraphs[middle] ?? 0) < start - 0.001) low = middle + 1;
    else high = middle;
  }
  return Math.abs((paragraphs[low] ?? Number.POSITIVE_INFINITY) - start) <= 0.001;
}
