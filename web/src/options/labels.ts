// What fields and choices are called in other languages than the schema's, and which come first.

import { capital } from "../ui/format";
import { type Language, locale } from "../ui/locale.svelte";
import type { Field } from "./schema";

/** Fields that most people want, in this order; the others are behind "More options". */
export const FIRST = [
  "recognition.plan",
  "recognition.language",
  "diarization.speakers",
  "recognition.hotwords",
  "enhancement.tasks",
];

/** Fields that a page has no use for. */
export const HIDDEN = new Set(["formats"]);

/** Whether a field means nothing without a language model. */
export const isOfLanguageModel = (field: Field): boolean => field.path.startsWith("enhancement.");

interface Label {
  title?: string;
  help?: string;
  choices?: Record<string, string>;
  meanings?: Record<string, string>;
}

const PLANS = { fast: "Fast", balanced: "Balanced", accurate: "Accurate" };

const EN: Record<string, Label> = {
  "recognition.plan": { title: "Quality", choices: PLANS },
  "recognition.language": { help: "" },
  "diarization.speakers": { help: "Leave empty to have them counted." },
  "recognition.hotwords": {
    title: "Vocabulary",
    help: "Names and terms that are likely to be said.",
  },
  "enhancement.tasks": {
    title: "What the language model may do",
    help: "Choose none, and no text leaves this machine.",
    choices: {
      correct: "Correct doubtful words",
      glossary: "Correct glossary terms",
      punctuate: "Fix punctuation and capitals",
      paragraph: "Divide into paragraphs",
      title: "Suggest a title",
      summary: "Write a summary",
      chapters: "Divide into chapters",
      actions: "List action items",
      names: "Find speakers’ names",
      speakers: "Fix who said what",
      translate: "Translate",
    },
  },
  "enhancement.language": { title: "Translate into", help: "" },
  "diarization.model": { title: "Model for speakers" },
  "diarization.plan": { title: "Telling speakers apart", choices: PLANS },
  "diarization.names": { title: "Who speaks in each channel", help: "" },
  "diarization.split_channels": { title: "One speaker per channel" },
  "diarization.min_speakers": { title: "Speakers, at least" },
  "diarization.max_speakers": { title: "Speakers, at most" },
  "recognition.multilingual": {
    title: "Several languages are spoken",
    help: "The language is detected for each stretch of speech.",
  },
  "recognition.prompt": { title: "Text in the same style" },
  "enhancement.mask": { title: "Hide personal data from the language model" },
  "enhancement.domain": { title: "Kind of speech" },
  "checking.plan": { title: "How new speech is checked", choices: PLANS },
  redact: {
    title: "Personal data that is not said",
    help: "Plain words are said in its place, such as “somebody” for a name. Words that cannot be said again fall silent there. English alone.",
    choices: { names: "Names", numbers: "Numbers", addresses: "Addresses", emails: "E-mail" },
  },
  unspoken: {
    title: "What cannot be said again",
    help: "",
    choices: { original: "Stays as it is", silence: "Falls silent" },
    meanings: { original: "in the speaker’s own voice", silence: "the background alone is heard" },
  },
};

