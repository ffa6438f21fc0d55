import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSilenced } from "../document/silences";
import { joinedText, type Transcript, type Word } from "../document/types";
import { marksBetween } from "../editor/marks";
import { edits, type Step, shape } from "../editor/random";
import { type Shape, sample } from "../editor/sample";
import { documents, Page, sharedText } from "./pages";

const asked = import.meta.env.VITE_EDITS;
const runs = Number(asked ?? 60);
// The same edits each time, unless more are asked for: those are new ones.
const seed = asked === undefined ? { seed: 1 } : {};
const check = (property: fc.IRawProperty<unknown>) =>
  fc.assert(property as never, { numRuns: runs, ...seed });

const words = (texts: string): Shape[number]["words"] =>
  texts.split(" ").map((text) => ({ text, joined: false, gap: 0.1, long: 0.3 }));

function pages(base: Transcript, count = 2, size = 2): Page[] {
  const docs = documents(base, size);
  return Array.from({ length: count }, (_, at) => {
    let made = 0;
    return new Page(base, docs, () => `n${at}.${made++}`);
  });
}

function meet(all: readonly Page[]): void {
  for (let round = 0; round < 2; round++) {
    for (const one of all) for (const other of all) if (one !== other) one.hear(other);
    for (const one of all) one.settle();
  }
}

function act(page: Page, each: Step): void {
  const { doc } = page.state;
  if (each.do === "undo") page.session.undo(page);
  else if (each.do === "redo") page.session.redo(page);
  else if (each.do === "settle") page.settle();
  else if (each.do === "relabel") {
    page.settle();
    const from = Math.floor(each.at * doc.length);
    const ids = marksBetween(page.state, from, from + each.length).map(({ id }) => id);
    const label = page.session.model.speakers[each.speaker]?.label ?? null;
    if (ids.length) page.session.assign(page, ids, label);
  } else if ("at" in each) {
    const from = Math.floor(each.at * doc.length);
    const to = Math.min(doc.length, from + ("length" in each ? each.length : 0));
    page.dispatch({ changes: { from, to, insert: "text" in each ? each.text : "" } });
  }
}

const squeezed = (line: string): string => line.trim().replace(/\s+/g, " ");
const modelTexts = (page: Page): string[] =>
  page.session.model.snapshot().segments.map(({ words }) => squeezed(joinedText(words)));
const lineTexts = (page: Page): string[] => page.text.split("\n").map(squeezed).filter(Boolean);
const allWords = ({ segments }: Transcript): Word[] => segments.flatMap((each) => [...each.words]);

interface Round {
  readonly who: number;
  readonly steps: readonly Step[];
  readonly meet: boolean;
}

