// /v1/docs: filter the operations by text, and unfold what an address points at.

const field = document.getElementById("filter-text");
const said = document.getElementById("filter-said");
const areas = [...document.querySelectorAll(".api-area")].map((area) => ({
  area,
  operations: [...area.querySelectorAll("details.operation")].map((operation) => ({
    operation,
    text: `${area.querySelector("h2").textContent} ${operation.querySelector("summary").textContent}`.toLowerCase(),
  })),
}));

function filter() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { area, operations } of areas) {
    let shown = 0;
    for (const { operation, text } of operations) {
      operation.hidden = !words.every((word) => text.includes(word));
      if (!operation.hidden) shown += 1;
    }
    area.hidden = shown === 0;
    count += shown;
  }
  said.hidden = words.length === 0;
  const many = count ? said.dataset.many.replace("#", String(count)) : said.dataset.none;
  said.textContent = count === 1 ? said.dataset.one : many;
}

function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.matches("details.operation")) return;
  // What is pointed at is shown, whatever was filtered for.
  if (target.hidden) {
    field.value = "";
    filter();
  }
  target.open = true;
  target.scrollIntoView();
}

document.getElementById("filter").hidden = false;
field.addEventListener("input", filter);
window.addEventListener("hashchange", unfold);
window.addEventListener("pageshow", filter);
unfold();
