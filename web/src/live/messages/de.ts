import type { en } from "./en";

export const de: typeof en = {
  title: "Live-Untertitel",
  help: "Wörter erscheinen, während gesprochen wird. Nach dem Ende wird aus der Aufnahme ein Transkript in voller Qualität, mit Ihren Namen und Korrekturen.",
  name: "Name",
  defaultName: "Live {when}",
  language: "Sprache",
  vocabulary: "Namen und Begriffe, durch Kommas getrennt",
  start: "Starten",
  starting: "Warten auf das Mikrofon …",
  refused:
    "Das Mikrofon darf nicht benutzt werden. Erlauben Sie es dieser Seite im Browser, und versuchen Sie es noch einmal.",
  missing:
    "Dieser Browser kann nur aufnehmen, wenn die Seite über https oder von diesem Rechner kommt.",
  full: "Gerade kann keine Sitzung beginnen: Andere laufen, oder der Dienst lehnt ab. Versuchen Sie es in einer halben Minute wieder.",
  lost: "Der Dienst ist nicht zurückgekommen. Was er empfangen hatte, wird dort zum Transkript.",
  away: "Die Verbindung ist weg. Was Sie sagen, wird hier behalten und gesendet, sobald sie zurück ist …",
  elapsed: "Aufgenommen",
  level: "Pegel",
  pause: "Pause",
  resume: "Weiter",
  stop: "Beenden und transkribieren",
  mark: "Diesen Moment markieren",
  markAdded: "Markiert bei {when}",
  text: "Untertitel",
  nothing: "Noch wurde nichts gesagt.",
  speakers: "Sprechende",
  speaker: "Person {number}",
  rename: "Name von {name}",
  noSpeakers: "Wer spricht, zeigt sich nach einigen Sekunden.",
  marks: "Marken",
  correct: "{word} korrigieren",
  correction: "Richtiger Text von {word}",
  becoming:
    "Die Aufnahme wird noch einmal gelesen. Diese Seite geht von selbst zum Transkript über.",
  empty: "Es wurde nichts aufgenommen.",
  library: "Zur Bibliothek",
};
