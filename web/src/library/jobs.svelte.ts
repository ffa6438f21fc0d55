// Jobs that are not transcripts yet, followed as they change.

import { api, ask, type Schemas, Unreachable } from "../api/client";
import { follow } from "../api/events";

export type Job = Schemas["JobView"];
type Status = Job["status"];

const ACTIVE: Status[] = ["queued", "running", "lost"];
const UNFINISHED: Status[] = [...ACTIVE, "failed", "cancelled"];
const LOOK_MS = 1500;

export function isActive(job: Job): boolean {
  return ACTIVE.includes(job.status);
}

/** Those that run first, then as they wait. */
export function inTurn(jobs: Job[]): Job[] {
  const waits = (job: Job) => Number(job.status !== "running");
  return jobs.toSorted((a, b) => waits(a) - waits(b) || a.created_at.localeCompare(b.created_at));
}

/** What is under way or went wrong, newest first. */
export class Jobs {
  items = $state<Job[]>([]);
  isAway = $state(false);

  /** Called when a job has made a transcript. */
  #completed: () => void;
  #ending = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(completed: () => void) {
    this.#completed = completed;
  }

  /** Begin to look and listen; call the result to end. */
  follow(): () => void {
    void this.#look();
    void follow("/v1/events", () => this.#soon(100), this.#ending.signal);
    return () => {
      this.#ending.abort();
      clearTimeout(this.#timer);
    };
  }

  async cancel(job: Job): Promise<void> {
    const path = { job_id: job.id };
    this.#put(await ask(api.POST("/v1/jobs/{job_id}/cancel", { params: { path } })));
  }

  async retry(job: Job): Promise<void> {
    const path = { job_id: job.id };
    this.#put(await ask(api.POST("/v1/jobs/{job_id}/retry", { params: { path } })));
    this.#soon(100);
  }

  /** Show a job that was just made. */
  add(job: Job): void {
    if (UNFINISHED.includes(job.status)) this.#put(job);
    else this.#completed();
    this.#soon(100);
  }

  async #look(): Promise<void> {
    const before = this.items.filter(isActive);
    try {
      const query = { status: UNFINISHED, limit: 100 };
      const page = await ask(api.GET("/v1/jobs", { params: { query } }));
      this.items = page.items;
      this.isAway = false;
    } catch (error) {
      this.isAway = error instanceof Unreachable;
    }
    const left = new Set(this.items.map((job) => job.id));
    if (before.some((job) => !left.has(job.id))) this.#completed();
    if (this.isAway || this.items.some(isActive)) this.#soon(LOOK_MS);
  }

  #soon(milliseconds: number): void {
    if (this.#ending.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), milliseconds);
  }

  #put(job: Job): void {
    const others = this.items.filter((each) => each.id !== job.id);
    const isNew = others.length === this.items.length;
    this.items = isNew
      ? [job, ...others]
      : this.items.map((each) => (each.id === job.id ? job : each));
  }
}
