export const en = {
  title: "Record",
  starting: "Waiting for the microphone …",
  refused:
    "The microphone may not be used. Allow it for this page in your browser, then try again.",
  missing: "This browser can record only if the page comes by https or from this machine.",
  level: "Level",
  elapsed: "Recorded",
  pause: "Pause",
  resume: "Resume",
  stop: "Stop and transcribe",
  safe: "Every second is kept in this browser at once: a crash or a closed tab loses nothing that came before.",
  unsent: "Recorded here, not sent yet",
  transcribe: "Transcribe",
  discard: "Discard {name}",
  discardSure: "Discard {name}? There is no other copy.",
  name: "Recording {when}",
  full: "This browser has no room left for the recording. Stop now: what was recorded is kept.",
};
