// The project form, live: as answers change, the same address is asked for and its answers and result replace those
// shown. The page works without this script; what is typed is never lost, and only the last response is shown.

import { byId, copyText, make } from "./dom.js";

const TYPING = 600; // milliseconds without a key before what is typed is sent
const SLOW = 3000;
const TOO_LONG = 20000;
const PARTS = ["reponses", "resultat"];

const form = byId("projet");
const said = byId("annonce");
const trouble = byId("panne");
let running = null;
let waiting = 0;
let shown = pathOf(location);

function pathOf(address) {
  return address.pathname + address.search;
}

function addressOfForm() {
  const pairs = new URLSearchParams();
  const ticked = new Set(new FormData(form).getAll("categories"));
  const someLack = new FormData(form).get("finess_geo") === "partie";
  for (const [name, value] of new FormData(form)) {
    const uncounted = name.startsWith("nombre.") && !ticked.has(name.slice("nombre.".length));
    const unasked = name === "sans_finess" && !someLack;
    if (value.trim() && !uncounted && !unasked) pairs.append(name, value);
  }
  const query = pairs.toString();
  return form.action + (query ? `?${query}` : "");
}

// Where the question being answered is, for the server to leave it there: « carte:domaine ».
function placeOf(element) {
  const place = element?.closest("[data-place]");
  const field = element?.closest("[data-champ]");
  return place && field ? `${place.dataset.place}:${field.dataset.champ}` : "";
}

function showTrouble(text, retry) {
  trouble.replaceChildren(text);
  if (retry) {
    const again = make("button", { type: "button", className: "button", textContent: "Réessayer" });
    again.addEventListener("click", retry);
    trouble.append(" ", again);
  }
  trouble.hidden = !text;
}

function stop() {
  clearTimeout(waiting);
  waiting = 0;
  running?.abort();
  running = null;
  form.removeAttribute("aria-busy");
}

