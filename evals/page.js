const [kind, field, order, left] = ["kind", "field", "order", "left"].map((id) => document.getElementById(id));
const cards = [...document.querySelectorAll(".card[data-number]")];
const outcomes = ["wrong", "missed", "invented", "right"];

const fieldOutcome = (card) => {
  const said = card.dataset.fields.split(" ").find((pair) => pair.startsWith(field.value + ":"));
  return said ? outcomes.indexOf(said.slice(field.value.length + 1)) : -1;
};

// with a field chosen, its outcome counts and not that of the record
tests[0] = (card) => {
  const outcome = field.value ? fieldOutcome(card) : Number(card.dataset.kinds);
  card.classList.toggle("quiet", field.value ? outcomes[outcome] === "right" : !("error" in card.dataset));
  return outcome >= 0 && boxes[outcome].checked;
};
tests.push((card) => !kind.value || card.dataset.kind === kind.value);

function narrow() {
  filter();
  const count = cards.filter((card) => !card.matches(".off, .quiet")).length;
  left.textContent = `${count.toLocaleString("en")} to look at`; // records, right ones with a wrong field too
}

function sortList() {
  const list = document.querySelector("nav ol");
  const place = (item) => Number(item.querySelector("a").hash.slice(2));
  const by = {
    "": (a, b) => place(a) - place(b),
    f1: (a, b) => a.dataset.f1 - b.dataset.f1 || place(a) - place(b),
    errors: (a, b) => b.dataset.errors - a.dataset.errors || place(a) - place(b),
  }[order.value];
  const items = [...list.children].sort(by);
  list.append(...items);
  // so that the next error is that of the next document in the list
  document.querySelector("main").append(...items.map((item) => document.getElementById(`d${place(item)}`)));
}

function sortTable(button) {
  const head = button.closest("th");
  const body = button.closest("table").tBodies[0];
  const down = head.getAttribute("aria-sort") === "ascending";
  const at = head.cellIndex;
  const key = (row) => row.cells[at].textContent.replaceAll(",", "");
  const compare = (a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === "–" || y === "–") return (x === "–") - (y === "–");
    const by = x !== "" && y !== "" && !isNaN(x) && !isNaN(y) ? x - y : x.localeCompare(y);
    return down ? -by : by;
  };
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  body.append(...[...body.rows].sort(compare));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".summary button");
  if (!button) return;
  if (!button.matches(".only")) return sortTable(button);
  kind.value = button.dataset.kind;
  field.value = button.dataset.field;
  narrow();
  step(1);
});
boxes.forEach((box) => box.addEventListener("change", narrow));
kind.addEventListener("change", narrow);
field.addEventListener("change", narrow);
order.addEventListener("change", sortList);
narrow();
