/** Words that somebody said something about, marked in the text. */

import { type Extension, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

export const showRemarked = StateEffect.define<readonly { from: number; to: number }[]>();

const mark = Decoration.mark({ class: "remarked" });

export const remarked: Extension = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    let now = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(showRemarked)) continue;
      const ranges = effect.value.filter(({ from, to }) => from < to);
      now = Decoration.set(
        ranges.map(({ from, to }) => mark.range(from, to)),
        true,
      );
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});
