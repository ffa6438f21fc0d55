/** What the service says of transcripts in English, in other languages: by its codes, never by its words. */

import type { Schemas } from "../api/client";
import { filled, locale } from "../ui/locale.svelte";

type Warning = Schemas["WarningView"];
type Conflict = Schemas["ConflictView"];

/** What a transcript warns of; a code that the service adds does not compile without its words. */
const WARNINGS: Record<Exclude<Warning["code"], "">, string> = {
  "more-than-stated":
    "Die Datei enthält mehr Ton, als sie selbst angibt; alles davon wurde gelesen.",
  "ends-early-bytes": "Die Datei endet zu früh: Sie gibt {declared} Bytes an und hat {actual}.",
  "ends-early": "Die Datei endet zu früh: Sie gibt {declared} an, und {decoded} ließen sich lesen.",
  "part-left-out": "Ein späterer Teil der Datei wurde ausgelassen ({reason}).",
  "packets-skipped": "Beschädigte Pakete wurden übersprungen: {count}.",
  "too-loud":
    "Der Ton ist lauter, als sein Format fassen sollte; er wurde vor dem Lesen um {decibels} dB leiser gemacht.",
  "very-quiet":
    "Die Aufnahme ist sehr leise; sie wurde vor dem Lesen um {decibels} dB lauter gemacht.",
  "upside-down":
    "Einige Kanäle sind umgepolt und würden sich gegenseitig auslöschen; sie wurden für {duration} umgedreht.",
  "language-doubtful": "Es ist zweifelhaft, welche Sprache hier gesprochen wird: {places}.",
  "language-doubtful-more":
    "Es ist zweifelhaft, welche Sprache hier gesprochen wird: {places} und an {more} weiteren Stellen.",
  "language-second": "Ein Teil der Aufnahme ist vielleicht in einer anderen Sprache ({language}).",
  "language-foreign":
    "Hier wird eine andere Sprache gesprochen: {places}. Lassen Sie jeden Abschnitt in seiner eigenen Sprache lesen.",
  "language-foreign-more":
    "Hier wird eine andere Sprache gesprochen: {places} und an {more} weiteren Stellen. Lassen Sie jeden Abschnitt in seiner eigenen Sprache lesen.",
  "no-room":
    "Das Modell hat nicht für alles Platz, was es wissen sollte: Die letzten {hotwords} von {words} Stichwörtern und die ersten {characters} von {all} Zeichen der Vorgabe wurden weggelassen.",
  "no-room-hotwords":
    "Das Modell hat nicht für alles Platz, was es wissen sollte: Die letzten {hotwords} von {words} Stichwörtern wurden weggelassen.",
  "no-room-prompt":
    "Das Modell hat nicht für alles Platz, was es wissen sollte: Die ersten {characters} von {all} Zeichen der Vorgabe wurden weggelassen.",
  "fewer-speakers":
    "Es sollten {asked} Sprecher sein; die Stimmen von {count} ließen sich unterscheiden.",
  "speakers-doubtful":
    "Die Zahl der Sprecher ist zweifelhaft: Gefunden wurden {found}, fast ebenso wahrscheinlich sind {other}.",
  "voice-not-counted":
    "Eine Stimme mit zusammen {seconds} s Rede wurde den ähnlichsten Sprechern zugerechnet.",
  "voices-not-counted":
    "{count} Stimmen mit zusammen {seconds} s Rede wurden den ähnlichsten Sprechern zugerechnet.",
  "no-word": "Hier scheint jemand zu sprechen, und kein Wort wurde erkannt: {places}.",
  "no-word-more":
    "Hier scheint jemand zu sprechen, und kein Wort wurde erkannt: {places} und an {more} weiteren Stellen (zusammen {total}).",
  "part-not-looked-at":
    "Das Sprachmodell hat einen Teil nicht angesehen ({task}: {reasons}). Ein weiterer Lauf holt das nach.",
  "parts-not-looked-at":
    "Das Sprachmodell hat {count} Teile nicht angesehen ({task}: {reasons}). Ein weiterer Lauf holt das nach.",
  streams: "Die Datei hat {count} Tonspuren.",
  "streams-together": "Zusammen gelesen wurden die Tonspuren {which}.",
  "stream-read": "Gelesen wurde Tonspur {which}.",
  "none-speaks": "In keiner davon spricht jemand.",
  "others-silent": "In {count} anderen spricht niemand.",
  "streams-silent": "In den Tonspuren {which} spricht niemand.",
  "stream-silent": "In Tonspur {which} spricht niemand.",
  "streams-heard": "Was in den Tonspuren {which} gesagt wird, ist auch dort zu hören.",
  "stream-heard": "Was in Tonspur {which} gesagt wird, ist auch dort zu hören.",
  "streams-left-out": "Ausgelassen wurden die Tonspuren {which}.",
  "stream-left-out": "Ausgelassen wurde Tonspur {which}.",
};

/** Why a decision does not fit another version. */
const REASONS: Record<Exclude<Conflict["code"], "">, string> = {
  "unclear-word": "Das Wort {word} bei {at} s ist in der neuen Fassung nicht eindeutig zu finden.",
  "unknown-word": "Das Wort gibt es in keiner der beiden Fassungen.",
  "word-gone": "Das Wort gibt es nicht mehr.",
  "not-together": "Die Wörter stehen nicht mehr nebeneinander in einem Abschnitt.",
  "outside-segment":
    "Das Wort {word} bei {at} s läge außerhalb seines Abschnitts ({start} bis {end} s).",
  "out-of-order":
    "Das Wort {word} bei {at} s finge vor dem Wort davor an ({before} bei {before_at} s).",
  "speaker-gone": "Den Sprecher {speaker} gibt es nicht mehr.",
  "text-gone": "Der entfernte Text ist nicht mehr da.",
  "not-silenced": "Von {start} bis {end} s ist nicht als Ganzes stumm.",
  "not-there": "Worum es geht, gibt es nicht mehr.",
};

type About = Readonly<Record<string, string>>;

function told(words: Record<string, string>, code: string, text: string, about: About): string {
  if (locale.language === "en") return text;
  const sentence = words[code];
  if (!sentence) return text;
  const { which } = about;
  const shown = filled(
    sentence,
    which ? { ...about, which: which.replace(" and ", " und ") } : about,
  );
  return about.file ? `${about.file}: ${shown}` : shown;
}

export const cautionOf = ({ code, text, about }: Warning): string =>
  told(WARNINGS, code, text, about);

export const misfitOf = ({
  code,
  reason,
  about,
}: Pick<Conflict, "code" | "reason" | "about">): string => told(REASONS, code, reason, about);
