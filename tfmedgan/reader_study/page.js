// The page: its three parts, and what the reader does in them.

const radios = (name) => [...document.querySelectorAll(`input[name=${name}]`)];
const sections = ["start", "reading", "finish"].map(element);
const letters = study.ask === "real" ? "rs" : "abcdefghijklmnopqrstuvwxyz";

// Showing

function showOnly(section) {
  stopClock();
  for (const other of sections) other.hidden = other.id !== section;
}

function showStart() {
  showOnly("start");
  if (Object.keys(state.answers).length) {
    element("begin").textContent = countAnswered() === items.length
      ? "Go on: all images are answered"
      : `Go on with image ${state.at + 1} of ${items.length}`;
  }
  element("start").focus();
}

function showImage() {
  showOnly("reading");
  element("picture").src = `data:image/png;base64,${here().png}`;
  element("picture").alt = `Image ${state.at + 1}, to be judged by eye`;
  element("where").textContent = `Image ${state.at + 1} of ${items.length}`;
  element("back").disabled = state.at === 0;
  element("next").textContent = state.at === items.length - 1 ? "Finish" : "Next";
  showAnswers();
  say("");
  element("where").focus({ preventScroll: true });
  startClock();
}

function showAnswers() {
  const entry = entryOf(here());
  for (const radio of radios("answer")) radio.checked = radio.value === entry.answer;
  for (const radio of radios("confidence")) radio.checked = Number(radio.value) === entry.confidence;
  element("next").setAttribute("aria-disabled", String(!isAnswered(here())));
  element("progress").value = countAnswered();
}

function showFinish() {
  showOnly("finish");
  element("text").value = fileText();
  element("saved").textContent = "";
  element("finish").focus();
}

function say(words) {
  element("said").textContent = words;
}

// Steps

function next() {
  if (!isAnswered(here())) {
    const entry = entryOf(here());
    say(entry.answer === null ? "Choose an answer first." : "Say how sure you are first.");
    return;
  }
  stopClock();
  const open = items.findIndex((item) => !isAnswered(item));
  if (state.at < items.length - 1) state.at += 1;
  else if (open >= 0) state.at = open;
  else {
    keep();
    showFinish();
    return;
  }
  keep();
  showImage();
}

function back() {
  if (state.at === 0) return;
  stopClock();
  state.at -= 1;
  keep();
  showImage();
}

function begin() {
  keep();
  if (countAnswered() === items.length) showFinish();
  else showImage();
}

// What the reader does

const KEYS = { Enter: next, Backspace: back, "+": () => scale(1), "=": () => scale(1), "-": () => scale(-1), 0: fit };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("keydown", (event) => {
  if (element("reading").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target.tagName === "BUTTON") return;  // the button's own
  if (event.shiftKey && ARROWS[event.key]) {
    element("stage").scrollBy(...ARROWS[event.key].map((way) => 60 * way));
    event.preventDefault();
    return;
  }
  const choice = study.choices[letters.indexOf(event.key.toLowerCase())];
  const level = Number(event.key);
  if (event.key.length === 1 && choice !== undefined) choose("answer", choice);
  else if (level >= 1 && level <= study.levels) choose("confidence", level);
  else if (KEYS[event.key]) KEYS[event.key]();
  else return;
  event.preventDefault();
});

for (const radio of radios("answer")) radio.addEventListener("change", () => choose("answer", radio.value));
for (const radio of radios("confidence")) radio.addEventListener("change", () => choose("confidence", Number(radio.value)));
for (const [id, action] of Object.entries({
  begin, next, back, larger: () => scale(1), smaller: () => scale(-1), whole: fit,
  again: showImage,
  save: () => { element("saved").textContent = `Saved as ${save()} among your downloads. Hand this file back.`; },
  pause: () => { const name = save(); startClock(); say(`Saved as ${name} among your downloads.`); },
})) element(id).addEventListener("click", action);
element("file").addEventListener("change", (event) => {
  if (event.target.files.length) goOnFromFile(event.target.files[0]);
});

recall();
showStart();
