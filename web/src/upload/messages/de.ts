export const de = {
  drop: "Aufnahmen ablegen, um sie zu transkribieren",
  add: { one: "Eine Aufnahme hinzufügen", other: "{n} Aufnahmen hinzufügen" },
  choose: "Dateien wählen",
  fetching: "Die Aufnahme wird geholt …",
  fetchesNothing:
    "Dieser Dienst holt keine Aufnahmen von anderen Adressen: Speichern Sie die Datei und legen Sie sie hier ab.",
  submit: { one: "Transkribieren", other: "{n} Aufnahmen transkribieren" },
  remove: "{name} entfernen",
  tooMany: "Höchstens {n} Aufnahmen auf einmal: Die ersten {n} wurden genommen.",
  uploads: "Übertragungen",
  waiting: "Wartet",
  sending: "{sent} von {size}",
  sendingRate: "{sent} von {size}, {rate} je Sekunde",
  paused: "Die Verbindung ist weg. Es geht von selbst weiter.",
  starting: "Beginnt",
  interrupted:
    "Unterbrochen bei {share}: Wählen Sie dieselbe Datei noch einmal, dann geht es dort weiter.",
  cancel: "Übertragung von {name} abbrechen",
  retry: "Noch einmal",
  files: "Aufnahmen",
  moreOptions: "Weitere Einstellungen",
  reset: "Auf Vorgaben zurücksetzen",
};
