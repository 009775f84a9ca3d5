// Several tags in one field: the browser offers what begins like the last one. Without this it compares
// its offers with the whole text and so helps with the first tag only.

for (const input of document.querySelectorAll("input[data-many][list]")) {
  const names = [...input.list.options].map((option) => option.value);
  input.addEventListener("input", () => {
    const before = input.value.slice(0, input.value.lastIndexOf(",") + 1);
    const taken = new Set(before.split(",").map(plain));
    const lead = before && `${before.trimEnd()} `;
    const offers = names.filter((name) => !taken.has(plain(name)));
    input.list.replaceChildren(...offers.map((name) => new Option("", lead + name)));
  });
}

function plain(name) {
  return name.trim().toLowerCase();
}
