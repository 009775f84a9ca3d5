// Messages after leaving a field. The form goes to its own address with the header X-Validate-Field and the
// server answers {"errors": [...], "warnings": [...]}; a message appears only when a changed field is left, and
// goes as soon as the server finds the field right. A warning is calmer: what is odd is accepted all the same.
// Only forms marked data-inline-validation have a server half.

const HEADER = "X-Validate-Field";
const PAUSE = 350;
// The key of the one submission stays out of a mere question; a password is never asked about.
const LEFT_OUT = ["submit_key"];
const CHOSEN = "select, [type=radio], [type=checkbox]";

// Form -> field name -> the value that was last left or asked about.
const known = new WeakMap();
const timers = new WeakMap();

document.addEventListener("focusin", ({ target }) => {
  if (isAsked(target) && !valuesOf(target.form).has(target.name)) remember(target);
});

document.addEventListener("focusout", async ({ target, relatedTarget }) => {
  // From one option of a choice to the next, the choice is not left.
  if (!isAsked(target) || relatedTarget?.name === target.name) return;
  if (valuesOf(target.form).get(target.name) === valueOf(target)) return;
  remember(target);
  clearTimeout(timers.get(target.form));
  const answer = await ask(target);
  if (answer) whenPointerIsUp(() => show(target, answer));
});

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.(CHOSEN)) askAgain(target, PAUSE);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches?.(CHOSEN)) askAgain(target, 0);
});

// A field with a message is asked about while it is put right; until it is left, messages only go.
function askAgain(control, pause) {
  if (!isAsked(control) || !messageOf(control)) return;
  clearTimeout(timers.get(control.form));
  const again = async () => {
    const answer = await ask(control);
    if (answer && answer.errors.length === 0) whenPointerIsUp(() => calm(control, answer));
  };
  timers.set(control.form, setTimeout(again, pause));
}

// While typing: the error goes; a warning stays while it holds, and none comes.
function calm(control, { warnings }) {
  const stays = boxOf(control, "warning") ? warnings : [];
  show(control, { errors: [], warnings: stays });
}

// A message moves the page. While a button is held down it would move away from under the pointer and the
// click would be lost, so messages wait until the click has happened.
let isPointerDown = false;
let waiting = [];

function whenPointerIsUp(action) {
  if (isPointerDown) waiting.push(action);
  else action();
}

function pointerIsUp() {
  if (!isPointerDown) return;
  // The click follows the release within the same task.
  setTimeout(() => {
    isPointerDown = false;
    const due = waiting;
    waiting = [];
    for (const action of due) action();
  });
}

document.addEventListener("pointerdown", () => { isPointerDown = true; }, true);
for (const sign of ["pointerup", "pointercancel", "keydown"]) document.addEventListener(sign, pointerIsUp, true);
// A native list of options and a drag out of the window keep the release to themselves.
document.addEventListener("pointermove", ({ buttons }) => { if (buttons === 0) pointerIsUp(); }, true);
window.addEventListener("blur", pointerIsUp);

function isAsked(control) {
  return Boolean(
    control.name &&
      control.form?.matches("[data-inline-validation]") &&
      fieldOf(control) &&
      !["password", "file", "hidden"].includes(control.type),
  );
}

function valuesOf(form) {
  if (!known.has(form)) known.set(form, new Map());
  return known.get(form);
}

// The answer to the question, whichever of its options has the focus.
function valueOf(control) {
  return new FormData(control.form).getAll(control.name).join("\n");
}

function remember(control) {
  valuesOf(control.form).set(control.name, valueOf(control));
}

async function ask(control) {
  const form = control.form;
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) {
    if (value instanceof File || LEFT_OUT.includes(name)) data.delete(name);
  }
  const answered = valueOf(control);
  try {
    const answer = await fetch(form.getAttribute("action") || window.location.href, {
      method: "POST",
      body: data,
      headers: { [HEADER]: control.name, Accept: "application/json" },
    });
    // Only an answer of the server half counts, and only while the field still holds what was asked about.
    if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) return null;
    const { errors, warnings = [] } = await answer.json();
    return control.isConnected && valueOf(control) === answered ? { errors, warnings } : null;
  } catch {
    return null;
  }
}

function fieldOf(control) {
  return control.closest("[data-field]");
}

function boxOf(control, kind) {
  return fieldOf(control)?.querySelector(`.field-${kind}`);
}

function messageOf(control) {
  return boxOf(control, "error") || boxOf(control, "warning");
}

function baseId(control) {
  return fieldOf(control).id.replace(/^field-/, "");
}

function show(control, { errors, warnings }) {
  const field = fieldOf(control);
  if (!field) return;
  const described = field.matches("fieldset") ? field : control;
  say(control, described, "error", errors);
  say(control, described, "warning", errors.length ? [] : warnings);
  if (errors.length === 0) {
    forgetInSummary(control);
    for (const each of [field, ...field.querySelectorAll("[aria-invalid]")]) each.removeAttribute("aria-invalid");
  } else {
    described.setAttribute("aria-invalid", "true");
  }
}

function say(control, described, kind, lines) {
  const field = fieldOf(control);
  const id = `${baseId(control)}_${kind}`;
  const ids = new Set((described.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
  boxOf(control, kind)?.remove();
  ids.delete(id);
  if (lines.length) {
    ids.add(id);
    field.insertBefore(messages(id, kind, lines), field.querySelector(".control, .form-check"));
  }
  if (ids.size) described.setAttribute("aria-describedby", [...ids].join(" "));
  else described.removeAttribute("aria-describedby");
}

function messages(id, kind, lines) {
  const box = document.createElement("div");
  box.className = `field-${kind}`;
  box.id = id;
  box.setAttribute("role", "status");
  for (const words of lines) {
    const line = document.createElement("p");
    line.textContent = words;
    box.append(line);
  }
  return box;
}

function forgetInSummary(control) {
  const summary = document.getElementById("error-summary");
  for (const link of summary?.querySelectorAll("a") || []) {
    const meant = document.getElementById(link.getAttribute("href").slice(1));
    if (meant?.name === control.name && meant.form === control.form) link.closest("li").remove();
  }
  if (summary && !summary.querySelector("li")) summary.remove();
}
