import { expect, test } from "vitest";

type Table = Record<string, unknown>;

const sources: Record<string, string> = import.meta.glob(["/src/**/*.svelte", "/src/**/*.ts"], {
  eager: true,
  query: "?raw",
  import: "default",
});
const english = import.meta.glob<Table>("/src/**/messages/en.ts", { eager: true, import: "en" });
const german = import.meta.glob<Table>("/src/**/messages/de.ts", { eager: true, import: "de" });

/** The room that has these messages, as in `/src/library/`. */
const roomOf = (path: string) => path.replace(/messages\/\w+\.ts$/, "");

/** Whatever may ask for a room's messages: the room itself, and who imports them. */
function readers(room: string): string {
  const isReader = ([path, text]: [string, string]) => {
    if (/\/messages\/(en|de)\.ts$|\.test\.ts$/.test(path)) return false;
    const imports = [...text.matchAll(/from "(\.[^"]*messages)"/g)];
    const leads = imports.map(([, to]) => new URL(`${to}/`, `file://${path}`).pathname);
    const isInside = room !== "/src/" && path.startsWith(room);
    return isInside || leads.includes(`${room}messages/`);
  };
  const found = Object.entries(sources).filter(isReader);
  return found.map(([, text]) => text).join("\n");
}

/** Whether a key stands in quotes, not as an attribute's value, or begins as a composed one does: `stage_${name}`. */
function isUsed(key: string, text: string): boolean {
  const composed = [...text.matchAll(/`(\w+_)\$\{/g)].map(([, beginning]) => beginning ?? "");
  const isQuoted = new RegExp(`(?<!=)"${key}"`).test(text);
  return isQuoted || composed.some((each) => key.startsWith(each));
}

test.each(Object.keys(english))("every message of %s is used", (path) => {
  const text = readers(roomOf(path));
  expect(Object.keys(english[path] ?? {}).filter((key) => !isUsed(key, text))).toEqual([]);
});

test.each(Object.keys(english))("%s says the same things in German", (path) => {
  const others = german[path.replace("en.ts", "de.ts")] ?? {};
  expect(Object.keys(others).toSorted()).toEqual(Object.keys(english[path] ?? {}).toSorted());
});
