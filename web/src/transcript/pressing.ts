/** Which command a pressed key stands for, where it was pressed. */

import { type CommandId, keyName, type Mode } from "./keys";

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

function isTaken(target: HTMLElement, name: string, mode: Mode): boolean {
  if (target.closest(FIELDS)) return true;
  if (target.closest(CONTROLS) && ["Space", "Enter", "Tab"].includes(name)) return true;
  if (target.closest("[role=menu]") && MENU_KEYS.includes(name)) return true;
  const isWriting = target.closest(".cm-content") !== null;
  return mode === "edit" && !isWriting && ["Tab", "Shift-Tab"].includes(name);
}
