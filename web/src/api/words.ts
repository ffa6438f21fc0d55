/** What the service says in English by itself, in other languages: by its codes, never by its words. */

import { capital } from "../ui/format";
import { filled, locale } from "../ui/locale.svelte";
import type { Schemas } from "./client";

type Failure = Schemas["Failure"];
type Code = Failure["code"];

/** What is wrong, by the code of a failure or problem; one that the service adds does not compile without its words. */
const WRONG: Record<Code, string> = {
  "access-denied": "Dazu fehlt Ihnen das Recht.",
  busy: "Der Dienst hat gerade keinen Platz mehr. Versuchen Sie es später noch einmal.",
  cancelled: "Es wurde abgebrochen.",
  conflict: "Das wurde inzwischen von jemand anderem geändert.",
  "damaged-object": "Gespeicherte Daten sind beschädigt.",
  "engine-error": "Ein Modell hat versagt.",
  "input-error": "Das lässt sich so nicht verwenden.",
  "invalid-document": "Die Datei lässt sich nicht verstehen.",
  "invalid-option": "Eine Angabe passt nicht.",
  "limit-exceeded": "Die Aufnahme ist größer oder länger, als hier erlaubt ist.",
  "missing-part": "Dem Dienst fehlt ein Paket, das dazu nötig ist.",
  "missing-rooms": "Dem Dienst fehlen Dateien seiner Installation.",
  "model-unavailable": "Das Modell dazu ist nicht verfügbar.",
  "no-answer": "Das Sprachmodell hat keine brauchbare Antwort gegeben.",
  "not-found": "{kind} gibt es nicht (mehr).",
  "not-ready": "Das wird gerade erst gemacht. Versuchen Sie es gleich noch einmal.",
  "prefect-unavailable": "Der Prefect-Server antwortet nicht.",
  "refused-target": "Diese Adresse kann nicht verwendet werden.",
  "schema-mismatch": "Die Datenbank passt nicht zu dieser Version von Trax.",
  "schema-outdated": "Die Datenbank muss erst auf den Stand dieser Version gebracht werden.",
  "setup-error": "Der Dienst ist nicht vollständig eingerichtet.",
  "stage-timeout": "Ein Schritt hat länger gedauert, als er darf.",
  "store-error": "Daten können nicht gespeichert oder gelesen werden.",
  "store-unavailable": "Der Speicher antwortet nicht oder ist voll.",
  "too-many-requests": "Das war zu oft. Versuchen Sie es später noch einmal.",
  "trax-error": "Es ging etwas schief.",
  unforeseen: "Es ging etwas Unerwartetes schief.",
  unidentified: "Bitte melden Sie sich an.",
  "unknown-block": "Dem Prefect-Server fehlt eine Einstellung.",
  unreachable: "Unter dieser Adresse antwortet nichts, das sich verwenden lässt.",
  "unreadable-audio": "Die Aufnahme lässt sich nicht lesen: Sie ist beschädigt, oder es ist keine.",
  "upload-busy": "Dieselbe Aufnahme wird gerade schon übertragen.",
  "wrong-checksum": "Bei der Übertragung sind Daten beschädigt worden.",
  "wrong-offset": "Die Übertragung geht nicht dort weiter, wo sie aufgehört hat.",
};

/** Where it is known what it is about, that is told instead. */
const KNOWN: Record<string, { needs: string; sentence: string }> = {
  busy: {
    needs: "seconds",
    sentence:
      "Der Dienst hat gerade keinen Platz mehr. Versuchen Sie es in {seconds} Sekunden noch einmal.",
  },
  "model-unavailable": { needs: "name", sentence: "Das Modell {name} ist nicht verfügbar." },
  "too-many-requests": {
    needs: "seconds",
    sentence: "Das war zu oft. Versuchen Sie es in {seconds} Sekunden noch einmal.",
  },
};

/** Problems that come before anything of Trax's is asked. */
const REFUSED: Record<string, string> = {
  "invalid-request": "Eine Angabe passt nicht.",
  "bad-request": "Diese Anfrage ist nicht zu verstehen.",
  forbidden: "Dazu fehlt Ihnen das Recht.",
  "internal-server-error": "Im Dienst ging etwas schief; sein Protokoll sagt, was.",
  "method-not-allowed": "Das geht hier nicht.",
  "precondition-failed": "Das wurde inzwischen von jemand anderem geändert.",
  "request-entity-too-large": "Das ist größer, als hier erlaubt ist.",
  "content-too-large": "Das ist größer, als hier erlaubt ist.",
};

const REMEDIES: Record<Failure["remedy"], string> = {
  "correct-options": "Ändern Sie die Einstellungen und beginnen Sie noch einmal.",
  "replace-recording":
    "Reparieren oder ersetzen Sie die Aufnahme und versuchen Sie es noch einmal.",
  retry: "Versuchen Sie es noch einmal: Fertige Schritte bleiben erhalten.",
  "fix-cause":
    "Beheben Sie die Ursache und versuchen Sie es noch einmal: Fertige Schritte bleiben erhalten.",
};

/** What is not there, by the `kind` of a problem. */
const THINGS: Record<string, string> = {
  adapter: "Diesen Adapter",
  audio: "Den Ton dieser Aufnahme",
  comment: "Diesen Kommentar",
  folder: "Diesen Ordner",
  group: "Diese Gruppe",
  job: "Diesen Auftrag",
  "known voice": "Diese Stimme",
  link: "Diesen Link",
  "live session": "Diese Live-Sitzung",
  recording: "Diese Aufnahme",
  speaker: "Diesen Sprecher",
  template: "Diese Vorlage",
  token: "Dieses Token",
  transcript: "Dieses Transkript",
  upload: "Diese Übertragung",
  user: "Diese Person",
  version: "Diese Fassung",
  voice: "Diese Stimme",
};

/** Whose details say what is wrong, and are told behind the sentence: nothing else does. */
const DETAILED = new Set(["invalid-option", "invalid-request", "engine-error", "unforeseen"]);

type About = Readonly<Record<string, string | number>>;

/** The sentence for a code; *detail* is the service's own, for what has no words here. */
export function said(code: string, detail: string, about: About = {}): string {
  if (locale.language === "en") return detail;
  const known = KNOWN[code];
  const isKnown = known && known.needs in about;
  const sentence = isKnown ? known.sentence : (WRONG[code as Code] ?? REFUSED[code]);
  if (!sentence) return detail;
  const kind = THINGS[String(about.kind)] ?? "Das";
  const told = filled(sentence, { ...about, kind });
  return DETAILED.has(code) && detail ? `${told} (${detail})` : told;
}

/** What went wrong with a job, as a sentence. */
export const wrongWith = ({ code, detail }: Failure): string =>
  locale.language === "en" ? `${capital(detail)}.` : said(code, detail);

/** What to do about it. */
export const remedyFor = ({ remedy, advice }: Failure): string =>
  locale.language === "en" ? advice : REMEDIES[remedy];
