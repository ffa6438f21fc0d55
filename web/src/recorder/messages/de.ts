export const de = {
  title: "Aufnehmen",
  starting: "Warte auf das Mikrofon …",
  refused:
    "Das Mikrofon darf nicht benutzt werden. Erlauben Sie es dieser Seite im Browser und versuchen Sie es noch einmal.",
  missing:
    "Dieser Browser kann nur aufnehmen, wenn die Seite über https oder von dieser Maschine kommt.",
  level: "Pegel",
  elapsed: "Aufgenommen",
  pause: "Pause",
  resume: "Weiter",
  stop: "Anhalten und transkribieren",
  safe: "Jede Sekunde bleibt sofort in diesem Browser: Ein Absturz oder ein geschlossener Tab verliert nichts von dem, was vorher kam.",
  unsent: "Hier aufgenommen, noch nicht gesendet",
  transcribe: "Transkribieren",
  discard: "{name} verwerfen",
  discardSure: "{name} verwerfen? Sie ist nirgends sonst.",
  name: "Aufnahme {when}",
  full: "Dieser Browser hat keinen Platz mehr für die Aufnahme. Halten Sie jetzt an: Das Aufgenommene bleibt.",
};
