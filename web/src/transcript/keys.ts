/** The one table of keys: it binds them, and the sheet of keys is made from it. */

export type Mode = "read" | "edit";

export interface Command {
  readonly id: string;
  /** A heading of the sheet. */
  readonly group: "play" | "move" | "edit" | "speakers" | "review" | "other";
  /** Keys in reading and in editing; several are separated by a space. */
  readonly read: string;
  readonly edit: string;
}

export const COMMANDS = [
  { id: "toggle", group: "play", read: "Space k F4", edit: "Tab F4" },
  { id: "back", group: "play", read: "ArrowLeft F3", edit: "Shift-Tab F3" },
  { id: "forward", group: "play", read: "ArrowRight F6", edit: "Alt-ArrowRight F6" },
  { id: "backMore", group: "play", read: "j", edit: "Alt-ArrowLeft" },
  { id: "forwardMore", group: "play", read: "l", edit: "" },
  { id: "slower", group: "play", read: "[", edit: "Alt-[" },
  { id: "faster", group: "play", read: "]", edit: "Alt-]" },
  { id: "playCaret", group: "play", read: "", edit: "Mod-Enter" },
  { id: "lineUp", group: "move", read: "ArrowUp", edit: "" },
  { id: "lineDown", group: "move", read: "ArrowDown", edit: "" },
  { id: "find", group: "move", read: "/ Mod-f", edit: "Mod-f" },
  { id: "edit", group: "edit", read: "Enter e", edit: "" },
  { id: "read", group: "edit", read: "", edit: "Escape" },
  { id: "undo", group: "edit", read: "Mod-z", edit: "Mod-z" },
  { id: "redo", group: "edit", read: "Mod-y Mod-Shift-z", edit: "Mod-y Mod-Shift-z" },
  { id: "case", group: "edit", read: "", edit: "Alt-c" },
  { id: "silence", group: "edit", read: "Shift-Delete", edit: "Alt-Delete" },
  { id: "copyQuote", group: "edit", read: "q", edit: "Alt-q" },
  { id: "comment", group: "edit", read: "c", edit: "Alt-m" },
  { id: "speaker1", group: "speakers", read: "Shift-1", edit: "Alt-1" },
  { id: "speaker2", group: "speakers", read: "Shift-2", edit: "Alt-2" },
  { id: "speaker3", group: "speakers", read: "Shift-3", edit: "Alt-3" },
  { id: "speaker4", group: "speakers", read: "Shift-4", edit: "Alt-4" },
  { id: "speaker5", group: "speakers", read: "Shift-5", edit: "Alt-5" },
  { id: "speaker6", group: "speakers", read: "Shift-6", edit: "Alt-6" },
  { id: "speaker7", group: "speakers", read: "Shift-7", edit: "Alt-7" },
  { id: "speaker8", group: "speakers", read: "Shift-8", edit: "Alt-8" },
  { id: "next", group: "review", read: "n", edit: "Alt-n" },
  { id: "previous", group: "review", read: "p", edit: "Alt-p" },
  { id: "replay", group: "review", read: "r", edit: "Alt-r" },
  { id: "accept", group: "review", read: "a", edit: "Alt-a" },
  { id: "type", group: "review", read: "t", edit: "Alt-t" },
  { id: "listen", group: "review", read: "h", edit: "Alt-h" },
  { id: "reading1", group: "review", read: "1", edit: "" },
  { id: "reading2", group: "review", read: "2", edit: "" },
  { id: "reading3", group: "review", read: "3", edit: "" },
  { id: "help", group: "other", read: "?", edit: "F1" },
] as const satisfies readonly Command[];

export type CommandId = (typeof COMMANDS)[number]["id"];

export interface Keys {
  readonly read: string;
  readonly edit: string;
}

const KEPT = "trax.keys";

/** The keys that somebody chose, by command. */
export function chosenKeys(): Partial<Record<CommandId, Keys>> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

export function chooseKeys(chosen: Partial<Record<CommandId, Keys>>): void {
  localStorage.setItem(KEPT, JSON.stringify(chosen));
}

export const keysOf = (command: Command, chosen = chosenKeys()): Keys =>
  chosen[command.id as CommandId] ?? command;

/** Which command each key stands for, in reading or in editing. */
export function bindings(mode: Mode, chosen = chosenKeys()): Map<string, CommandId> {
  const bound = new Map<string, CommandId>();
  for (const command of COMMANDS) {
    for (const key of keysOf(command, chosen)[mode].split(" ").filter(Boolean)) {
      bound.set(key, command.id);
    }
  }
  return bound;
}

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** A pressed key as the table writes it. */
export function keyName(event: KeyboardEvent): string {
  const { key, code } = event;
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  const letter = event.altKey ? /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() : undefined;
  const name = key === " " ? "Space" : (digit ?? letter ?? key);
  const isSymbol = name.length === 1 && !/[a-z0-9]/i.test(name);
  const parts: string[] = [];
  if (isMac ? event.metaKey : event.ctrlKey) parts.push("Mod");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey && !isSymbol && key !== "Shift") parts.push("Shift");
  parts.push(name.length === 1 ? name.toLowerCase() : name);
  return parts.join("-");
}

/** A key for people. */
export function keyLabel(key: string): string {
  const names: Record<string, string> = {
    Mod: isMac ? "⌘" : "Ctrl",
    Alt: isMac ? "⌥" : "Alt",
    Shift: "⇧",
    ArrowLeft: "←",
    ArrowRight: "→",
    ArrowUp: "↑",
    ArrowDown: "↓",
    Escape: "Esc",
  };
  return key
    .split("-")
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" ");
}

/** The first key of a command, for people; empty if it has none. */
export function firstKey(id: CommandId, mode: Mode): string {
  const command = COMMANDS.find((each) => each.id === id);
  return command ? keyLabel(keysOf(command)[mode].split(" ")[0] ?? "") : "";
}

/** The key of the first speaker, or one of the seven after them. */
export const speakerKey = (at: number, mode: Mode): string =>
  firstKey(`speaker${at + 1}` as CommandId, mode);
