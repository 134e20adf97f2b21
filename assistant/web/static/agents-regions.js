// The server writes whole regions again: the focus, what is open, and what is being typed there stay as they were.

import { setAttribute } from "./dom.js";

const open = new Map(); // id of a <details> -> whether it is open
const typed = new Map(); // id of a field -> what is in it
let focus = null; // {id, start, end}

const region = (target) => target.closest?.("[id^=region-]");

document.addEventListener("toggle", (event) => event.target.id && region(event.target) && open.set(event.target.id, event.target.open), true);

document.addEventListener("input", ({ target }) => {
  if (target.id && region(target) && target.matches("textarea, input[type=search]")) typed.set(target.id, target.value);
  remember(target);
});

document.addEventListener("focusin", ({ target }) => remember(target));
document.addEventListener("selectionchange", () => remember(document.activeElement));
document.addEventListener("pointerdown", ({ target }) => {
  if (!target.closest?.("a, button, input, select, textarea, summary, label, [tabindex]")) focus = null;
});

function remember(target) {
  if (target === document.body || !target) return;
  const texts = target.matches?.("textarea, input[type=search]");
  focus = target.id && region(target) ? { id: target.id, start: texts ? target.selectionStart : 0, end: texts ? target.selectionEnd : 0 } : null;
}

// What was typed in a field has been taken by the server, or no longer matters.
export const forgetTyped = (...ids) => ids.forEach((id) => typed.delete(id));

export function forgetRequest() {
  forgetTyped("ask-question", "note-text");
  for (const id of [...open.keys()]) if (!id.endsWith("-section") && id !== "filters-more") open.delete(id);
}

function restore(root) {
  for (const details of root.querySelectorAll("details[id]")) {
    if (open.has(details.id)) details.open = open.get(details.id);
  }
  for (const [id, value] of typed) {
    const area = root.querySelector(`#${CSS.escape(id)}`);
    if (area && area.value !== value) area.value = value;
  }
  if (!focus || document.activeElement !== document.body) return;
  const again = root.querySelector(`#${CSS.escape(focus.id)}`);
  if (!again) return;
  const { start, end } = focus;
  again.focus({ preventScroll: true });
  if (again.matches("textarea, input[type=search]")) again.setSelectionRange(start, end);
}

// Call `drawn` with each region whenever the server has written it again.
export function watch(drawn) {
  for (const root of document.querySelectorAll("[id^=region-]")) {
    // Gradio has its Markdown read as an article of its own.
    const act = () => {
      restore(root);
      drawn(root);
    };
    new MutationObserver(act).observe(root, { childList: true, subtree: true });
    setAttribute(root, "data-watched", "true");
    act();
  }
}
