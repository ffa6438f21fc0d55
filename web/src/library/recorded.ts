// What was recorded in the browser, once it has been sent.

import { discard, fileOf, unsent } from "../recorder/store";
import { fingerprint } from "../upload/uploads.svelte";

/** Drop the recording that an upload with this fingerprint sent; if that fails, it is shown again. */
export async function forgetRecorded(key: string): Promise<void> {
  try {
    for (const each of await unsent()) {
      if (fingerprint(await fileOf(each)) === key) await discard(each.id);
    }
  } catch {
    // A private window has no database.
  }
}
