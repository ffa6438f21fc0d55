export const de = {
  none: "automatisch",
  automatic: "Automatisch",
  noLanguage: "Keine",
  noModel: "Es ist kein Sprachmodell eingerichtet.",
  noModelHelp: "„Language models“ in der Dokumentation (docs/enhance.md) sagt, wie das geht.",
  listHelp: "Eines je Zeile",
};
