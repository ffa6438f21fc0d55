/** The service's answers about a period, and about the one that it is compared with. */

import { api, ask, reason, type Schemas } from "../api/client";
import { type Choice, earlier, type Period } from "./figures";

/** What is compared, too. */
export interface Work {
  period: Period;
  days: Schemas["JobFiguresView"][];
  jobs: Schemas["JobFiguresView"][];
  accuracy: Schemas["AccuracyAnswer"];
  costs: Schemas["CostAnswer"];
}

export interface Answers extends Work {
  stages: Schemas["StageFiguresView"][];
  stagesByDay: Schemas["StageFiguresView"][];
  bounds: Schemas["BoundsAnswer"];
  stored: Schemas["StorageFiguresView"][];
  storedByDay: Schemas["StorageFiguresView"][];
  targets: Schemas["TargetView"][];
  failures: Schemas["PatternView"][];
  drifts: Omit<Schemas["DriftView"], "recordings">[];
}

async function work(period: Period, signal: AbortSignal): Promise<Work> {
  const about = <Q>(more: Q) => ({ params: { query: { ...period, ...more } }, signal });
  const [days, jobs, accuracy, costs] = await Promise.all([
    ask(api.GET("/v1/analytics/jobs", about({ by: ["day" as const, "status" as const] }))),
    ask(api.GET("/v1/analytics/jobs", about({ by: ["status" as const] }))),
    ask(api.GET("/v1/analytics/accuracy", about({ by: ["week" as const] }))),
    ask(api.GET("/v1/analytics/costs", about({}))),
  ]);
  return { period, days: days.items, jobs: jobs.items, accuracy, costs };
}

async function answers(period: Period, signal: AbortSignal): Promise<Answers> {
  const about = <Q>(more: Q) => ({ params: { query: { ...period, ...more } }, signal });
  const by = { by: ["stage" as const, "plan" as const, "device" as const, "model" as const] };
  const [worked, stages, stagesByDay, bounds, stored, storedByDay, targets, failures, drifts] =
    await Promise.all([
      work(period, signal),
      ask(api.GET("/v1/analytics/stages", about(by))),
      ask(api.GET("/v1/analytics/stages", about({ by: ["day" as const] }))),
      ask(api.GET("/v1/analytics/bottlenecks", about({}))),
      ask(api.GET("/v1/analytics/storage", about({ by: ["kind" as const] }))),
      ask(api.GET("/v1/analytics/storage", about({ by: ["day" as const] }))),
      ask(api.GET("/v1/analytics/targets", about({}))),
      ask(api.GET("/v1/analytics/failures", about({}))),
      ask(api.GET("/v1/analytics/drift", about({}))),
    ]);
  return {
    ...worked,
    stages: stages.items,
    stagesByDay: stagesByDay.items,
    bounds,
    stored: stored.items,
    storedByDay: storedByDay.items,
    targets: targets.items,
    failures: failures.items,
    drifts: drifts.items,
  };
}

export class Asked {
  found = $state.raw<Answers | null>(null);
  before = $state.raw<Work | null>(null);
  isAsking = $state(false);
  problem = $state("");
  #asking = new AbortController();

  /** Ask; whatever was asked before is no longer waited for. */
  async ask({ since, until, compare }: Choice): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const other = earlier({ since, until }, compare);
    this.isAsking = true;
    this.problem = "";
    try {
      const asked = [answers({ since, until }, signal), other && work(other, signal)] as const;
      [this.found, this.before] = await Promise.all(asked);
    } catch (error) {
      if (!signal.aborted) this.problem = reason(error);
    } finally {
      if (!signal.aborted) this.isAsking = false;
    }
  }

  end(): void {
    this.#asking.abort();
  }
}
