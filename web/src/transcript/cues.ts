/** Subtitles checked: whether they can be read in their time, and fit their lines. */

export interface Cue {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

export interface CueProblem {
  readonly kind: "tooFast" | "tooLong" | "tooManyLines" | "tooShort";
  readonly start: number;
  readonly value: number;
}

// What broadcasters ask for, give or take.
const LETTERS_A_SECOND = 20;
const LETTERS_A_LINE = 42;
const LINES = 2;
const SHORTEST = 0.7;

const TIMES =
  /(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{3})\s+-->\s+(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{3})/;

/** The cues of an SRT or WebVTT file. */
export function readCues(text: string): Cue[] {
  const found: Cue[] = [];
  for (const block of text.replaceAll("\r", "").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    const parts = TIMES.exec(lines[at] ?? "");
    if (!parts) continue;
    const numbers = parts.slice(1).map((part) => Number(part ?? 0));
    const [h = 0, m = 0, s = 0, ms = 0, h2 = 0, m2 = 0, s2 = 0, ms2 = 0] = numbers;
    found.push({
      start: 3600 * h + 60 * m + s + ms / 1000,
      end: 3600 * h2 + 60 * m2 + s2 + ms2 / 1000,
      lines: lines.slice(at + 1).map((line) => line.replace(/<[^>]*>/g, "")),
    });
  }
  return found;
}

export function checkCues(cues: readonly Cue[]): CueProblem[] {
  const problems: CueProblem[] = [];
  for (const { start, end, lines } of cues) {
    const duration = Math.max(0.001, end - start);
    const letters = lines.join("").length;
    const speed = Math.round(letters / duration);
    const longest = Math.max(0, ...lines.map((line) => line.length));
    if (speed > LETTERS_A_SECOND) problems.push({ kind: "tooFast", start, value: speed });
    if (longest > LETTERS_A_LINE) problems.push({ kind: "tooLong", start, value: longest });
    if (lines.length > LINES) problems.push({ kind: "tooManyLines", start, value: lines.length });
    if (duration < SHORTEST) problems.push({ kind: "tooShort", start, value: duration });
  }
  return problems;
}
