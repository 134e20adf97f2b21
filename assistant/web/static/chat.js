// What the page does in the browser: markers open their source, the conversation is announced in French
// once an answer is whole, and the latest question stays in view while its answer arrives.
"use strict";

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function openSource(event) {
  const marker = event.target.closest?.("a.marker");
  if (!marker) return;
  event.preventDefault();
  const source = document.getElementById(marker.hash.slice(1));
  if (!source) return;
  source.open = true;
  const summary = source.querySelector("summary");
  summary.focus({ preventScroll: true });
  summary.scrollIntoView({ block: "center" });
}

function describe(log) {
  setAttribute(log, "aria-label", "Conversation");
  setAttribute(log, "aria-busy", String(log.querySelector(".pending") !== null));
  for (const message of log.querySelectorAll("[data-testid=user], [data-testid=bot]")) {
    setAttribute(message, "role", "group");
    setAttribute(message, "aria-label", message.dataset.testid === "user" ? "Vous" : "Assistant");
  }
  for (const icon of log.querySelectorAll(".icon")) setAttribute(icon, "aria-hidden", "true");
}

let wasPending = false;

function follow(log) {
  const pending = log.querySelector(".pending") !== null;
  if (pending || wasPending) {
    const questions = log.querySelectorAll(".question");
    questions[questions.length - 1]?.scrollIntoView({ block: "start" });
  }
  wasPending = pending;
}

const SERVER_TROUBLE =
  "Le serveur ne répond pas pour le moment. Réessayez dans un instant ; si cela persiste, rechargez la page.";

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Gradio's own notices are in English and concern the connection or a full queue.
function translateNotices() {
  for (const title of document.querySelectorAll(".toast-title")) setText(title, "Serveur indisponible");
  for (const text of document.querySelectorAll("[data-testid=toast-text]")) setText(text, SERVER_TROUBLE);
  for (const close of document.querySelectorAll("[data-testid=toast-close]")) {
    setAttribute(close, "aria-label", "Fermer");
  }
}

function refresh() {
  translateNotices();
  const log = document.querySelector("#conversation [role=log]");
  if (!log) return;
  describe(log);
  follow(log);
}

document.addEventListener("click", openSource);
new MutationObserver(refresh).observe(document.documentElement, {
  attributeFilter: ["aria-label"],
  childList: true,
  subtree: true,
});
