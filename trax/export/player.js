
"use strict";
const audio = document.querySelector("audio");
const words = [...document.querySelectorAll("main i")];
const starts = JSON.parse(document.getElementById("starts").textContent);
const inTurn = starts.map((_, word) => word).sort((a, b) => starts[a] - starts[b]);
const file = document.getElementById("file");
const doubts = document.getElementById("doubts");
let marked = null;
let frame = 0;

function wordAt(ms) {
  let low = 0;
  let high = inTurn.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[inTurn[middle]] <= ms) low = middle + 1;
    else high = middle;
  }
  return words[inTurn[low - 1]] ?? null;
}

function mark() {
  const word = wordAt(1000 * audio.currentTime + 20);
  if (word !== marked) {
    marked?.classList.remove("now");
    word?.classList.add("now");
    marked = word;
    if (word && !audio.paused) follow(word);
  }
  cancelAnimationFrame(frame);
  if (!audio.paused) frame = requestAnimationFrame(mark);
}

function follow(word) {
  const { top, bottom } = word.getBoundingClientRect();
  const head = document.querySelector("header").offsetHeight;
  if (top < head || bottom > 0.8 * innerHeight) word.scrollIntoView({ block: "center" });
}

function playFrom(ms) {
  audio.currentTime = ms / 1000;
  void audio.play().catch(() => {});
}

function atHash() {
  const time = /t=(\d+(?:\.\d+)?)/.exec(location.hash);
  if (!time) return;
  audio.currentTime = Number(time[1]);
  mark();
  marked?.scrollIntoView({ block: "center" });
}

document.querySelector("main").addEventListener("click", (event) => {
  const { start } = event.target.dataset;
  const word = words.indexOf(event.target);
  if (start !== undefined) playFrom(Number(start));
  else if (word >= 0) playFrom(starts[word]);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.target !== document.body) return;
  event.preventDefault();
  if (audio.paused) void audio.play().catch(() => {});
  else audio.pause();
});
audio.addEventListener("play", mark);
audio.addEventListener("seeked", mark);
audio.addEventListener("loadedmetadata", () => {
  file.hidden = true;
});
audio.addEventListener("error", () => {
  file.hidden = false;
});
file.addEventListener("change", (event) => {
  const [chosen] = event.target.files;
  if (chosen) audio.src = URL.createObjectURL(chosen);
});
doubts.addEventListener("change", () => {
  document.body.classList.toggle("doubts", doubts.checked);
});
document.body.classList.add("doubts");
addEventListener("hashchange", atHash);
if (audio.error) file.hidden = false;
atHash();
