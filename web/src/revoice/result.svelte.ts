/** A voice replacement: followed while it is made, heard and changed afterwards. */

import { ApiError, answered, api, ask, reason, type Schemas } from "../api/client";
import { follow } from "../api/events";
import { Changes } from "./changes.svelte";
import { t } from "./messages";

const LOOK_MS = 1500;

/** The report's rows, as far as the page shows them (docs/voices.md). */
export interface Row {
  id: string;
  speaker: string;
  voice: string;
  text: string;
  heard: string;
  start: number;
  end: number;
  original_start: number;
  original_end: number;
  errors: number;
  missed: string[];
  names_and_numbers: string[];
}

export interface Left {
  id: string;
  start: number;
  end: number;
  text: string;
  personal: boolean;
  why: "overlap" | "short" | "wrong" | "long" | "chosen";
}

export interface Report {
  speakers: Record<string, string>;
  voices: Record<string, string>;
  utterances: Row[];
  left: Left[];
  unspoken: "original" | "silence";
  stretches: { start: number; end: number }[];
  duration: number;
  warnings: string[];
}

export class Result {
  job = $state.raw<Schemas["JobDetails"] | null>(null);
  report = $state.raw<Report | null>(null);
  accepted = $state<string[]>([]);
  isVideo = $state(false);
  failure = $state("");
  problem = $state("");
  changes = new Changes();
  #ending = new AbortController();
  #timer = 0;

  constructor(readonly id: string) {}

  /** Begin to look and listen; call the result to end. */
  open(): () => void {
    void this.#look();
    void follow(`/v1/jobs/${this.id}/events`, () => this.#soon(100), this.#ending.signal);
    return () => {
      this.#ending.abort();
      window.clearTimeout(this.#timer);
    };
  }

  get transcript(): string {
    return String(this.job?.options.transcript ?? "");
  }

  get before(): string {
    return `/v1/recordings/${this.job?.recording_sha256 ?? ""}/audio?wait=60`;
  }

  get after(): string {
    return `/v1/jobs/${this.id}/audio`;
  }

  async toggle(row: Row): Promise<void> {
    const params = { path: { job_id: this.id, utterance: row.id } };
    const isOn = this.accepted.includes(row.id);
    await this.#doing(async () => {
      if (isOn) await ask(api.DELETE("/v1/jobs/{job_id}/accepted/{utterance}", { params }));
      else await ask(api.PUT("/v1/jobs/{job_id}/accepted/{utterance}", { params }));
      const others = this.accepted.filter((each) => each !== row.id);
      this.accepted = isOn ? others : [...others, row.id];
    });
  }

  async acceptAll(): Promise<void> {
    for (const row of this.report?.utterances ?? []) {
      const isOpen = !row.errors && !this.accepted.includes(row.id) && !this.changes.kindOf(row.id);
      if (isOpen) await this.toggle(row);
    }
  }

  /** Have the changes made; gives the id of the job that does so. */
  async make(): Promise<string> {
    let made = "";
    await this.#doing(async () => {
      const body = { texts: { ...this.changes.texts }, again: [...this.changes.again] };
      const params = { path: { job_id: this.id } };
      made = (await ask(api.POST("/v1/jobs/{job_id}/again", { params, body }))).id;
    });
    return made;
  }

  async stop(): Promise<void> {
    const params = { path: { job_id: this.id } };
    await this.#doing(
      async () => void (await ask(api.POST("/v1/jobs/{job_id}/cancel", { params }))),
    );
    this.#soon(100);
  }

  async retry(): Promise<void> {
    const params = { path: { job_id: this.id } };
    await this.#doing(
      async () => void (await ask(api.POST("/v1/jobs/{job_id}/retry", { params }))),
    );
    this.#soon(100);
  }

  async #doing(what: () => Promise<void>): Promise<void> {
    this.problem = "";
    await what().catch((error: unknown) => {
      this.problem = reason(error);
    });
  }

  async #look(): Promise<void> {
    const params = { path: { job_id: this.id } };
    try {
      const job = await ask(api.GET("/v1/jobs/{job_id}", { params }));
      if (job.pipeline !== "revoice") throw new ApiError(404, t("missing"));
      if (job.status === "completed" && !this.report) await this.#read(job);
      this.job = job;
      if (["queued", "running", "lost"].includes(job.status)) this.#soon(LOOK_MS);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      const isMissing = error instanceof ApiError && error.status === 404 && !this.job;
      if (error instanceof ApiError) this.failure = isMissing ? t("missing") : reason(error);
      else this.#soon(LOOK_MS);
    }
  }

  async #read(job: Schemas["JobDetails"]): Promise<void> {
    const params = { path: { job_id: this.id } };
    const [report, accepted, media] = await Promise.all([
      answered(`/v1/jobs/${this.id}/report`).then((answer) => answer.json()),
      ask(api.GET("/v1/jobs/{job_id}/accepted", { params })),
      ask(
        api.GET("/v1/recordings/{recording_id}/media", {
          params: { path: { recording_id: job.recording_sha256 ?? "" } },
        }),
      ).catch(() => null),
    ]);
    this.accepted = accepted.items.map((each) => each.utterance);
    this.isVideo = media?.kind === "video";
    this.report = report as Report;
  }

  #soon(milliseconds: number): void {
    if (this.#ending.signal.aborted) return;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#look(), milliseconds);
  }
}
