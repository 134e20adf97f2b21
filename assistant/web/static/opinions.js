// Thumbs: an opinion on an answer, with its reasons, sent only when the visitor asks for it.

import { byId, notify, post, setAttribute } from "./dom.js";
import { exchangeOf } from "./sharing.js";

const given = new Map(); // key of an answer -> value

let exchange = null;
let value = null;

const lists = () => byId("opinion-form").querySelectorAll("fieldset"); // of reasons, one a value
const cut = (text, most) => [...text].slice(0, most).join(""); // the server counts characters, not UTF-16 units
const key = (row) => `${row.day} ${row.number} ${row.question}`;

export function openOpinion(button) {
  exchange = exchangeOf(button);
  if (!exchange?.answer) return;
  value = button.classList.contains("useful") ? "utile" : "inutile";
  byId("opinion-form").reset();
  byId("opinion-status").textContent = "";
  for (const list of lists()) list.hidden = list.dataset.value !== value;
  byId("opinion").showModal();
}

byId("opinion-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const shown = [...lists()].find((list) => !list.hidden);
  const reasons = [...shown.querySelectorAll("input:checked")].map((box) => box.value);
  const attach = byId("opinion-attach");
  const { maxQuestion, maxAnswer } = attach.dataset;
  const opinion = {
    value,
    reasons,
    comment: byId("opinion-comment").value,
    day: exchange.day,
    kind: exchange.answer.kind,
    ...(attach.checked ? { question: cut(exchange.question, maxQuestion), answer: cut(exchange.answer.answer, maxAnswer) } : {}),
  };
  byId("opinion-status").textContent = "Envoi…";
  try {
    const { id } = await post("avis", opinion);
    given.set(key(exchange), value);
    byId("opinion").close();
    markOpinions();
    notify("Merci, votre avis est enregistré.", ["Retirer mon avis", () => withdraw(id, exchange)]);
  } catch (error) {
    byId("opinion-status").textContent = error instanceof TypeError || error.name === "TimeoutError" ? "L’avis n’a pas pu être envoyé : le serveur ne répond pas. Réessayez dans un instant." : error.message;
  }
});

async function withdraw(id, row) {
  const response = await fetch(`avis/${encodeURIComponent(id)}`, { method: "DELETE" }).catch(() => null);
  if (response?.ok) {
    given.delete(key(row));
    markOpinions();
    notify("Votre avis est retiré.");
  } else {
    notify("Votre avis n’a pas pu être retiré : le serveur ne répond pas.", ["Réessayer", () => withdraw(id, row)]);
  }
}

export function markOpinions() {
  for (const button of document.querySelectorAll("#conversation .tool:is(.useful, .useless)")) {
    const row = exchangeOf(button);
    const mine = row && given.get(key(row));
    const pressed = mine === (button.classList.contains("useful") ? "utile" : "inutile");
    setAttribute(button, "aria-pressed", String(pressed));
  }
}
