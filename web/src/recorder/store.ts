// Recordings in the browser's own database, second by second, until they have been sent.

export interface Recorded {
  id: string;
  name: string;
  type: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Seconds. */
  duration: number;
}

interface Piece {
  id: string;
  number: number;
  data: ArrayBuffer;
}

const RECORDINGS = "recordings";
const PIECES = "pieces";

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("trax.recorder", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(RECORDINGS, { keyPath: "id" });
      request.result.createObjectStore(PIECES, { keyPath: ["id", "number"] });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** Keep another piece of a recording: once this resolves, a crash does not lose it. */
export async function append(recording: Recorded, number: number, data: Blob): Promise<void> {
  const bytes = await data.arrayBuffer();
  await changing((transaction) => {
    transaction.objectStore(RECORDINGS).put(recording);
    transaction.objectStore(PIECES).put({ id: recording.id, number, data: bytes } as Piece);
  });
}

/** What was recorded and not sent, oldest first. */
export async function unsent(): Promise<Recorded[]> {
  const store = (await database()).transaction(RECORDINGS).objectStore(RECORDINGS);
  const all = await answered(store.getAll() as IDBRequest<Recorded[]>);
  return all.toSorted((a, b) => a.startedAt - b.startedAt);
}

/** A recording as a file: the same file each time. */
export async function fileOf(recording: Recorded): Promise<File> {
  const store = (await database()).transaction(PIECES).objectStore(PIECES);
  const pieces = await answered(store.getAll(range(recording.id)) as IDBRequest<Piece[]>);
  const parts = pieces.map((piece) => piece.data);
  const about = { type: recording.type, lastModified: recording.startedAt };
  return new File(parts, recording.name, about);
}

export async function discard(id: string): Promise<void> {
  await changing((transaction) => {
    transaction.objectStore(RECORDINGS).delete(id);
    transaction.objectStore(PIECES).delete(range(id));
  });
}

function range(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id, 0], [id, Number.POSITIVE_INFINITY]);
}

async function changing(change: (transaction: IDBTransaction) => void): Promise<void> {
  const transaction = (await database()).transaction([RECORDINGS, PIECES], "readwrite", {
    durability: "strict",
  });
  change(transaction);
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
