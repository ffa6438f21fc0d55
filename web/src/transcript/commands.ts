/** What the commands of the table of keys do. */

import type { Desk } from "./desk.svelte";
import { changeCase } from "./editor/casing";
import type { CommandId } from "./keys";
import type { Review } from "./review/review.svelte";

export interface Room {
  readonly desk: Desk;
  readonly review: Review;
  readonly find: () => void;
  readonly help: () => void;
  readonly copy: () => void;
}

const REVIEWING: readonly CommandId[] = ["next", "previous", "replay", "accept", "type", "listen"];
const STEP = 3;
const LONG_STEP = 10;

/** Do what a command stands for; false leaves the key to the browser. */
export function run(command: CommandId, room: Room): boolean {
  const { desk, review } = room;
  const { player } = desk;
  if (REVIEWING.includes(command) && !desk.mayEdit) return false;
  const speaker = /^speaker(\d)$/.exec(command)?.[1];
  if (speaker) return assign(desk, Number(speaker) - 1);
  const reading = /^reading(\d)$/.exec(command)?.[1];
  if (reading) return review.take(Number(reading) - 1);
  const actions: Partial<Record<CommandId, () => void>> = {
    toggle: () => player.toggle(),
    back: () => player.skip(-STEP),
    forward: () => player.skip(STEP),
    backMore: () => player.skip(-LONG_STEP),
    forwardMore: () => player.skip(LONG_STEP),
    slower: () => player.setRate(player.rate - 0.1),
    faster: () => player.setRate(player.rate + 0.1),
    playCaret: () => playCaret(desk),
    lineUp: () => desk.listening.moveLine(-1),
    lineDown: () => desk.listening.moveLine(1),
    find: room.find,
    edit: () => desk.write(),
    read: () => desk.read(),
    undo: () => desk.undo(),
    redo: () => desk.redo(),
    case: () => desk.view && changeCase(desk.view),
    silence: () => desk.silence(),
    copyQuote: room.copy,
    comment: () => {
      desk.remarking += 1;
    },
    next: () => review.step(1),
    previous: () => review.step(-1),
    replay: () => review.replay(),
    accept: () => review.accept(),
    type: () => review.type(),
    listen: () => review.listen(),
    help: room.help,
  };
  const action = actions[command];
  action?.();
  return action !== undefined;
}

function assign(desk: Desk, at: number): boolean {
  const speaker = desk.model.speakers[at];
  if (!speaker) return false;
  const words = desk.sight.chosenWords().map((word) => word.id);
  desk.assign(words, speaker.label);
  return true;
}

function playCaret(desk: Desk): void {
  const head = desk.view?.state.selection.main.head ?? 0;
  const word = desk.sight.wordAtPosition(head);
  if (word) desk.player.playFrom(word.start);
}
