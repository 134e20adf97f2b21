// The facts understood, corrected where they stand: a small form beside the fact, whose value is sent as a new turn.

import { byId, make, notify } from "./dom.js";
import { answers, exchanges } from "./gradio.js";

let controls = null; // {name: {label, control, choices: [[value, label]], low, high, whole}}
let opener = null;

async function load() {
  controls ??= await fetch("conversation/faits.json", { signal: AbortSignal.timeout(15_000) }).then((reply) => {
    if (!reply.ok) throw new Error("no controls");
    return reply.json();
  });
  return controls;
}

const parts = (button) => button.id.match(/^reponse-(\d+)-fait-(\w+)$/);

// The value that the rules read for a fact, in its JSON form.
function valueOf(button) {
  const [, number, name] = parts(button);
  const rules = exchanges().find((row) => row.number === Number(number))?.answer?.rules ?? [];
  return rules.map((rule) => rule.facts[name]).find((value) => value !== undefined && value !== null);
}

function option([value, label], chosen) {
  return make("option", { value, textContent: label, selected: chosen });
}

const choose = () => option(["", "Choisir…"], false);
const select = (...options) => make("select", { required: true }, ...options);

const several = {
  field(control, value) {
    const chosen = new Set([value ?? []].flat());
    const boxes = control.choices.map(([id, label]) => make("label", { className: "check" }, make("input", { type: "checkbox", value: id, checked: chosen.has(id) }), ` ${label}`));
    return make("div", { className: "several" }, ...boxes);
  },
  read(field) {
    const values = [...field.querySelectorAll("input:checked")].map((box) => box.value);
    return values.length ? values : null;
  },
};

// For each control: the field that shows a value, and the value that a field gives (null when it gives none).
const CONTROLS = {
  number: {
    field({ low, high, whole }, value) {
      const shown = /^\d+(\.\d+)?$/.test(value) ? value : "";
      return make("input", { type: "number", inputMode: whole ? "numeric" : "decimal", min: low, max: high, step: whole ? 1 : "any", value: shown, required: true });
    },
    read: (field) => (field.value === "" ? null : Number(field.value)),
  },
  day: {
    field: (control, value) => make("input", { type: "date", value: value ?? "", required: true }),
    read: (field) => field.value || null,
  },
  choice: {
    field: (control, value) => select(choose(), ...control.choices.map((choice) => option(choice, choice[0] === String(value)))),
    read: (field) => field.value || null,
  },
  "yes-no": {
    field: (control, value) => select(choose(), option(["true", "Oui"], value === true), option(["false", "Non"], value === false)),
    read: (field) => (field.value ? field.value === "true" : null),
  },
  regions: several,
  categories: several,
};

function closeEditor() {
  byId("editor")?.remove();
  if (opener?.isConnected) opener.focus();
  opener = null;
}

function place(editor, button) {
  const { left, bottom } = button.getBoundingClientRect();
  const room = document.documentElement.clientWidth - editor.offsetWidth - 12;
  editor.style.left = `${Math.max(12, Math.min(left, room)) + scrollX}px`;
  editor.style.top = `${bottom + scrollY + 6}px`;
  editor.scrollIntoView({ block: "nearest" });
}

// Open the form of a fact; `send` is called with its name and its new value.
export async function openEditor(button, send) {
  byId("editor")?.remove();
  opener = button;
  let control;
  const name = parts(button)[2];
  try {
    control = (await load())[name];
  } catch {
    notify("Le serveur ne répond pas : corrigez ce point en l’écrivant dans la zone de saisie.");
    return;
  }
  const kind = CONTROLS[control.control];
  const listed = kind === several;
  const field = kind.field(control, valueOf(button));
  const label = listed ? make("legend", { textContent: control.label }) : make("label", { textContent: control.label, htmlFor: "editor-field" });
  if (!listed) field.id = "editor-field";
  const first = listed ? field.querySelector("input") : field; // what takes the focus
  const problem = make("p", { className: "problem", id: "editor-problem" });
  problem.setAttribute("role", "alert");
  const cancel = make("button", { type: "button", className: "button", textContent: "Annuler" });
  const form = make(
    "form",
    { id: "editor", noValidate: true },
    listed ? make("fieldset", {}, label, field) : make("p", {}, label, field),
    problem,
    make("p", { className: "dialog-foot" }, make("button", { type: "submit", className: "button primary", textContent: "Mettre à jour la réponse" }), cancel),
  );
  form.setAttribute("role", "dialog");
  form.setAttribute("aria-label", `${button.classList.contains("missing") ? "Préciser" : "Corriger"} : ${control.label}`);
  cancel.addEventListener("click", closeEditor);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeEditor();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = kind.read(field);
    if (value === null || field.validity?.valid === false) {
      problem.textContent = explain(control);
      first.setAttribute("aria-describedby", "editor-problem");
      first.focus();
      return;
    }
    closeEditor();
    send(name, value);
  });
  document.body.append(form);
  place(form, button);
  first.focus();
}

function explain({ control, low, high }) {
  if (control === "number") return `Indiquez un nombre entre ${low.toLocaleString("fr-FR")} et ${high.toLocaleString("fr-FR")}.`;
  return control === "day" ? "Indiquez une date complète : jour, mois, année." : "Choisissez une réponse dans la liste.";
}

// Only the facts of the last answer can be corrected: a correction re-judges the last question.
export function lockOldFacts() {
  const last = answers().at(-1);
  for (const button of document.querySelectorAll("#conversation button.fact")) button.disabled = !last?.contains(button);
}
