/** Undo of what this page did, over all the documents that a transcript is kept in. */

import * as Y from "yjs";

/** Milliseconds within which keys are one step. */
const TOGETHER_MS = 500;

type Scope = ConstructorParameters<typeof Y.UndoManager>[0];
type Step = Y.UndoManager[];

export class Undoing {
  private readonly managers: Y.UndoManager[];
  private steps: Step[] = [];
  private undone: Step[] = [];
  /** The step that everything done now belongs to. */
  private current: Step | null = null;
  private isStepping = false;

  /** *origin* marks what is to be undone. */
  constructor(scopes: readonly Scope[], origin: unknown) {
    this.managers = scopes.map((scope) => {
      const manager = new Y.UndoManager(scope, {
        trackedOrigins: new Set([origin]),
        captureTimeout: TOGETHER_MS,
      });
      manager.on("stack-item-added", ({ type }) => this.added(manager, type));
      return manager;
    });
  }

  /** What *act* does is undone in one step. */
  step(act: () => void): void {
    this.separate();
    this.current = [];
    try {
      act();
    } finally {
      this.current = null;
      this.separate();
    }
  }

  /** What comes next is a step of its own. */
  separate(): void {
    for (const each of this.managers) each.stopCapturing();
  }

  undo(): boolean {
    return this.move(this.steps, this.undone, "undo");
  }

  redo(): boolean {
    return this.move(this.undone, this.steps, "redo");
  }

  close(): void {
    for (const each of this.managers) each.destroy();
  }

  private added(manager: Y.UndoManager, type: "undo" | "redo"): void {
    if (this.isStepping || type === "redo") return;
    for (const other of this.managers) if (other !== manager) other.clear(false, true);
    this.undone = [];
    if (!this.current?.length) {
      if (!this.current)
        for (const other of this.managers) if (other !== manager) other.stopCapturing();
      const step = this.current ?? [];
      step.push(manager);
      this.steps.push(step);
    } else this.current.push(manager);
  }

  private move(from: Step[], to: Step[], what: "undo" | "redo"): boolean {
    this.isStepping = true;
    try {
      for (let step = from.pop(); step; step = from.pop()) {
        const done = step.toReversed().filter((manager) => manager[what]() !== null);
        this.align(from, what);
        if (!done.length) continue;
        to.push(done);
        return true;
      }
      return false;
    } finally {
      this.isStepping = false;
    }
  }

  /** A manager passes over what others have undone in effect: so do the steps. */
  private align(steps: Step[], what: "undo" | "redo"): void {
    for (const manager of this.managers) {
      const left = what === "undo" ? manager.undoStack.length : manager.redoStack.length;
      let count = steps.filter((step) => step.includes(manager)).length;
      for (let at = steps.length - 1; at >= 0 && count > left; at--) {
        const step = steps[at];
        if (!step?.includes(manager)) continue;
        step.splice(step.indexOf(manager), 1);
        count -= 1;
        if (!step.length) steps.splice(at, 1);
      }
    }
  }
}
