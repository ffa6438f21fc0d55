// Folders, one of which may be open.

import { api, ask, type Schemas } from "../api/client";

export type Folder = Schemas["FolderView"];
export type Grant = Schemas["GrantView"];

export class Folders {
  items = $state<Folder[]>([]);
  /** The id of the open one; empty for all of the library. */
  open = $state("");

  get opened(): Folder | undefined {
    return this.items.find((folder) => folder.id === this.open);
  }

  async load(): Promise<void> {
    this.items = (await ask(api.GET("/v1/folders"))).items;
    if (!this.opened) this.open = "";
  }

  async make(name: string): Promise<void> {
    const made = await ask(api.POST("/v1/folders", { body: { name } }));
    await this.load();
    this.open = made.id;
  }

  async rename(folder: Folder, name: string): Promise<void> {
    const params = { path: { folder_id: folder.id } };
    await ask(api.PATCH("/v1/folders/{folder_id}", { params, body: { name } }));
    await this.load();
  }

  /** Share a folder with these, and nobody else. */
  async share(folder: Folder, grants: Grant[]): Promise<void> {
    const params = { path: { folder_id: folder.id } };
    await ask(api.PUT("/v1/folders/{folder_id}/grants", { params, body: { grants } }));
    await this.load();
  }

  /** What is in it stays in the library. */
  async remove(folder: Folder): Promise<void> {
    const params = { path: { folder_id: folder.id } };
    await ask(api.DELETE("/v1/folders/{folder_id}", { params }));
    await this.load();
  }

  /** Put a transcript in a folder, or with an empty id out of its folder. */
  async put(transcriptId: string, folderId: string): Promise<void> {
    const params = { path: { transcript_id: transcriptId } };
    const body = { folder: folderId || null };
    await ask(api.PUT("/v1/transcripts/{transcript_id}/folder", { params, body }));
  }
}
