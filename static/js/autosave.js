// New customer saves itself while it is filled in: two seconds after the last keystroke, and during steady typing
// so often that no keystroke stays unsaved for five. The form goes to its own address with action=autosave and the
// header X-Autosave; the server answers {url, version, saved_at, said}, or {error, said, act} when it keeps nothing.
// A form that another window has overtaken saves nothing more: its person chooses, by sending it.

const HEADER = "X-Autosave";
const PAUSE = 2000;
const LONGEST = 4000;
const RETRY = 3000;
// A request that has to outlive the page may carry 64 KiB.
const MOST_AT_THE_END = 60_000;
const PATIENCE = 15_000;
// The key of the one submission stays out of a mere save.
const LEFT_OUT = ["submit_key", "action"];

let unsavedSince = null; // when the first keystroke that is not saved yet came
let timer = null;
let sending = null; // what stops the save that is on its way
let isStopped = false; // the server refused: only sending the form helps
let isLeaving = false; // the form itself is on its way
let hasFailed = false;
let failedAt = 0;
let wasHeard = false;

const currentForm = () => document.querySelector("form[data-autosave]");

// First of all listeners, so that whatever else sends the form carries when it was typed.
for (const kind of ["input", "change"]) document.addEventListener(kind, typed, true);

function typed({ target }) {
  const form = target.form;
  if (!form?.hasAttribute("data-autosave")) return;
  form.elements.draft_turn.value = Date.now();
  isLeaving = false;
  unsavedSince ??= Date.now();
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (unsavedSince === null || sending || isStopped) return;
  const due = Math.min(Date.now() + PAUSE, unsavedSince + LONGEST);
  timer = setTimeout(save, Math.max(due, hasFailed ? failedAt + RETRY : 0) - Date.now());
}

function canSave(form) {
  return form && !form.hasAttribute("data-autosave-off") && unsavedSince !== null && !isStopped && !isLeaving;
}

async function save() {
  const form = currentForm();
  if (!canSave(form) || sending) return;
  clearTimeout(timer);
  const since = unsavedSince;
  unsavedSince = null;
  const way = new AbortController();
  sending = way;
  const outOfPatience = setTimeout(() => way.abort(), PATIENCE);
  try {
    await take(await send(form, way.signal), since);
  } catch {
    unsavedSince = since;
    fail(words("unreachable"));
  }
  clearTimeout(outOfPatience);
  sending = null;
  // In a hidden page timers hardly run.
  if (document.hidden && !hasFailed) save();
  else schedule();
}

function send(form, signal) {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (!(value instanceof File) && !LEFT_OUT.includes(name)) data.append(name, value);
  }
  data.append("action", "autosave");
  return fetch(form.getAttribute("action"), {
    method: "POST",
    body: data,
    headers: { [HEADER]: "1", Accept: "application/json" },
    keepalive: data.toString().length < MOST_AT_THE_END,
    signal,
  });
}

async function take(answer, since) {
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  const said = isJson && !answer.redirected ? await answer.json() : null;
  if (answer.ok && said) {
    kept(said);
    return;
  }
  unsavedSince = Math.min(since, unsavedSince ?? since);
  if (answer.status >= 500 || answer.status === 429) {
    fail(words("unreachable"));
    return;
  }
  isStopped = true;
  fail(said?.said || words("refused"), said?.act || words("act"));
}

function kept(said) {
  const form = currentForm();
  if (!form) return;
  const version = form.elements.draft_version;
  version.value = Math.max(Number(version.value), said.version);
  if (form.getAttribute("action") !== said.url) {
    form.setAttribute("action", said.url);
    history.replaceState(history.state, "", said.url);
  }
  // Heard once, and again after it had failed; seen every time.
  const isHeard = hasFailed || !wasHeard;
  wasHeard = true;
  hasFailed = false;
  show(said.said, { isHeard });
}

function fail(said, act = "") {
  const isNews = !hasFailed || act;
  hasFailed = true;
  failedAt = Date.now();
  show(said, { act, isHeard: isNews });
}

function show(said, { act = "", isHeard = false }) {
  const line = document.querySelector("[data-save-line]");
  if (!line) return;
  line.hidden = false;
  line.classList.toggle("save-line-failed", hasFailed);
  line.querySelector("span").textContent = said;
  const button = line.querySelector("button");
  button.hidden = !act;
  button.textContent = act;
  if (isHeard) document.getElementById("live").textContent = said;
}

function words(name) {
  return document.querySelector("[data-save-line]")?.dataset[name] || "";
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-save-line] button")) currentForm().requestSubmit();
});

document.addEventListener("submit", (event) => {
  if (event.target !== currentForm()) return;
  setTimeout(() => { if (!event.defaultPrevented) isLeaving = true; });
});

// The page may never be seen again: what is typed goes now, instead of a save that is still on its way. Should that
// one arrive all the same, and last, the server knows by when it was typed that it is the older one.
function saveAtTheEnd() {
  const form = currentForm();
  if (!canSave(form)) return;
  sending?.abort();
  unsavedSince = null;
  send(form).catch(() => {});
}
document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
window.addEventListener("pagehide", saveAtTheEnd);
window.addEventListener("online", () => save());
window.addEventListener("pageshow", ({ persisted }) => { if (persisted) { isLeaving = false; schedule(); } });

window.addEventListener("beforeunload", (event) => {
  if (hasFailed && unsavedSince !== null && !isLeaving && currentForm()) event.preventDefault();
});

// What was typed before a sign-in is on the page and not in the draft yet.
if (currentForm()?.hasAttribute("data-unsaved")) {
  unsavedSince = Date.now();
  schedule();
}
