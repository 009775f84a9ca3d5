// Messages after leaving a field. The form goes to its own address with the header X-Validate-Field and the
// server answers {"errors": [...]}; a message appears only when a changed field is left, and goes as soon as
// the server finds the field right. Only forms marked data-inline-validation have a server half.

const HEADER = "X-Validate-Field";
const PAUSE = 350;
// The key of the one submission stays out of a mere question; a password is never asked about.
const LEFT_OUT = ["submit_key"];

function watchFields(form) {
  const before = new Map();
  let timer = 0;

  form.addEventListener("focusin", ({ target }) => {
    if (isAsked(target) && !before.has(target)) before.set(target, target.value);
  });
  form.addEventListener("focusout", async ({ target }) => {
    if (!isAsked(target) || before.get(target) === target.value) return;
    before.set(target, target.value);
    clearTimeout(timer);
    const errors = await ask(form, target);
    if (errors) show(target, errors);
  });
  form.addEventListener("input", ({ target }) => {
    if (!isAsked(target) || !messageOf(target)) return;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const errors = await ask(form, target);
      if (errors && errors.length === 0) show(target, []);
    }, PAUSE);
  });
}

function isAsked(control) {
  return control.name && control.closest("[data-field]") && !["password", "file", "hidden"].includes(control.type);
}

async function ask(form, control) {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) {
    if (value instanceof File || LEFT_OUT.includes(name)) data.delete(name);
  }
  const typed = control.value;
  try {
    const answer = await fetch(form.getAttribute("action") || window.location.href, {
      method: "POST",
      body: data,
      headers: { [HEADER]: control.name, Accept: "application/json" },
    });
    // Only an answer of the server half counts, and only while the field still holds what was asked about.
    if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json") || control.value !== typed) return null;
    return (await answer.json()).errors;
  } catch {
    return null;
  }
}

function fieldOf(control) {
  return control.closest("[data-field]");
}

function messageOf(control) {
  return fieldOf(control)?.querySelector(".field-error");
}

function baseId(control) {
  return fieldOf(control).id.replace(/^field-/, "");
}

function show(control, errors) {
  const field = fieldOf(control);
  const id = `${baseId(control)}_error`;
  messageOf(control)?.remove();
  const described = field.matches("fieldset") ? field : control;
  const ids = new Set((described.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
  if (errors.length === 0) {
    ids.delete(id);
    forgetInSummary(control);
    control.removeAttribute("aria-invalid");
  } else {
    ids.add(id);
    control.setAttribute("aria-invalid", "true");
    const place = field.querySelector(".control, .form-check");
    field.insertBefore(messages(id, errors), place);
  }
  if (ids.size) described.setAttribute("aria-describedby", [...ids].join(" "));
  else described.removeAttribute("aria-describedby");
}

function messages(id, errors) {
  const box = document.createElement("div");
  box.className = "field-error";
  box.id = id;
  box.setAttribute("role", "status");
  for (const words of errors) {
    const line = document.createElement("p");
    line.textContent = words;
    box.append(line);
  }
  return box;
}

function forgetInSummary(control) {
  const summary = document.getElementById("error-summary");
  for (const link of summary?.querySelectorAll("a") || []) {
    if (link.getAttribute("href") === `#${control.id}`) link.closest("li").remove();
  }
  if (summary && !summary.querySelector("li")) summary.remove();
}

for (const form of document.querySelectorAll("form[data-inline-validation]")) watchFields(form);
