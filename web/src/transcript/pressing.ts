/** Which command a pressed key stands for, where it was pressed. */

import { COMMANDS, type CommandId, keyName, type Mode } from "./keys";

const FIELDS = "input:not([type=checkbox]), textarea, select, dialog, [role=slider], [role=tab]";
const CONTROLS = "button, a, [type=checkbox], summary";
const MENU_KEYS = ["ArrowUp", "ArrowDown", "Escape"];

/** Keys that fields, buttons and menus take for themselves stand for no command. */
export function commandOf(
  event: KeyboardEvent,
  mode: Mode,
  bound: ReadonlyMap<string, CommandId>,
): CommandId | undefined {
  const target = event.target as HTMLElement;
  const name = keyName(event);
  if (event.defaultPrevented || event.isComposing) return undefined;
  return isTaken(target, name, mode) ? undefined : bound.get(name);
}

/** Where what is said is typed, keys of editing that write nothing play and go from place to place. */
export function commandBeside(
  event: KeyboardEvent,
  bound: ReadonlyMap<string, CommandId>,
): CommandId | undefined {
  const name = keyName(event);
  if (!(event.target as HTMLElement).closest("[data-review]") || event.isComposing)
    return undefined;
  if (!/^(Alt-|F\d)/.test(name)) return undefined;
  const id = bound.get(name);
  const group = COMMANDS.find((each) => each.id === id)?.group;
  return group === "play" || group === "review" ? id : undefined;
}

function isTaken(target: HTMLElement, name: string, mode: Mode): boolean {
  if (target.closest(FIELDS)) return true;
  if (target.closest(CONTROLS) && ["Space", "Enter", "Tab"].includes(name)) return true;
  if (target.closest("[role=menu]") && MENU_KEYS.includes(name)) return true;
  const isWriting = target.closest(".cm-content") !== null;
  return mode === "edit" && !isWriting && ["Tab", "Shift-Tab"].includes(name);
}
