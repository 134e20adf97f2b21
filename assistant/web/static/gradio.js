// How our scripts speak to the Gradio application: through its hidden fields and buttons, as a user would.

export const field = (id) => document.querySelector(`#${id} textarea`);

export function write(id, text) {
  const area = field(id);
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

export const press = (id) => document.getElementById(id).click();

let read = { text: "[]", rows: [] };

// The conversation, as the server wrote it: [{number, question, day, answer}], oldest first; read once a version.
export function exchanges() {
  const text = field("history")?.value || "[]";
  if (text !== read.text) read = { text, rows: parse(text) };
  return read.rows;
}

function parse(text) {
  try {
    const rows = JSON.parse(text);
    return Array.isArray(rows) ? rows : [];
  } catch {
    return [];
  }
}

export const log = () => document.querySelector("#conversation [role=log]");

export const answers = () => [...document.querySelectorAll("#conversation .answer:not(.pending)")];
