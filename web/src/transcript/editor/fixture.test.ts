/// <reference types="node" />
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Model } from "../document/model";
import type { Operation, Transcript } from "../document/types";
import { edited, edits, shape } from "./random";

// tests/test_editor.py has Python apply the same operations. To make other edits, or more:
// EDITS_OUT=/tmp/edits.json EDITS=10000 npx vitest run fixture
const FIXTURE = resolve("../tests/data/edits.json");

interface Edited {
  readonly base: Transcript;
  readonly operations: readonly Operation[];
  readonly after: Transcript;
}

describe("edits that were kept", () => {
  it.runIf(process.env.EDITS_OUT)("are made", { timeout: 600_000 }, () => {
    const made: Edited[] = [];
    const numRuns = Number(process.env.EDITS ?? 60);
    fc.assert(
      fc.property(shape, edits, (form, steps) => {
        const { base, session } = edited(form, steps);
        made.push({ base, operations: session.taken(), after: session.model.snapshot() });
      }),
      { numRuns, seed: 1 },
    );
    writeFileSync(process.env.EDITS_OUT ?? "", JSON.stringify(made));
  });

  it("give the transcripts that they gave", () => {
    const kept: Edited[] = JSON.parse(readFileSync(FIXTURE, "utf8"));
    for (const { base, operations, after } of kept) {
      const model = new Model(base);
      for (const operation of operations) model.apply(operation);
      expect(model.snapshot()).toEqual(after);
    }
  });
});
