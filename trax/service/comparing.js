const sounds = [...document.querySelectorAll("audio")];
const all = document.getElementById("all");
let isWhole = false;

function row(sound) {
  return sound.closest("li");
}

function begin(sound) {
  sound.currentTime = 0;
  sound.play().catch(end);
}

function end() {
  isWhole = false;
  all.textContent = "Play all";
  for (const sound of sounds) sound.pause();
}

for (const [at, sound] of sounds.entries()) {
  sound.addEventListener("play", () => {
    for (const other of sounds) {
      if (other !== sound) other.pause();
      row(other).classList.toggle("heard", row(other) === row(sound));
    }
    row(sound).scrollIntoView({ block: "nearest" });
  });
  sound.addEventListener("ended", () => {
    if (isWhole && at + 1 < sounds.length) begin(sounds[at + 1]);
    else end();
  });
}

all.hidden = !sounds.length;
all.addEventListener("click", () => {
  if (isWhole) {
    end();
    return;
  }
  isWhole = true;
  all.textContent = "Stop";
  begin(sounds[0]);
});
