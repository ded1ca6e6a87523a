"use strict";
const root = document.documentElement;
const docs = [...document.querySelectorAll(".doc")];
const links = [...document.querySelectorAll("nav a")];
const boxes = [...document.querySelectorAll(".legend input")];
const wide = matchMedia("(min-width: 64rem)");
let doc = null;
let chosen = [];

const cardOf = (number) => doc.querySelector(`.card[data-number="${number}"]`);
const marksOf = (number) => doc.querySelectorAll(`mark[data-records~="${number}"]`);
const shown = (card) => !card.classList.contains("off");
const numbersOf = (mark) => mark.dataset.records.split(" ").filter((n) => shown(cardOf(n)));

function open(next) {
  if (next === doc || !next) return;
  doc?.classList.remove("open");
  doc = next;
  doc.classList.add("open");
  choose([]);
  links.forEach((link) => {
    const here = link.hash === "#" + doc.id;
    link.toggleAttribute("aria-current", here);
    if (here) link.scrollIntoView({ block: "nearest" });
  });
}

function light(numbers, name, on) {
  for (const number of numbers) {
    cardOf(number)?.classList.toggle(name, on);
    marksOf(number).forEach((mark) => mark.classList.toggle(name, on));
  }
}

function choose(numbers) {
  const colours = [...Array(8)].map((_, at) => `c${at}`);
  document.querySelectorAll(".chosen").forEach((e) => e.classList.remove("chosen", ...colours));
  document.querySelectorAll(".pinned").forEach((e) => e.classList.remove("pinned"));
  chosen = numbers;
  light(numbers, "chosen", true);
  // a stretch that several share takes the colour of the one that is chosen
  for (const number of [...numbers].reverse()) {
    const colour = colours[cardOf(number).dataset.kinds % 8];
    marksOf(number).forEach((mark) => mark.classList.remove(...colours));
    marksOf(number).forEach((mark) => mark.classList.add(colour));
  }
  if (numbers.length && !wide.matches) cardOf(numbers[0])?.classList.add("pinned");
}

function show(element) {
  element?.scrollIntoView({ block: wide.matches ? "center" : "start", behavior: "smooth" });
}

function flash(elements) {
  for (const element of elements) {
    element.classList.remove("flash");
    void element.offsetWidth; // so that the animation begins anew
    element.classList.add("flash");
  }
}

function fromCard(card, move = true) {
  const number = card.dataset.number;
  choose([number]);
  const marks = marksOf(number);
  if (move) show(marks[0]);
  flash(marks);
}

function fromText(numbers) {
  choose(numbers);
  if (wide.matches) show(cardOf(numbers[0]));
  flash(numbers.map(cardOf));
}

function step(by) {
  const within = document.body.classList.contains("across") ? document : doc;
  const cards = [...within.querySelectorAll(".card[data-number]:not(.off, .quiet)")];
  if (!cards.length) return;
  const from = cardOf(chosen[0]) ?? doc;
  const lies = (card, where) => from.compareDocumentPosition(card) & where;
  const at = by > 0
    ? cards.findIndex((card) => lies(card, Node.DOCUMENT_POSITION_FOLLOWING))
    : cards.findLastIndex((card) => lies(card, Node.DOCUMENT_POSITION_PRECEDING));
  const next = cards.at(at < 0 ? (by > 0 ? 0 : -1) : at);
  open(next.closest(".doc"));
  fromCard(next);
  if (wide.matches) show(next);
}

function follow() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  open((target && target.closest(".doc")) || doc || docs[0]);
  if (target && target.matches(".card[data-number]")) fromText([target.dataset.number]);
  else if (target) show(target);
}

// what a card must pass to be shown
const tests = [(card) => boxes[card.dataset.kinds].checked];

function filter() {
  const kindOf = new Map();
  for (const card of document.querySelectorAll(".card[data-number]")) {
    const off = !tests.every((test) => test(card));
    card.classList.toggle("off", off);
    if (!off) kindOf.set(card.id, Number(card.dataset.kinds));
  }
  for (const element of document.querySelectorAll("main [data-records]")) {
    const { id } = element.closest(".doc");
    const kinds = element.dataset.records.split(" ").map((n) => kindOf.get(`${id}r${n}`));
    const left = [...new Set(kinds.filter((kind) => kind !== undefined))].sort((a, b) => a - b);
    element.classList.toggle("off", !left.length);
    if (!left.length || element.matches(".ref")) continue;
    const rest = [...element.classList].filter((name) => !/^[ku]\d$/.test(name));
    const shades = left.slice(0, 2).map((kind, at) => "ku"[at] + (kind % 8));
    element.className = [...shades, ...rest].join(" ");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-step]");
  if (button) return step(Number(button.dataset.step));
  const mark = event.target.closest("mark, .ref");
  if (mark && getSelection().isCollapsed) {
    const numbers = numbersOf(mark);
    if (numbers.length) fromText(numbers);
    if (mark.matches(".ref")) event.preventDefault();
    return;
  }
  if (event.target.closest(".card h3 a, .card summary")) return; // these do something of their own
  const card = event.target.closest(".card[data-number]");
  if (card && getSelection().isCollapsed) {
    event.preventDefault();
    fromCard(card);
  } else if (event.target.closest(".text") && !event.target.closest("a")) choose([]);
});

for (const [kind, on] of [["mouseover", true], ["mouseout", false]]) {
  document.addEventListener(kind, (event) => {
    const over = event.target.closest?.("mark, .card[data-number]");
    if (!over || !doc?.contains(over)) return;
    light(over.matches("mark") ? numbersOf(over) : [over.dataset.number], "over", on);
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input[type=search], select")) return;
  const by = { j: 1, n: 1, ArrowRight: 1, k: -1, p: -1, ArrowLeft: -1 }[event.key];
  if (by) {
    event.preventDefault();
    step(by);
  } else if (event.key === "Escape") choose([]);
});

document.querySelector("nav input").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const link of links) {
    const said = link.textContent.toLowerCase();
    link.parentElement.hidden = !words.every((word) => said.includes(word));
  }
});

boxes.forEach((box) => box.addEventListener("change", filter));
addEventListener("hashchange", follow);
root.classList.add("js");
if (docs.length) {
  follow();
  filter();
}
