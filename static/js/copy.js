// Copy buttons: [data-copy-target] names the element whose value or text goes to the clipboard.

const live = () => document.getElementById("live");

for (const button of document.querySelectorAll("[data-copy-target]")) button.hidden = false;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-target]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copyTarget);
  if (!source) return;
  const copied = await copy(source);
  if (live()) live().textContent = copied ? button.dataset.copied : button.dataset.failed;
  showOn(button, copied ? button.dataset.copied : button.dataset.failed);
});

async function copy(source) {
  const text = "value" in source ? source.value : source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard (old browser, no permission): leave the text selected for Ctrl+C.
    if ("select" in source) source.select();
    else getSelection().selectAllChildren(source);
    return false;
  }
}

function showOn(button, words) {
  button.previousNote?.remove();
  const note = document.createElement("span");
  note.className = "muted";
  note.setAttribute("aria-hidden", "true");
  note.textContent = words;
  button.after(note);
  button.previousNote = note;
  setTimeout(() => note.remove(), 4000);
}
