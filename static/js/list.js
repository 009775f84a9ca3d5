// The list of customers: select all on the page, say how many are selected, close menus left open.

const all = document.getElementById("select-all");
const bar = document.getElementById("bulk-form");
const said = document.getElementById("selected");
const boxes = () => [...document.querySelectorAll("input[form='bulk-form'][name='customer']")];

function tell() {
  const every = boxes();
  const count = every.filter((box) => box.checked).length;
  const words = count === 1 ? said.dataset.one : said.dataset.many.replace("#", String(count));
  said.textContent = count ? words : "";
  // What can be done with the selected customers shows once there are any.
  bar.hidden = count === 0;
  all.checked = count > 0 && count === every.length;
  all.indeterminate = count > 0 && count < every.length;
}

if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    tell();
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "customer") tell();
  });
  tell();
  // The browser may come back with boxes ticked.
  window.addEventListener("pageshow", tell);
}

document.addEventListener("click", (event) => {
  for (const fold of openFolds()) if (!fold.contains(event.target)) fold.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const fold of openFolds()) {
    fold.open = false;
    if (fold.contains(document.activeElement)) fold.querySelector("summary").focus();
  }
});

function openFolds() {
  return document.querySelectorAll("details.fold[open]");
}
