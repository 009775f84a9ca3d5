// The progress asks for itself every second. An answer that is another page (the session ended) is shown as what
// it is, instead of nothing in the progress's place.

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "import-state" || event.detail.serverResponse.includes('id="import-state"')) return;
  event.preventDefault();
  window.location.reload();
});