const DE: Record<string, Label> = {
  "recognition.plan": {
    title: "Qualität",
    choices: { fast: "Schnell", balanced: "Ausgewogen", accurate: "Genau" },
    meanings: {
      fast: "ein kleines Modell",
      balanced: "ein größeres Modell liest zweifelhafte Stellen noch einmal",
      accurate: "alles wird dreimal gelesen und über jedes Wort abgestimmt",
    },
    help: "",
  },
  "recognition.language": { title: "Sprache", help: "" },
  "recognition.hotwords": {
    title: "Vokabular",
    help: "Namen und Begriffe, die wahrscheinlich vorkommen.",
  },
  "recognition.model": { title: "Modell", help: "Ein Modell für alles statt eines Plans." },
  "recognition.multilingual": {
    title: "Mehrere Sprachen",
    help: "Die Sprache wird in jedem Abschnitt erkannt.",
  },
  "recognition.adapter": {
    title: "Fachadapter",
    help: "„auto“ nimmt den, dessen Fach der erste Durchgang nahelegt.",
  },
  "recognition.beam_size": { title: "Suchbreite", help: "1 ist am schnellsten." },
  "recognition.prompt": {
    title: "Text im selben Stil",
    help: "Etwa ein Satz mit den Namen, die vorkommen.",
  },
  "diarization.speakers": { title: "Sprecher", help: "Leer lassen, um sie zu zählen." },
  "diarization.min_speakers": { title: "Mindestens so viele Sprecher", help: "" },
  "diarization.max_speakers": { title: "Höchstens so viele Sprecher", help: "" },
  "diarization.model": { title: "Modell für Sprecher", help: "" },
  "diarization.plan": {
    title: "Wie gründlich Sprecher unterschieden werden",
    help: "",
    choices: { fast: "Schnell", accurate: "Genau" },
  },
  "diarization.split_channels": {
    title: "Ein Sprecher je Kanal",
    help: "Wenn jeder Kanal jemandes Mikrofon ist.",
  },
  "diarization.names": { title: "Wer in welchem Kanal spricht", help: "" },
  "enhancement.tasks": {
    title: "Was das Sprachmodell darf",
    help: "Ohne Auswahl verlässt kein Text diese Maschine.",
    choices: {
      correct: "Zweifelhafte Wörter korrigieren",
      glossary: "Begriffe des Glossars korrigieren",
      punctuate: "Satzzeichen und Großschreibung korrigieren",
      paragraph: "In Absätze gliedern",
      title: "Titel vorschlagen",
      summary: "Zusammenfassung schreiben",
      chapters: "In Kapitel gliedern",
      actions: "Aufgaben auflisten",
      names: "Namen der Sprecher finden",
      speakers: "Sprecherwechsel korrigieren",
      translate: "Übersetzen",
    },
    meanings: {
      correct: "zweifelhafte Wörter, die falsch gehört wurden",
      glossary: "falsch gehörte Begriffe des Glossars",
      punctuate: "Satzzeichen und Großschreibung",
      paragraph: "wo Absätze beginnen",
      title: "ein Titel",
      summary: "eine Zusammenfassung",
      chapters: "Kapitel mit Zeiten",
      actions: "wer was tun soll",
      names: "Namen der Sprecher, soweit sie fallen",
      speakers: "Wörter, die dem falschen Sprecher zufielen",
      translate: "jedes Segment übersetzt",
    },
  },
  "enhancement.domain": {
    title: "Art der Rede",
    help: "",
    choices: {
      auto: "Automatisch",
      general: "Allgemein",
      technical: "Technisch",
      medical: "Medizinisch",
      academic: "Wissenschaftlich",
    },
  },
  "enhancement.glossary": { title: "Glossar", help: "Begriffe, wie man sie schreibt." },
  "enhancement.language": { title: "Übersetzen in", help: "" },
  "enhancement.mask": {
    title: "Persönliches vor dem Sprachmodell verbergen",
    help: "Namen, Nummern, Adressen.",
  },
  "checking.plan": {
    title: "Wie neue Rede geprüft wird",
    choices: { fast: "Schnell", balanced: "Ausgewogen", accurate: "Genau" },
    meanings: {
      fast: "ein kleines Modell",
      balanced: "ein größeres Modell liest zweifelhafte Stellen noch einmal",
      accurate: "alles wird dreimal gelesen und über jedes Wort abgestimmt",
    },
  },
  redact: {
    title: "Persönliches, das nicht gesagt wird",
    help: "Stattdessen werden schlichte Wörter gesagt, etwa „somebody“ für einen Namen. Was nicht neu gesprochen werden kann, verstummt dort. Nur auf Englisch.",
    choices: { names: "Namen", numbers: "Nummern", addresses: "Adressen", emails: "E-Mail" },
  },
  unspoken: {
    title: "Was nicht neu gesprochen werden kann",
    help: "",
    choices: { original: "Bleibt, wie es ist", silence: "Verstummt" },
    meanings: {
      original: "mit der eigenen Stimme",
      silence: "nur der Hintergrund ist zu hören",
    },
  },
};

const TABLES: Record<Language, Record<string, Label>> = { en: EN, de: DE };

/** A field in the interface's language. */
export function labelled(field: Field): Field & { choiceNames: Record<string, string> } {
  const label = TABLES[locale.language][field.path] ?? {};
  const choiceNames: Record<string, string> = {};
  for (const choice of field.choices) {
    choiceNames[choice] = label.choices?.[choice] ?? capital(choice);
  }
  return {
    ...field,
    title: label.title ?? field.title,
    help: label.help ?? field.help.replaceAll("`", ""),
    meanings: { ...field.meanings, ...label.meanings },
    choiceNames,
  };
}
