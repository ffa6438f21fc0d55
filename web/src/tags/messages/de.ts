export const de = {
  tags: "Schlagwörter",
  edit: "Schlagwörter von {name} ändern",
  help: "Wer das Transkript sieht, sieht seine Schlagwörter. Großschreibung ist gleich.",
  none: "Noch keine Schlagwörter",
  newTag: "Neues Schlagwort",
  add: "Hinzufügen",
  remove: "Schlagwort {name} entfernen",
  withTag: { one: "{name}, {n} Transkript", other: "{name}, {n} Transkripte" },
  more: "Alle Schlagwörter",
  fewer: "Weniger Schlagwörter",
};
