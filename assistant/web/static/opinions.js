// Thumbs: an opinion on an answer, with its reasons, sent only when the visitor asks for it.

import { byId, make, notify, post, setAttribute } from "./dom.js";
import { exchangeOf } from "./sharing.js";

const REASONS = {
  utile: [["claire", "Claire"], ["complete", "Complète"], ["sources_utiles", "Sources utiles"]],
  inutile: [
    ["fausse", "Réponse fausse ou périmée"],
    ["incomplete", "Réponse incomplète"],
    ["hors_sujet", "Hors sujet"],
    ["pas_claire", "Pas claire"],
    ["trop_longue", "Trop longue"],
    ["sources_insuffisantes", "Sources manquantes ou insuffisantes"],
  ],
};
const given = new Map(); // key of an answer -> value

let exchange = null;
let value = null;

const key = (row) => `${row.day} ${row.number} ${row.question}`;

export function openOpinion(button) {
  exchange = exchangeOf(button);
  if (!exchange?.answer) return;
  value = button.classList.contains("useful") ? "utile" : "inutile";
  byId("opinion-form").reset();
  byId("opinion-status").textContent = "";
  byId("opinion-legend").textContent = value === "utile" ? "Cette réponse vous a été utile. Pourquoi ? (facultatif)" : "Cette réponse ne vous a pas été utile. Pourquoi ? (facultatif)";
  byId("opinion-reasons").replaceChildren(
    ...REASONS[value].map(([id, label]) => {
      const box = make("input", { type: "checkbox", name: "raison", value: id, id: `raison-${id}` });
      return make("p", { className: "check" }, box, " ", make("label", { htmlFor: box.id, textContent: label }));
    }),
  );
  byId("opinion").showModal();
}

byId("opinion-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const reasons = [...document.querySelectorAll("#opinion-reasons input:checked")].map((box) => box.value);
  const attached = byId("opinion-attach").checked;
  const opinion = {
    value,
    reasons,
    comment: byId("opinion-comment").value,
    day: exchange.day,
    kind: exchange.answer.kind,
    ...(attached ? { question: exchange.question.slice(0, 5000), answer: exchange.answer.answer.slice(0, 20_000) } : {}),
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
