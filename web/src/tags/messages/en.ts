export const en = {
  tags: "Tags",
  edit: "Edit the tags of {name}",
  help: "Whoever sees the transcript sees its tags. Capitals do not matter.",
  none: "No tags yet",
  newTag: "New tag",
  add: "Add",
  remove: "Remove the tag {name}",
  withTag: { one: "{name}, {n} transcript", other: "{name}, {n} transcripts" },
  more: "All tags",
  fewer: "Fewer tags",
} as const;