async function ask(address, place, signal) {
  const headers = place ? { "X-Question": place } : {};
  const response = await fetch(address, { headers, signal, cache: "no-store" });
  if (!response.ok && ![414, 422].includes(response.status)) throw new Error(`status ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const parts = PARTS.map((name) => page.getElementById(name));
  if (parts.includes(null)) throw new Error("not the page");
  return parts;
}

// Asks for an address and shows its answers and result; `then` runs once they are shown.
async function load(address, { place = "", then = () => {} } = {}) {
  stop();
  const mine = new AbortController();
  running = mine;
  form.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => showTrouble("Le serveur tarde à répondre. Vos réponses sont conservées sur cette page.", null), SLOW);
  const end = setTimeout(() => mine.abort("trop long"), TOO_LONG);
  try {
    const parts = await ask(address, place, mine.signal);
    if (running !== mine) return;
    showTrouble("", null);
    show(parts);
    then();
  } catch {
    if (running !== mine) return; // a later answer took its place
    showTrouble(
      "Le serveur ne répond pas\u00a0: le résultat affiché ne tient pas compte de votre dernière réponse. Vos réponses sont conservées sur cette page.",
      () => load(address, { place, then }),
    );
  } finally {
    clearTimeout(slow);
    clearTimeout(end);
    if (running === mine) {
      running = null;
      form.removeAttribute("aria-busy");
    }
  }
}

function show(parts) {
  const active = document.activeElement;
  const id = form.contains(active) ? active.id : "";
  const summary = active?.matches?.("summary") ? active.parentElement.id : "";
  const caret = active?.type === "text" ? [active.selectionStart, active.selectionEnd] : null;
  const before = active?.getBoundingClientRect().top ?? 0;
  const open = [...form.querySelectorAll("details[open]")].map((one) => one.id);
  parts.forEach((fresh) => byId(fresh.id).replaceWith(document.adoptNode(fresh)));
  open.forEach((one) => byId(one)?.setAttribute("open", ""));
  const kept = id ? byId(id) : summary ? byId(summary)?.querySelector("summary") : null;
  if (kept) {
    for (let box = kept.closest("details"); box; box = box.parentElement.closest("details")) {
      if (kept.parentElement !== box || !kept.matches("summary")) box.open = true;
    }
    kept.focus({ preventScroll: true });
    if (caret) kept.setSelectionRange(...caret);
    window.scrollBy({ top: kept.getBoundingClientRect().top - before, behavior: "instant" });
  }
  const news = byId("resultat").dataset.annonce;
  if (said.textContent !== news) said.textContent = news;
}

// One entry of the history for each question answered, so that « back » undoes an answer.
function remember(question) {
  const answers = byId("reponses");
  const address = "erreurs" in answers.dataset ? addressOfForm() : answers.dataset.adresse;
  if (new URL(address, location.href).href === location.href) return;
  if (history.state?.question === question && question) history.replaceState({ question }, "", address);
  else history.pushState({ question }, "", address);
  shown = pathOf(location);
}

function answered(element) {
  const question = element.closest("[data-champ]")?.dataset.champ ?? "";
  load(addressOfForm(), { place: placeOf(element), then: () => remember(question) });
}

// « Je ne sais pas » and an answer exclude each other.
function exclude(element) {
  const field = element.closest("[data-champ]");
  if (!field || element.type === "radio") return;
  const boxes = field.querySelectorAll("input[name=inconnu]");
  if (element.name !== "inconnu") {
    if (element.value.trim()) boxes.forEach((box) => (box.checked = false));
    return;
  }
  if (!element.checked) return;
  const counts = element.value === "nombre_par_categorie";
  const numbers = element.value === "sans_finess" ? "[name=sans_finess]" : "input[type=text]";
  field.querySelectorAll(numbers).forEach((input) => (input.value = ""));
  if (!counts) field.querySelectorAll("input[type=checkbox]:not([name=inconnu])").forEach((box) => (box.checked = false));
}

form.addEventListener("input", (event) => {
  if (event.target.type !== "text") return;
  stop();
  exclude(event.target);
  waiting = setTimeout(() => answered(event.target), TYPING);
});

form.addEventListener("change", (event) => {
  if (event.target.type === "text" && !waiting) return; // sent already
  exclude(event.target);
  answered(event.target);
});

// The answer ticked, else the first control that can be seen.
function controlIn(box) {
  const seen = [...box.querySelectorAll("summary, input, select")].filter(
    (one) => one.checkVisibility() && one !== box.firstElementChild,
  );
  return seen.find((one) => one.checked) ?? seen[0] ?? box.querySelector("h2");
}

function focusOn(element) {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

// After « Continuer »: the errors, else the row that was changed, else the next question.
function goOn(row) {
  const errors = byId("erreurs");
  const card = [...form.querySelectorAll(".question")].pop();
  if (errors) focusOn(errors);
  else if (byId(row)) {
    byId(row).open = false;
    focusOn(byId(row).querySelector("summary"));
  } else if (card) {
    focusOn(controlIn(card));
    card.scrollIntoView({ block: "nearest" });
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  // « Enter » in a field submits by the first button of the form: where the focus is tells more.
  const from = form.contains(document.activeElement) ? document.activeElement : event.submitter;
  const row = from?.closest(".rows details[id^=ligne]")?.id ?? "";
  const question = from?.closest("[data-champ]")?.dataset.champ ?? "";
  load(addressOfForm(), {
    then: () => {
      remember(question);
      goOn(row);
    },
  });
});

form.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-vif]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    load(link.href, {
      then: () => {
        remember("");
        goOn("");
      },
    });
  }
  if (event.target.id === "imprimer") window.print();
  if (event.target.id === "copier") copy();
});

async function copy() {
  const address = new URL(byId("reponses").dataset.adresse, location.href).href;
  const news = byId("copie");
  news.hidden = false;
  if (await copyText(address)) {
    news.textContent = said.textContent = "Lien copié\u00a0: il ne contient que les faits du projet.";
    return;
  }
  const input = make("input", { type: "text", readOnly: true, value: address });
  news.replaceChildren(make("label", {}, "Copiez cette adresse\u00a0:", input));
  input.select();
}

// A row opened by « Modifier » gives the focus to its control.
form.addEventListener(
  "toggle",
  (event) => {
    const row = event.target;
    if (!row.open || !row.matches(".rows details[id^=ligne]") || document.activeElement !== row.querySelector("summary")) return;
    controlIn(row)?.focus();
  },
  true,
);

// A link to a question opens what it is folded in.
function reveal() {
  const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  (target.matches("details") ? controlIn(target) : target).focus();
}
window.addEventListener("hashchange", reveal);

window.addEventListener("popstate", () => {
  if (pathOf(location) === shown) return; // only the fragment changed
  shown = pathOf(location);
  load(shown);
});
