/** Where others are in the text: their carets, and what they have selected. */

import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";

export interface Caret {
  readonly client: number;
  readonly name: string;
  readonly colour: number;
  readonly anchor: number;
  readonly head: number;
}

export const showCarets = StateEffect.define<readonly Caret[]>();

class Flag extends WidgetType {
  constructor(
    readonly name: string,
    readonly colour: number,
  ) {
    super();
  }

  override eq(other: Flag): boolean {
    return other.name === this.name && other.colour === this.colour;
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = `others-caret speaker-${this.colour}`;
    // Readers of screens are told who is here beside the title.
    caret.setAttribute("aria-hidden", "true");
    const name = document.createElement("span");
    name.className = "others-name";
    name.dataset.name = this.name;
    caret.append(name);
    return caret;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

const selections = Array.from({ length: 9 }, (_, colour) =>
  Decoration.mark({ class: `others-selection speaker-${colour}` }),
);

export const carets: Extension = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    let now = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(showCarets)) now = drawn(effect.value, transaction.newDoc.length);
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function drawn(all: readonly Caret[], length: number): DecorationSet {
  const ranges = all.flatMap(({ name, colour, anchor, head }) => {
    const at = Math.min(head, length);
    const from = Math.min(anchor, at);
    const to = Math.min(length, Math.max(anchor, head));
    const caret = Decoration.widget({ widget: new Flag(name, colour), side: 1 }).range(at);
    const selection = selections[colour];
    return from < to && selection ? [selection.range(from, to), caret] : [caret];
  });
  return Decoration.set(ranges, true);
}
