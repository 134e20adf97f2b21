// How our scripts speak to the Gradio application: through its hidden fields and buttons, as a user would.

export const field = (id) => document.querySelector(`#${id} textarea`);

export function write(id, text) {
  const area = field(id);
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

export const press = (id) => document.getElementById(id).click();

// The conversation, as the server wrote it: [{number, question, day, answer}], oldest first.
export function exchanges() {
  try {
    const rows = JSON.parse(field("history")?.value || "[]");
    return Array.isArray(rows) ? rows : [];
  } catch {
    return [];
  }
}

export const log = () => document.querySelector("#conversation [role=log]");

export const answers = () => [...document.querySelectorAll("#conversation .answer:not(.pending)")];
