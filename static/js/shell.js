// The shell: "/" goes to the search box, Escape and a click elsewhere close open menus.

const isTyping = (element) =>
  element instanceof HTMLElement && (element.isContentEditable || element.matches("input, select, textarea"));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    closeMenus(document.activeElement);
    return;
  }
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (event.key !== "/" || !plain || document.body.dataset.searchKey === "off" || isTyping(event.target)) return;
  const search = document.getElementById("global-search");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

function openMenus() {
  return document.querySelectorAll(".topbar details[open]");
}

function closeMenus(focused) {
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(focused)) menu.querySelector("summary").focus();
  }
}
