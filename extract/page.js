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
  document.querySelectorAll(".chosen").forEach((e) => e.classList.remove("chosen"));
  document.querySelectorAll(".pinned").forEach((e) => e.classList.remove("pinned"));
  chosen = numbers;
  light(numbers, "chosen", true);
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
  const cards = [...doc.querySelectorAll(".card[data-number]")].filter(shown);
  if (!cards.length) return;
  const at = cards.findIndex((card) => card.dataset.number === chosen[0]);
  const next = at < 0 ? (by > 0 ? 0 : cards.length - 1) : (at + by + cards.length) % cards.length;
  fromCard(cards[next]);
  if (wide.matches) show(cards[next]);
}

function follow() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  open((target && target.closest(".doc")) || doc || docs[0]);
  if (target && target.matches(".card[data-number]")) fromText([target.dataset.number]);
  else if (target) show(target);
}

function filter() {
  const on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  document.querySelectorAll("main [data-kinds]").forEach((element) => {
    element.classList.toggle("off", !element.dataset.kinds.split(" ").some((k) => on.has(k)));
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-step]");
  if (button) return step(Number(button.dataset.step));
  const mark = event.target.closest("mark");
  if (mark && getSelection().isCollapsed) {
    const numbers = numbersOf(mark);
    if (numbers.length) fromText(numbers);
    return;
  }
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
  if (event.target.matches("input[type=search]")) return;
  const by = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 }[event.key];
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
