"use strict";
// One page, one reader: shows the images, keeps the answers in this browser, and saves them as a file.

const study = JSON.parse(document.getElementById("study").textContent);
const items = study.items;
const storageName = `${study.format}/${study.study}/${study.reader}`;
const element = (id) => document.getElementById(id);
const radios = (name) => [...document.querySelectorAll(`input[name=${name}]`)];
const sections = ["start", "reading", "finish"].map(element);
const letters = study.ask === "real" ? "rs" : "abcdefghijklmnopqrstuvwxyz";

const LARGEST = 256;  // times a pixel can be enlarged

const state = { at: 0, answers: {} };  // by item: answer, confidence, milliseconds
let zoom = null;  // device pixels for one of the image; null: as large as there is room
let visibleSince = null;
let unsaved = false;  // there are answers that no storage and no file has

// Keeping

function keep() {
  try {
    localStorage.setItem(storageName, JSON.stringify(state));
    element("unkept").hidden = true;
    unsaved = false;
  } catch (error) {
    element("unkept").textContent = "This browser does not keep answers. Do not close the page "
      + "before you have saved a file: “Save so far” below, or “Save answers” at the end.";
    element("unkept").hidden = false;
    unsaved = true;
  }
}

function recall() {
  try {
    take(JSON.parse(localStorage.getItem(storageName)));
  } catch (error) {
    // Nothing that can be used is kept; keep() says so where nothing can be.
  }
}

/** Takes over the answers that belong to this study and have values that the page offers. */
function take(stored) {
  if (!stored) return;
  for (const item of items) {
    const entry = stored.answers[item.id];
    if (entry) state.answers[item.id] = {
      answer: study.choices.includes(entry.answer) ? entry.answer : null,
      confidence: entry.confidence >= 1 && entry.confidence <= study.levels ? entry.confidence : null,
      milliseconds: Math.max(0, Math.round(entry.milliseconds) || 0),
    };
  }
  state.at = Math.min(Math.max(0, Math.round(stored.at) || 0), items.length - 1);
}

// Answers

function entryOf(item) {
  return state.answers[item.id] || { answer: null, confidence: null, milliseconds: 0 };
}

const isAnswered = (item) => entryOf(item).answer !== null && entryOf(item).confidence !== null;
const countAnswered = () => items.filter(isAnswered).length;
const here = () => items[state.at];

function change(values) {
  state.answers[here().id] = { ...entryOf(here()), ...values };
  keep();
}

function choose(name, value) {
  change({ [name]: value });
  showAnswers();
  say("");
}

// Time: only while the image is shown and the page is visible

function startClock() {
  visibleSince = performance.now();
}

function stopClock() {
  if (visibleSince === null) return;
  const passed = Math.round(performance.now() - visibleSince);
  visibleSince = null;
  change({ milliseconds: entryOf(here()).milliseconds + passed });
}

document.addEventListener("visibilitychange", () => {
  if (element("reading").hidden) return;
  if (document.visibilityState === "hidden") stopClock();
  else startClock();
});
window.addEventListener("pagehide", stopClock);
window.addEventListener("beforeunload", (event) => {
  if (unsaved && countAnswered()) event.preventDefault();
});

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

// Size: in device pixels, so that each pixel of the image is as large as the others

const density = () => window.devicePixelRatio || 1;

function room() {
  const picture = element("picture"), stage = element("stage");
  const across = stage.clientWidth / picture.naturalWidth;
  const factor = Math.min(across, stage.clientHeight / picture.naturalHeight) * density();
  return factor >= 1 ? Math.floor(factor) : factor;
}

