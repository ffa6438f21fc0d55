// Words by which people find transcripts again.

import { api, ask, reason, type Schemas } from "../api/client";

export type TagCount = Schemas["TagCount"];

/** The tags of all transcripts that somebody sees. */
export class KnownTags {
  items = $state<TagCount[]>([]);

  /** Without them, tags are only not offered. */
  async load(): Promise<void> {
    const asked = ask(api.GET("/v1/tags"));
    this.items = await asked.then(
      ({ items }) => items,
      () => this.items,
    );
  }
}

/** The tags of one transcript. */
export class TagsOf {
  names = $state<readonly string[]>([]);
  problem = $state("");

  constructor(private readonly id: string) {}

  async load(): Promise<void> {
    await this.keep(ask(api.GET("/v1/transcripts/{transcript_id}/tags", { params: this.params })));
  }

  /** Add a tag, or several with commas between them. */
  async add(text: string): Promise<boolean> {
    const added = text.split(",").map((each) => each.trim());
    return this.put([...this.names, ...added.filter(Boolean)]);
  }

  async remove(name: string): Promise<boolean> {
    return this.put(this.names.filter((each) => each !== name));
  }

  private get params() {
    return { path: { transcript_id: this.id } };
  }

  private async put(tags: string[]): Promise<boolean> {
    const path = "/v1/transcripts/{transcript_id}/tags";
    return this.keep(ask(api.PUT(path, { params: this.params, body: { tags } })));
  }

  /** Whether the service answered with what there is now; if not, *problem* says why. */
  private async keep(asked: Promise<Schemas["Tags"]>): Promise<boolean> {
    this.problem = "";
    try {
      this.names = (await asked).tags;
      return true;
    } catch (error) {
      this.problem = reason(error);
      return false;
    }
  }
}
