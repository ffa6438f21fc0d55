// Files on their way to the service: some at once, resumed where they stopped, jobs at the end.

import { Upload } from "tus-js-client";
import { api, ask, problemOf, reason, type Schemas } from "../api/client";
import { forget, type Kept, keep, kept } from "./kept";

export const MOST_FILES = 20;
const AT_ONCE = 3;
const LOOKS = 20;
const LOOK_MS = 500;
const RETRIES_MS = [0, 1000, 3000, 5000, 10_000, 30_000, 30_000, 60_000];

type Job = Schemas["JobView"];
type Options = Record<string, unknown>;
export type State = "waiting" | "sending" | "paused" | "starting" | "failed" | "interrupted";

/** One file. `rate` is in bytes a second. */
export class Sending {
  state = $state<State>("waiting");
  sent = $state(0);
  rate = $state(0);
  problem = $state("");
  upload: Upload | null = null;

  constructor(
    readonly key: string,
    readonly name: string,
    readonly size: number,
    readonly options: Options,
    /** The id of the folder that it goes to; empty: none. */
    readonly folder: string,
    /** Missing where the page was closed before all of it was sent. */
    readonly file: File | null,
  ) {}
}

export class Uploads {
  items = $state<Sending[]>([]);
  /** Called with a job and the fingerprint of the file that it was made of, if a page shows jobs. */
  made: ((job: Job, key: string) => void) | null = null;

  /** Take up what an earlier visit left: jobs of what was sent, a reminder of what was not. */
  restore(): void {
    const known = new Set(this.items.map((item) => item.key));
    for (const each of kept().filter(({ key }) => !known.has(key))) {
      const item = new Sending(each.key, each.name, each.size, each.options, each.folder, null);
      item.sent = each.sent;
      item.state = "interrupted";
      this.items.push(item);
      if (each.isSent && each.url) void this.#start(item, each.url);
    }
  }

  add(files: File[], options: Options, folder = ""): void {
    for (const file of files) {
      const key = fingerprint(file);
      const known = this.items.find((item) => item.key === key);
      if (known && known.state !== "interrupted" && known.state !== "failed") continue;
      this.items = this.items.filter((item) => item.key !== key);
      this.items.push(new Sending(key, file.name, file.size, options, folder, file));
      const { name, size } = file;
      keep({ key, name, size, options, folder, sent: 0, url: "", isSent: false });
    }
    this.#next();
  }

  retry(item: Sending): void {
    item.problem = "";
    const before = kept().find((each) => each.key === item.key);
    // The page was closed since: the service has the file, and only the job is missing.
    if (!item.file && before?.isSent) {
      void this.#start(item, before.url);
      return;
    }
    item.state = "waiting";
    this.#next();
  }

  cancel(item: Sending): void {
    void item.upload?.abort(true).catch(() => undefined);
    this.#drop(item);
  }

  get isSending(): boolean {
    return this.items.some((item) => ["waiting", "sending", "paused"].includes(item.state));
  }

  #next(): void {
    const busy = ["sending", "paused"];
    let free = AT_ONCE - this.items.filter((item) => busy.includes(item.state)).length;
    for (const item of this.items) {
      if (free <= 0) return;
      if (item.state !== "waiting" || !item.file) continue;
      free -= 1;
      void this.#send(item, item.file);
    }
  }

  async #send(item: Sending, file: File): Promise<void> {
    item.state = "sending";
    const measured = rates();
    const upload = new Upload(file, {
      endpoint: "/v1/uploads",
      fingerprint: () => Promise.resolve(item.key),
      metadata: { filename: file.name, filetype: file.type },
      retryDelays: RETRIES_MS,
      removeFingerprintOnSuccess: true,
      onProgress: (sent) => {
        item.state = "sending";
        item.sent = sent;
        item.rate = measured(sent);
        keep({ ...known(item), sent, url: upload.url ?? "" });
      },
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        const isWorth = status === 0 || status >= 500 || status === 409 || status === 423;
        if (isWorth) item.state = "paused";
        return isWorth;
      },
      onSuccess: () => void this.#start(item, upload.url ?? ""),
      onError: (error) => this.#failed(item, error),
    });
    item.upload = upload;
    const [previous] = await upload.findPreviousUploads();
    if (previous) upload.resumeFromPreviousUpload(previous);
    upload.start();
  }

  /** Make a job of what was sent. */
  async #start(item: Sending, url: string): Promise<void> {
    item.state = "starting";
    item.sent = item.size;
    keep({ ...known(item), sent: item.size, url, isSent: true });
    const body = {
      upload: url.split("/").pop() ?? "",
      options: item.options,
      folder: item.folder || null,
    };
    try {
      await completed(body.upload);
      const job = await ask(api.POST("/v1/jobs", { body: body as Schemas["NewJob"] }));
      this.#drop(item);
      this.made?.(job, item.key);
    } catch (error) {
      this.#failed(item, error);
    }
  }

  #failed(item: Sending, error: unknown): void {
    item.state = "failed";
    item.problem = told(error);
    this.#next();
  }

  #drop(item: Sending): void {
    this.items = this.items.filter((each) => each !== item);
    forget(item.key);
    this.#next();
  }
}

/** They go on while other pages are shown. */
export const uploads = new Uploads();

window.addEventListener("beforeunload", (event) => {
  if (uploads.isSending) event.preventDefault();
});

/** The same file gives the same text, on another day, too. */
export function fingerprint(file: File): string {
  return ["trax", file.name, file.type, file.size, file.lastModified].join("-");
}

function known(item: Sending): Kept {
  const { key, name, size, options, folder, sent } = item;
  return { key, name, size, options, folder, sent, url: item.upload?.url ?? "", isSent: false };
}

/** Wait until the service has put away what was sent: by another connection, perhaps. */
async function completed(id: string): Promise<void> {
  const params = { path: { upload_id: id } };
  for (let look = 0; look < LOOKS; look += 1) {
    const upload = await ask(api.GET("/v1/uploads/{upload_id}", { params }));
    if (upload.sha256) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Bytes a second over the last few seconds. */
function rates(): (sent: number) => number {
  const seen: [number, number][] = [];
  return (sent) => {
    const now = performance.now();
    seen.push([now, sent]);
    while (seen.length > 2 && now - (seen[0]?.[0] ?? now) > 4000) seen.shift();
    const [began, before] = seen[0] ?? [now, sent];
    return now - began > 500 ? (1000 * (sent - before)) / (now - began) : 0;
  };
}

interface Told {
  originalResponse?: { getBody(): string; getStatus(): number } | null;
}

/** What the service said, if it said anything. */
function told(error: unknown): string {
  const response = (error as Told).originalResponse;
  const body = response?.getBody();
  try {
    return reason(problemOf(response?.getStatus() ?? 0, JSON.parse(body ?? "")));
  } catch {
    // Not every answer is a problem in JSON.
  }
  return reason(error);
}
