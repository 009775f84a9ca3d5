// Forms: focus on the error summary, no double submission, Today buttons, sections shown by a choice.
// Everything here only helps; the server decides. Messages while filling in: validation.js.

const summary = document.getElementById("error-summary");
if (summary) summary.focus();

document.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a[href^='#']");
  const target = link && document.getElementById(link.getAttribute("href").slice(1));
  if (target) {
    event.preventDefault();
    target.focus();
    target.scrollIntoView({ block: "center" });
  }
});

// Double clicks: the buttons of a form rest once it is on its way. They rest only after the browser has
// collected the form's data, so that the clicked button's name and value travel too.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const isPost = form.getAttribute("method")?.toLowerCase() === "post";
  if (!isPost || form.hasAttribute("hx-post") || form.dataset.keepEnabled !== undefined) return;
  if (form.dataset.sent === "true") {
    event.preventDefault();
    return;
  }
  setTimeout(() => {
    if (event.defaultPrevented) return;
    form.dataset.sent = "true";
    for (const button of submitButtons(form)) button.disabled = true;
  });
});

// A page that comes back from the browser's cache is ready to be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of submitButtons(form)) button.disabled = false;
  }
});

function submitButtons(form) {
  return [...form.elements].filter((each) => each.type === "submit" || each.type === "image");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-today-for]");
  if (!button) return;
  const input = document.getElementById(button.dataset.todayFor);
  input.value = input.dataset.today;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
});

function showTodayButtons() {
  for (const button of document.querySelectorAll("[data-today-for]")) button.hidden = false;
}
showTodayButtons();
document.addEventListener("htmx:afterSettle", showTodayButtons);

function applyReveals() {
  const wanted = new Map();
  for (const control of document.querySelectorAll("[data-reveal]")) {
    const id = control.dataset.reveal;
    wanted.set(id, wanted.get(id) || control.checked);
  }
  for (const [id, shown] of wanted) {
    const section = document.getElementById(id);
    if (section) section.hidden = !shown;
  }
}
applyReveals();
document.addEventListener("change", applyReveals);
document.addEventListener("htmx:afterSettle", applyReveals);

// A form that is drawn anew (another country) keeps what was typed in it while the new one was on its way.
const asked = new WeakMap();
let typedMeanwhile = new Map();
const stateOf = (control) => (["radio", "checkbox"].includes(control.type) ? control.checked : control.value);
const statesOf = (form) =>
  new Map([...form.elements].filter((each) => each.id).map((each) => [each.id, stateOf(each)]));

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target?.matches("form")) asked.set(detail.target, statesOf(detail.target));
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const before = asked.get(detail.target);
  if (!before) return;
  typedMeanwhile = new Map(
    [...statesOf(detail.target)].filter(([id, state]) => before.has(id) && before.get(id) !== state),
  );
});
document.addEventListener("htmx:afterSwap", () => {
  for (const [id, state] of typedMeanwhile) {
    const control = document.getElementById(id);
    if (!control) continue;
    if (typeof state === "boolean") control.checked = state;
    else control.value = state;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
  typedMeanwhile = new Map();
});
