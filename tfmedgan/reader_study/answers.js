"use strict";
// The answers of one reader: kept in this browser with each change, and the time that each image took.

const study = JSON.parse(document.getElementById("study").textContent);
const items = study.items;
const storageName = `${study.format}/${study.study}/${study.reader}`;
const element = (id) => document.getElementById(id);

const state = { at: 0, answers: {} };  // by item: answer, confidence, milliseconds
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