const together: fc.Arbitrary<Round[]> = fc.array(
  fc.record({ who: fc.nat(2), steps: edits, meet: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
);

describe("random edits of three people", { timeout: 300_000 }, () => {
  const play = (form: Shape, rounds: readonly Round[]): { base: Transcript; all: Page[] } => {
    const base = sample(form);
    const all = pages(base, 3);
    for (const { who, steps, meet: isMeeting } of rounds) {
      const page = all[who];
      if (page) for (const each of steps) act(page, each);
      if (isMeeting) meet(all);
    }
    meet(all);
    return { base, all };
  };

  it("end in one text, which every page shows", () => {
    check(
      fc.property(shape, together, (form, rounds) => {
        const { all } = play(form, rounds);
        const [first] = all;
        for (const page of all) {
          expect(page.text).toBe(sharedText(page));
          expect(page.text).toBe(first?.text);
          expect(modelTexts(page)).toEqual(lineTexts(page));
        }
      }),
    );
  });

  it("leave words that nobody touched as they were, on every page", () => {
    check(
      fc.property(shape, together, (form, rounds) => {
        const { base, all } = play(form, rounds);
        const before = new Map(allWords(base).map((word) => [word.id, word]));
        for (const page of all) {
          for (const { id, text, start, end } of allWords(page.session.model.snapshot())) {
            const former = before.get(id);
            if (former?.text === text)
              expect({ start, end }).toEqual({ start: former.start, end: former.end });
          }
        }
      }),
    );
  });
});

describe("two people at one place", () => {
  const talk = () =>
    sample([
      { speaker: 0, words: words("good morning all") },
      { speaker: 1, words: words("thank you Ann") },
      { speaker: 0, words: words("first of all") },
    ]);

  function both(one: (page: Page) => void, other: (page: Page) => void): Page {
    const [ann, ben] = pages(talk()) as [Page, Page];
    one(ann);
    other(ben);
    for (const page of [ann, ben]) page.settle();
    meet([ann, ben]);
    expect(ben.text).toBe(ann.text);
    expect(modelTexts(ben)).toEqual(modelTexts(ann));
    return ann;
  }

  const typed = (after: string, insert: string) => (page: Page) => {
    const at = page.text.indexOf(after) + after.length;
    page.dispatch({ changes: { from: at, insert } });
  };
  const deleted = (text: string) => (page: Page) => {
    const from = page.text.indexOf(text);
    page.dispatch({ changes: { from, to: from + text.length } });
  };
  const given = (ids: readonly string[], speaker: string) => (page: Page) =>
    page.session.assign(page, ids, speaker);
  const speakers = (page: Page) =>
    page.session.model.segments.map(({ speaker }) => speaker?.at(-1) ?? "?");

  it("keep both words that they put in", () => {
    expect(both(typed("good", " early"), typed("good", " bright")).text).toMatch(
      /^good (early bright|bright early) morning all\n/,
    );
  });

  it("split a line, and edit its end", () => {
    const page = both(typed("good", "\n"), typed("all", " of you"));
    expect(modelTexts(page).slice(0, 2)).toEqual(["good", "morning all of you"]);
  });

  it("join lines, and edit the second: the first one's speaker has them", () => {
    const page = both(deleted("\nthank"), typed("you", " all"));
    expect(modelTexts(page)[0]).toBe("good morning all you all Ann");
    expect(speakers(page)).toEqual(["0", "0"]);
  });

  it("join different lines: all are the first one's", () => {
    const page = both(deleted("\nthank"), deleted("\nfirst"));
    expect(modelTexts(page)).toEqual(["good morning all you Ann of all"]);
  });

  it("delete a line, and give it to somebody", () => {
    const page = both(deleted("thank you Ann\n"), given(["w1.0", "w1.1", "w1.2"], "SPEAKER_02"));
    expect(modelTexts(page)).toEqual(["good morning all", "first of all"]);
    expect(speakers(page)).toEqual(["0", "0"]);
  });

  it("give part of a line to somebody, and edit another part", () => {
    const page = both(given(["w1.1"], "SPEAKER_02"), typed("Ann", "a"));
    expect(modelTexts(page)).toEqual(["good morning all", "thank", "you", "Anna", "first of all"]);
    expect(speakers(page)).toEqual(["0", "1", "2", "1", "0"]);
  });

  it("name a speaker, and merge them: one of the two holds for both", () => {
    const page = both(
      (each) => each.session.perform(each, { kind: "rename", speaker: "SPEAKER_01", name: "Ann" }),
      typed("you", "!"),
    );
    expect(page.session.model.speakers[1]?.name).toBe("Ann");
  });

  it("know a new word by one id", () => {
    const [ann, ben] = pages(talk()) as [Page, Page];
    typed("good", " old")(ann);
    ann.settle();
    meet([ann, ben]);
    const id = (page: Page) => page.session.model.segments[0]?.words[1]?.id;
    expect(id(ann)).toMatch(/^n0/);
    expect(id(ben)).toBe(id(ann));
  });

  it("undo what they did themselves alone", () => {
    const [ann, ben] = pages(talk()) as [Page, Page];
    typed("good", " old")(ann);
    meet([ann, ben]);
    typed("you", " so much")(ben);
    meet([ann, ben]);
    expect(ann.session.undo(ann)).toBe(true);
    meet([ann, ben]);
    expect(ben.text).toBe("good morning all\nthank you so much Ann\nfirst of all");
    expect(ann.session.undo(ann)).toBe(false);
    expect(ann.session.redo(ann)).toBe(true);
    expect(ann.text).toContain("good old");
  });

  it("give a line back when that is undone", () => {
    const [ann, ben] = pages(talk()) as [Page, Page];
    const before = ann.session.model.snapshot().segments;
    given(["w1.1"], "SPEAKER_02")(ann);
    meet([ann, ben]);
    ann.session.undo(ann);
    meet([ann, ben]);
    expect(ann.session.model.snapshot().segments).toEqual(before);
    expect(modelTexts(ben)).toEqual(modelTexts(ann));
  });

  it("merge speakers for everybody, and take that back", () => {
    const [ann, ben] = pages(talk()) as [Page, Page];
    const labels = ["w1.0", "w1.1", "w1.2"].map((word) => ({
      word,
      speaker: "SPEAKER_00",
      doubts: [],
      confidence: 1,
    }));
    const operations = [
      { kind: "relabel", labels } as const,
      { kind: "remove_speaker", speaker: "SPEAKER_01" } as const,
    ];
    ann.session.perform(ann, { kind: "together", operations });
    meet([ann, ben]);
    expect(speakers(ben)).toEqual(["0", "0", "0"]);
    ann.session.undo(ann);
    meet([ann, ben]);
    expect(speakers(ben)).toEqual(["0", "1", "0"]);
  });

  it("accept a word for everybody", () => {
    const [ann, ben] = pages(talk()) as [Page, Page];
    const word = ann.session.model.word("w0.0");
    if (word)
      ann.session.perform(ann, { kind: "replace", word: word.id, text: word.text, confidence: 1 });
    meet([ann, ben]);
    expect(ben.session.model.word("w0.0")?.confidence).toBe(1);
    ann.session.undo(ann);
    meet([ann, ben]);
    expect(ben.session.model.word("w0.0")?.confidence).toBe(word?.confidence);
  });

  it("find a text that was edited where it was left", () => {
    const [ann] = pages(talk()) as [Page];
    typed("good", " old")(ann);
    given(["w1.1"], "SPEAKER_02")(ann);
    deleted("first ")(ann);
    ann.settle();
    const later = new Page(talk(), ann.docs);
    expect(modelTexts(later)).toEqual(modelTexts(ann));
    expect(speakers(later)).toEqual(speakers(ann));
  });

  it("get removed text back in every page", () => {
    const base = talk();
    const lost = {
      ...(base.segments[1]?.words[0] as Word),
      id: "lost",
      text: "um",
      start: 0.5,
      end: 0.6,
    };
    const removed = { reason: "repeat" as const, words: [lost] };
    const [ann, ben] = pages({ ...base, removed: [removed] }) as [Page, Page];
    ann.session.restore(ann, removed);
    meet([ann, ben]);
    for (const page of [ann, ben]) {
      expect(page.session.model.word("lost")).toMatchObject({ text: "um", start: 0.5, end: 0.6 });
      expect(page.session.model.removed).toEqual([]);
    }
    ann.session.undo(ann);
    meet([ann, ben]);
    expect(ben.session.model.removed).toEqual([removed]);
    expect(ben.session.model.has("lost")).toBe(false);
  });

  it("go back to an earlier version for everybody", () => {
    const base = talk();
    const [ann, ben] = pages(base) as [Page, Page];
    typed("good", " old")(ann);
    given(["w1.1"], "SPEAKER_02")(ann);
    meet([ann, ben]);
    ann.session.become(ann, base);
    meet([ann, ben]);
    expect(
      ben.session.model.snapshot().segments.map((each) => each.words.map((w) => w.id)),
    ).toEqual(base.segments.map((each) => each.words.map((w) => w.id)));
    expect(speakers(ben)).toEqual(["0", "1", "0"]);
  });
});

describe("pages that hear of what others did", () => {
  const told = (shape: Shape) => sample(shape);
  const lines = (...texts: string[]) =>
    told(texts.map((text) => ({ speaker: 0, words: words(text) })));
  const edit = (page: Page, from: number, to: number, insert = "") =>
    page.dispatch({ changes: { from, to, insert } });

  /** In Yjs the ids of pages decide which of two insertions at one place stands first. */
  function inBothOrders(base: Transcript, act: (ann: Page, ben: Page) => void): void {
    for (const order of [1, -1]) {
      const [ann, ben] = pages(base) as [Page, Page];
      for (const doc of ann.docs) doc.clientID = 100 + order;
      for (const doc of ben.docs) doc.clientID = 100 - order;
      act(ann, ben);
      meet([ann, ben]);
      for (const page of [ann, ben]) {
        expect(page.text).toBe(sharedText(page));
        expect(modelTexts(page)).toEqual(lineTexts(page));
      }
      expect(ben.text).toBe(ann.text);
    }
  }

  it("show what somebody writes in the first line while somebody else takes it away", () => {
    inBothOrders(lines("one", "two"), (ann, ben) => {
      edit(ann, 0, 4);
      edit(ben, 0, 3, "six");
      meet([ann, ben]);
      expect(ann.text).toContain("six");
    });
  });

  it("keep the next line's speaker when the first line goes", () => {
    const base = told([
      { speaker: 0, words: words("one") },
      { speaker: 1, words: words("two") },
    ]);
    const [ann, ben] = pages(base) as [Page, Page];
    edit(ann, 0, 4);
    meet([ann, ben]);
    for (const page of [ann, ben])
      expect(page.session.model.segments.map(({ speaker }) => speaker)).toEqual(["SPEAKER_01"]);
    ann.session.undo(ann);
    meet([ann, ben]);
    expect(ben.session.model.segments.map(({ speaker }) => speaker)).toEqual([
      "SPEAKER_00",
      "SPEAKER_01",
    ]);
  });

  it("take the spaces that are left of a word they never saw for no word", () => {
    inBothOrders(lines("one"), (ann) => {
      edit(ann, 0, 3, "new");
      ann.settle();
      edit(ann, 0, 3, " ");
    });
    inBothOrders(lines("one"), (ann) => {
      edit(ann, 3, 3, " new");
      ann.settle();
      edit(ann, 5, 7, " ");
    });
  });

  it("have a word back at its time beside one whose time was made up", () => {
    inBothOrders(lines("one", "two three four"), (ann, ben) => {
      edit(ann, 0, "one\ntwo three".length, "zero");
      meet([ann, ben]);
      ann.session.undo(ann);
      edit(ann, 0, 0, "x ");
      meet([ann, ben]);
      expect(ben.session.model.word("w0.0")).toMatchObject({ start: 0.1, end: 0.4 });
    });
  });

  it("have a word back at its time behind a later word that somebody changed", () => {
    inBothOrders(lines("one two six"), (ann, ben) => {
      edit(ann, 0, 8);
      edit(ben, 0, 0, "z\nz");
      meet([ann, ben]);
      ann.session.undo(ann);
      meet([ann, ben]);
      expect(ben.session.model.word("w0.1")).toMatchObject({ text: "two", start: 0.5, end: 0.8 });
    });
  });

  it("know the halves of a word that others cut by lines between them", () => {
    inBothOrders(lines("one"), (ann, ben) => {
      edit(ann, 0, 0, "\n\n");
      ann.settle();
      edit(ann, 0, 0, " ");
      edit(ben, 0, 0, "a");
      ben.settle();
    });
  });
});

it("sound that somebody elsewhere deletes is not heard here either, and is looked over once", () => {
  const [ann] = pages(sample([{ speaker: 0, words: words("one two") }])) as [Page];
  const spans = [{ start: 0.1, end: 0.4 }];
  ann.session.hush(spans);
  expect(isSilenced(ann.session.model, 0.2)).toBe(true);
  ann.session.hush([...spans]);
  expect(ann.session.taken()).toHaveLength(1);
  ann.session.hush([]);
  expect(isSilenced(ann.session.model, 0.2)).toBe(false);
});
