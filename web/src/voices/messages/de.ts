export const de = {
  voices: "Stimmen",
  known: "Bekannte Stimmen",
  knownHelp:
    "Spätere Transkripte nennen diese Personen von selbst. Von einer Stimme werden einige hundert Zahlen behalten, nie Ton.",
  noneKnown: "Noch ist keine Stimme bekannt",
  name: "Name",
  consent: "Einwilligung",
  learnedFrom: "Gelernt aus",
  namedIn: "Genannt in",
  transcripts: { one: "{n} Transkript", other: "{n} Transkripten" },
  rename: "{name} umbenennen",
  merge: "{name} mit einer anderen Stimme derselben Person zusammenlegen",
  mergeInto: "Wessen Stimme ist es noch?",
  mergeHelp: "Der andere Name verschwindet, auch in Transkripten.",
  mergeNow: "Zusammenlegen",
  forget: "{name} vergessen",
  forgetSure:
    "Die Stimme von {name} vergessen? Transkripte nennen den Namen nicht mehr; exportierte Dateien bleiben, wie sie sind.",
  speaksIn: "Mit dieser Stimme gemacht:",
  endsIn: "Wird gerade mit dieser Stimme gemacht; das endet sofort und hinterlässt nichts:",
  madeByOthers: {
    one: "Jemand anderes hat etwas mit dieser Stimme gemacht; ein Administrator kann es entfernen.",
    other:
      "Andere haben {n} Aufnahmen mit dieser Stimme gemacht; ein Administrator kann sie entfernen.",
  },
  referenceGoes:
    "Die Aufnahme der Stimme, die dafür hochgeladen wurde, wird entfernt. Heruntergeladene Dateien bleiben.",
  removeMade: "Auch entfernen, was mit ihr gemacht wurde",
  borrowed: "Geliehene Stimmen",
  borrowedHelp:
    "Beim Ersetzen von Stimmen kann die Aufnahme eines Menschen dessen Stimme leihen. Geben Sie den Namen ein, der dabei genannt wurde: Sie sehen, was mit der Stimme gemacht wurde, und können sie vergessen.",
  forgetNow: "Vergessen",
  unknown: "Unbekannte Stimmen",
  unknownHelp:
    "Sprecher in den neuesten Transkripten, deren Stimme noch nicht bekannt ist. Wer gleich klingt, erscheint als eine Person.",
  noneUnknown: "Jede Stimme, die genug sagt, ist bekannt.",
  looking: "Vergleicht Stimmen …",
  heardIn: "Spricht {time}, in:",
  listen: "{name} in {recording} anhören",
  like: "Klingt wie {name}",
  include: "{name} in {recording} ist diese Person",
  giveName: "Stimme benennen",
  learn: "Diese Stimme lernen",
  learnTitle: "Die Stimme von {name} lernen",
  learnHelp: "In diesem Transkript steht sofort der Name, in späteren wird die Stimme erkannt.",
  consentHelp:
    "Wie die Person eingewilligt hat, etwa „Formular unterschrieben, 24. November“. Das wird aufbewahrt.",
  consentNeeded: "Eine Stimme wird nur mit Einwilligung gelernt.",
  learned: "Die Stimme ist bekannt",
};
