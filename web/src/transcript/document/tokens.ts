/** A line of edited text cut into words: which of them are known, which are new. */

/** Where a known word stands in a line; offsets in UTF-16 units. */
export interface Mark {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

export interface Token {
  /** Null for a word that nobody knows yet. */
  readonly id: string | null;
  readonly text: string;
  /** Whether no space separates it from the token before. */
  readonly joined: boolean;
  readonly from: number;
  readonly to: number;
  /** The known word out of whose text it was cut. */
  readonly within?: string;
}

export interface Known {
  /** Whether this was ever its text, spaces within it included. */
  wasText(text: string): boolean;
  readonly joined: boolean;
}

interface Atom {
  id: string | null;
  from: number;
  to: number;
  intact: boolean;
  joined: boolean;
  within?: string;
}

// What Python and JavaScript take for white space, together.
const SPACE = /[\s\p{Cc}]/u;
const NOT_SPACE = /[^\s\p{Cc}]+/gu;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const LETTER = /[\p{L}\p{N}]/u;

export const isBlank = (text: string): boolean => text.search(NOT_SPACE) < 0;

/**
 * The words of a line; *known* looks up a word by its id. Words that were *seen* are new here: a word
 * stands in one place.
 */
export function tokens(
  text: string,
  marks: readonly Mark[],
  known: (id: string) => Known | undefined,
  seen = new Set<string>(),
): Token[] {
  const found: Token[] = [];
  for (const run of runs(atoms(text, marks, known, seen))) {
    run.forEach((atom, at) => {
      const { id, from, to, within } = atom;
      found.push({ id, from, to, within, text: text.slice(from, to), joined: at > 0 });
    });
  }
  return found;
}

/** Known words and the text between them, without spaces. */
function atoms(
  text: string,
  marks: readonly Mark[],
  known: (id: string) => Known | undefined,
  seen: Set<string>,
): Atom[] {
  const found: Atom[] = [];
  let done = 0;
  for (const { id, from, to } of marks) {
    if (to <= done) continue;
    found.push(...unknown(text, done, Math.max(done, from)));
    const word = seen.has(id) ? undefined : known(id);
    if (word) {
      const atom = atomsOf(text, Math.max(done, from), to, id, word);
      if (atom.some((each) => each.id)) seen.add(id);
      found.push(...atom);
    } else found.push(...unknown(text, Math.max(done, from), to));
    done = to;
  }
  found.push(...unknown(text, done, text.length));
  return combined(text, found);
}

function atomsOf(text: string, from: number, to: number, id: string, word: Known): Atom[] {
  if (word.wasText(text.slice(from, to))) {
    return [{ id, from, to, intact: true, joined: word.joined }];
  }
  const pieces = unknown(text, from, to);
  return pieces.map((piece, at) =>
    at ? { ...piece, within: id } : { ...piece, id, joined: word.joined },
  );
}

function unknown(text: string, from: number, to: number): Atom[] {
  const found: Atom[] = [];
  for (const match of text.slice(from, to).matchAll(NOT_SPACE)) {
    const start = from + match.index;
    const end = start + match[0].length;
    found.push({ id: null, from: start, to: end, intact: false, joined: false });
  }
  return found;
}

/** Atoms of each stretch without spaces, made into words. */
function combined(text: string, found: readonly Atom[]): Atom[] {
  const all: Atom[] = [];
  let from = 0;
  for (let at = 1; at <= found.length; at++) {
    if (at < found.length && found[at]?.from === found[at - 1]?.to) continue;
    all.push(...merged(text, found.slice(from, at)));
    from = at;
  }
  return all;
}

/** Touching atoms as words: letters that touch a word are its own, unless its script has no spaces. */
function merged(text: string, run: readonly Atom[]): Atom[] {
  const words: Atom[] = [];
  for (const atom of run) {
    const last = words.at(-1);
    if (!last) words.push({ ...atom });
    else if (atom.id ? atom.joined && last.id : isApart(text, atom, last)) words.push({ ...atom });
    else if (atom.id && atom.joined && isApart(text, last, atom)) words.push({ ...atom });
    else {
      last.to = atom.to;
      last.joined = last.id ? last.joined : atom.joined;
      last.id ??= atom.id;
      last.intact = false;
    }
  }
  return words.flatMap((word) => (word.id ? [word] : segmented(text, word)));
}

function isApart(text: string, added: Atom, beside: Atom): boolean {
  const letters = text.slice(added.from, added.to);
  return beside.intact && UNSPACED.test(letters) && LETTER.test(letters);
}

const segmenter =
  typeof Intl !== "undefined" && "Segmenter" in Intl
    ? new Intl.Segmenter(undefined, { granularity: "word" })
    : null;

function segmented(text: string, word: Atom): Atom[] {
  const letters = text.slice(word.from, word.to);
  if (!segmenter || !UNSPACED.test(letters)) return [word];
  const found: Atom[] = [];
  for (const { index, segment, isWordLike } of segmenter.segment(letters)) {
    const last = found.at(-1);
    const from = word.from + index;
    if (last && !isWordLike) last.to = from + segment.length;
    else found.push({ ...word, from, to: from + segment.length });
  }
  return found;
}

/** Atoms by stretches without spaces. */
function runs(found: readonly Atom[]): Atom[][] {
  const all: Atom[][] = [];
  for (const atom of found) {
    const run = all.at(-1);
    if (run && run.at(-1)?.to === atom.from) run.push(atom);
    else all.push([atom]);
  }
  return all;
}

export const isSpace = (text: string): boolean => SPACE.test(text);

/** Whether a text can be a word's: some text, without spaces around it. */
export const isTrimmed = (text: string): boolean =>
  text !== "" && !isSpace(text.charAt(0)) && !isSpace(text.charAt(text.length - 1));