function resize() {
  const picture = element("picture");
  if (!picture.naturalWidth || element("reading").hidden) return;
  const stage = element("stage");
  const middle = [(stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth,
    (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight];
  const frame = element("frame"), css = (pixels) => pixels / density();
  frame.style.width = frame.style.height = "0";  // leaves no scroll bars that take room
  const factor = zoom === null ? room() : zoom;
  frame.style.width = `${css(picture.naturalWidth * factor)}px`;
  frame.style.height = `${css(picture.naturalHeight * factor)}px`;
  picture.style.transform = `scale(${css(factor)})`;  // exact, where lengths are rounded to 1/64
  picture.classList.toggle("reduced", factor < 1);
  stage.scrollLeft = middle[0] * stage.scrollWidth - stage.clientWidth / 2;
  stage.scrollTop = middle[1] * stage.scrollHeight - stage.clientHeight / 2;
  element("size").textContent = `${factor < 1 ? factor.toFixed(2) : factor}×`;
  element("smaller").disabled = factor <= 1;
  element("larger").disabled = factor >= LARGEST;
}

function scale(direction) {
  const factor = zoom === null ? Math.max(1, Math.floor(room())) : zoom;
  const grown = zoom === null && room() < 1 ? 1 : factor + direction * Math.max(1, Math.floor(factor / 4));
  zoom = Math.min(LARGEST, Math.max(1, grown));
  resize();
}

function fit() {
  zoom = null;
  resize();
}

element("picture").addEventListener("load", resize);
window.addEventListener("resize", resize);

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

// The file

function fileText() {
  const answers = items.filter(isAnswered).map((item) => ({ item: item.id, ...entryOf(item) }));
  const content = { format: study.format, study: study.study, reader: study.reader, answers };
  return JSON.stringify({ ...content, checksum: sha256(canonical(content)) }, null, 1);
}

/** What the checksum is of; answers.checksum in the package reads it again. */
function canonical(content) {
  const head = [content.format, content.study, String(content.reader)];
  const lines = content.answers.map((entry) =>
    [entry.item, entry.answer, entry.confidence, entry.milliseconds].join("\t"));
  return head.concat(lines).join("\n");
}

function save() {
  stopClock();
  const link = document.createElement("a");
  const part = countAnswered() < items.length ? "-part" : "";
  link.download = `answers-${study.study.slice(0, 8)}-reader-${study.reader}${part}.json`;
  link.href = URL.createObjectURL(new Blob([fileText()], { type: "application/json" }));
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  unsaved = false;
  return link.download;
}

async function goOnFromFile(file) {
  const said = element("file-said");
  try {
    const content = JSON.parse(await file.text());
    if (content.study !== study.study || content.reader !== study.reader) {
      said.textContent = `${file.name} is of another study or reader; choose the file that this page saved.`;
      return;
    }
    if (content.checksum !== sha256(canonical(content))) {
      said.textContent = `${file.name} was changed after it was saved; choose another.`;
      return;
    }
    const answers = {};
    for (const entry of content.answers) answers[entry.item] = entry;
    const open = items.findIndex((item) => !answers[item.id]);
    take({ at: open < 0 ? items.length - 1 : open, answers });
    keep();
    said.textContent = `${content.answers.length} answers taken from ${file.name}.`;
    showStart();
  } catch (error) {
    said.textContent = `${file.name} holds no answers; choose the file that this page saved.`;
  }
}

/** SHA-256 (FIPS 180-4) of a text in UTF-8, in hexadecimal; crypto.subtle is not there in all browsers on file://. */
function sha256(text) {
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const constants = primes.map((p) => fraction(Math.cbrt(p)));
  const hash = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));

  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, (bytes.length * 8) >>> 0);

  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const words = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 64; i += 1) {
      if (i < 16) {
        words[i] = view.getInt32(block + 4 * i);
        continue;
      }
      const far = words[i - 15], near = words[i - 2];
      words[i] = words[i - 16] + (turn(far, 7) ^ turn(far, 18) ^ (far >>> 3))
        + words[i - 7] + (turn(near, 17) ^ turn(near, 19) ^ (near >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i += 1) {
      const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + words[i];
      const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { hash[i] = (hash[i] + value) | 0; });
  }
  return hash.map((value) => (value >>> 0).toString(16).padStart(8, "0")).join("");
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
