// Speakers told apart again, with another number of them.

import { api, ask, reason, type Schemas } from "../api/client";
import { remedyFor, wrongWith } from "../api/words";
import type { Desk } from "./desk.svelte";

type Job = Schemas["JobView"];

const WAIT_S = 20;
const CARRIED_TRIES = 15;
const CARRIED_MS = 1000;
const ENDED: readonly string[] = ["completed", "failed", "cancelled"];

export type State = "idle" | "working" | "same" | "done" | "failed";

export class TellingApart {
  state = $state<State>("idle");
  problem = $state("");
  job = $state<Job | null>(null);
  /** The transcript that came of it. */
  made = $state("");
  private isLeft = false;

  constructor(private readonly desk: Desk) {}

  /** The page is left: the job goes on by itself. */
  leave(): void {
    this.isLeft = true;
  }

  /** Tell so many speakers apart; null is as many as are heard. */
  async begin(speakers: number | null): Promise<void> {
    this.problem = "";
    this.state = "working";
    try {
      this.desk.settle();
      await this.desk.saver.whole();
      const params = { path: { transcript_id: this.desk.id } };
      const path = "/v1/transcripts/{transcript_id}/speakers/again";
      await this.follow(await ask(api.POST(path, { params, body: { speakers } })));
    } catch (error) {
      this.state = "failed";
      this.problem = reason(error);
    }
  }

  private async follow(begun: Job): Promise<void> {
    let job = begun;
    while (!ENDED.includes(job.status) && !this.isLeft) {
      this.job = job;
      job = await jobOnce(job.id);
    }
    if (!this.isLeft) await this.end(job);
  }

  private async end({ status, failure, transcript }: Job): Promise<void> {
    if (status !== "completed" || !transcript) {
      this.state = "failed";
      this.problem = failure ? `${wrongWith(failure)} ${remedyFor(failure)}` : status;
    } else if (transcript.id === this.desk.id) this.state = "same";
    else {
      await this.carried(transcript.id);
      this.made = transcript.id;
      this.state = "done";
    }
  }

  /** Wait a little until people's decisions have been carried over, if there are any. */
  private async carried(id: string): Promise<void> {
    if (!(await this.changesOf(this.desk.id))) return;
    for (let tries = 0; tries < CARRIED_TRIES && !this.isLeft; tries++) {
      if (await this.changesOf(id)) return;
      await new Promise((done) => setTimeout(done, CARRIED_MS));
    }
  }

  private async changesOf(id: string): Promise<number> {
    const params = { path: { transcript_id: id }, query: { limit: 1 } };
    const path = "/v1/transcripts/{transcript_id}/revisions";
    return (await ask(api.GET(path, { params }))).items.length;
  }
}

/** A job, after a while or once it has ended. */
async function jobOnce(id: string): Promise<Job> {
  const params = { path: { job_id: id }, query: { wait: WAIT_S } };
  return ask(api.GET("/v1/jobs/{job_id}", { params }));
}
