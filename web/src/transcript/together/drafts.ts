/** What the service has not stored yet, in the browser's own database: for whoever typed it alone. */

export interface Draft {
  readonly room: string;
  readonly update: Uint8Array;
}

interface Kept {
  /** User, document and page: another person's page never reads it. */
  readonly key: [string, string, string];
  readonly drafts: readonly Draft[];
}

const STORE = "drafts";

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("trax.together", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

export class Drafts {
  private readonly found: [string, string, string][] = [];
  private readonly page = crypto.getRandomValues(new Uint32Array(2)).join("-");

  constructor(
    private readonly user: string,
    private readonly document: string,
  ) {}

  /** What pages of this person left behind, the same one's reload included. */
  async left(): Promise<Draft[]> {
    const range = IDBKeyRange.bound([this.user, this.document], [this.user, this.document, []]);
    const all = await done<Kept[]>("readonly", (store) => store.getAll(range));
    this.found.push(...all.map((each) => each.key));
    return all.flatMap((each) => each.drafts);
  }

  /** Keep these instead of what was kept before. */
  async keep(drafts: readonly Draft[]): Promise<void> {
    const key: Kept["key"] = [this.user, this.document, this.page];
    if (!drafts.length) await this.clear(key);
    else await done("readwrite", (store) => store.put({ key, drafts } satisfies Kept));
  }

  private async clear(key: Kept["key"]): Promise<void> {
    const keys = [key, ...this.found.splice(0)];
    for (const each of keys) await done("readwrite", (store) => store.delete(each));
  }
}

async function done<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest,
): Promise<T> {
  const transaction = (await database()).transaction(STORE, mode);
  const request = act(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}
