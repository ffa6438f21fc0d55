// What is seen of the text, pointed out in it and chosen from it.

import { EditorView } from "@codemirror/view";
import type { Desk } from "./desk.svelte";
import type { Mark } from "./document/tokens";
import type { Word } from "./document/types";
import { placeOf, wordAfter, wordAt, wordNear, wordsIn } from "./editor/finding";
import { point, redraw } from "./editor/looks";

const KEPT = "trax.reading";

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

/** A place in the text that stays when its words are shown anew. */
interface Anchor {
  readonly word: string;
  /** Letters from the word's start. */
  readonly letters: number;
}

/** What is chosen of the text, and whether keys go there. */
export interface Chosen {
  readonly anchor: Anchor;
  readonly head: Anchor;
  readonly hasFocus: boolean;
}

export class Sight {
  shades = $state(kept().shades ?? true);
  threshold = $state(kept().threshold ?? 0.6);

  /** Whether some of the text is selected. */
  hasSelection = $state(false);

  constructor(private readonly desk: Desk) {}

  /** Words that are less sure are marked; 0 marks none. */
  get marksBelow(): number {
    return this.shades ? this.threshold : 0;
  }

  redraw(): void {
    const effects = redraw.of({ threshold: this.marksBelow, playFrom: "" });
    this.desk.view?.dispatch({ effects });
    localStorage.setItem(KEPT, JSON.stringify({ threshold: this.threshold, shades: this.shades }));
  }

  /** Where a word stands in the text. */
  placeOf(word: string): Mark | undefined {
    const { view, model } = this.desk;
    return view ? placeOf(view.state, model, word) : undefined;
  }

  /** What is chosen, for a text that takes this one's place. */
  chosen(): Chosen | null {
    const { view } = this.desk;
    if (!view) return null;
    const { anchor, head } = view.state.selection.main;
    const [from, to] = [this.anchorAt(anchor), this.anchorAt(head)];
    return from && to ? { anchor: from, head: to, hasFocus: view.hasFocus } : null;
  }

  /** Choose in a text what was chosen in the one before, where its words are there. */
  choose(chosen: Chosen | null): void {
    const { view } = this.desk;
    this.hasSelection = false;
    if (!view || !chosen) return;
    const [anchor, head] = [this.placed(chosen.anchor), this.placed(chosen.head)];
    if (anchor !== undefined && head !== undefined) view.dispatch({ selection: { anchor, head } });
    if (chosen.hasFocus) view.focus();
  }

  private anchorAt(position: number): Anchor | null {
    const word = this.wordAtPosition(position);
    const mark = word && this.placeOf(word.id);
    return mark ? { word: word.id, letters: position - mark.from } : null;
  }

  private placed({ word, letters }: Anchor): number | undefined {
    const mark = this.placeOf(word);
    return mark && Math.max(0, Math.min(mark.from + letters, mark.to));
  }

  /** Bring a word into view and point it out. */
  show(first: string, last = first): void {
    const from = this.placeOf(first);
    if (!from) return;
    const to = this.placeOf(last) ?? from;
    const effects = [
      EditorView.scrollIntoView(from.from, { y: "center" }),
      point.of({ from: from.from, to: Math.max(from.to, to.to) }),
    ];
    this.desk.view?.dispatch({ selection: { anchor: from.from }, effects });
  }

  showTime(time: number): void {
    const { model, view, listening } = this.desk;
    const word = wordAt(model, time) ?? wordAfter(model, time);
    const mark = word && this.placeOf(word.id);
    if (!mark) return;
    view?.dispatch({
      selection: { anchor: mark.from },
      effects: EditorView.scrollIntoView(mark.from, { y: "center" }),
    });
    listening.heard(time);
  }

  /** Where what is said at a time stands. */
  positionAt(time: number): number | undefined {
    const { model } = this.desk;
    const word = wordAt(model, time) ?? wordAfter(model, time);
    return word && this.placeOf(word.id)?.from;
  }

  /** The word at a place of the text. */
  wordAtPosition(position: number): Word | undefined {
    const { view, model } = this.desk;
    return view ? wordNear(view.state, model, position) : undefined;
  }

  /** The words that are selected; else those of the line that the caret is in. */
  chosenWords(): Word[] {
    const { view, model, mode, listening } = this.desk;
    if (!view) return [];
    const { from, to, empty } = view.state.selection.main;
    if (!empty) return wordsIn(view.state, model, from, to);
    const at = mode === "edit" ? from : (listening.mark?.from ?? from);
    const word = this.wordAtPosition(at);
    return word ? [...(model.segmentOf(word.id)?.words ?? [])] : [];
  }

  /** When what is selected is said, in seconds; null if nothing is. */
  selectedSpan(): { start: number; end: number } | null {
    if (!this.desk.view || this.desk.view.state.selection.main.empty) return null;
    const words = this.chosenWords();
    const [first, last] = [words[0], words.at(-1)];
    return first && last ? { start: first.start, end: last.end } : null;
  }
}
