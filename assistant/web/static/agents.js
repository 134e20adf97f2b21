// READ FIRST of the scripts of the desk: what is on screen, and what each click asks of the server.
//
// The address says which request is open and what the list shows. The server draws the regions of the page
// (agents-regions.js keeps the focus in them); commands go through agents-server.js; the text of the letter is
// agents-draft.js; files dropped, agents-files.js.

import { byId, make, notify, setText } from "./dom.js";
import { field, write } from "./gradio.js";
import * as draft from "./agents-draft.js";
import { receive } from "./agents-files.js";
import { forgetRequest, forgetTyped, watch } from "./agents-regions.js";
import { command, NoAnswer, pause, ready } from "./agents-server.js";

const PRESENCE_MS = 15_000;
const SEARCH_MS = 350;
const FILTERS = ["statut", "qui", "risque", "theme", "mots", "ordre", "page"];
const PASTED = "agents-colle";

const parameters = () => new URLSearchParams(location.search);
const asked = () => Number(parameters().get("demande")) || null;

function filter() {
  const given = parameters();
  return Object.fromEntries(FILTERS.filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
}

// Ask the server; what it refuses is said. Gives the result, null when there is none.
async function ask(fields) {
  document.body.classList.add("busy");
  try {
    const result = await command(fields);
    if (result.account) greet(result.account);
    if (!result.ok) refuse(result);
    else if (result.message) notify(result.message);
    return result;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    draft.trouble(error.reason);
    return null;
  } finally {
    document.body.classList.remove("busy");
  }
}

function refuse(result) {
  if (result.refused === "conflict") {
    draft.showConflict(result);
    return;
  }
  notify(result.message);
  if (result.refused === "points") {
    const first = [...document.querySelectorAll(".point")].find((box) => result.points.includes(box.dataset.key));
    for (const box of document.querySelectorAll(".point")) box.closest("p").classList.toggle("left", result.points.includes(box.dataset.key));
    first?.focus();
  }
}

function greet(account) {
  setText(byId("account"), account.name);
  byId("figures-link").hidden = !account.manager;
}

// What is on screen

function show(view) {
  document.body.dataset.view = view;
  for (const button of document.querySelectorAll("#views button")) button.setAttribute("aria-pressed", String(button.dataset.view === view));
}

function isOpen(open) {
  document.body.classList.toggle("with-request", open);
  byId("nothing-open").hidden = open;
  for (const button of document.querySelectorAll("#views button:not([data-view=inbox])")) button.disabled = !open;
  if (!open) show("inbox");
}

// Show what the address says.
async function route({ moved = false } = {}) {
  const id = asked();
  // What cannot be saved now is kept in this browser, and proposed when the request is opened again.
  if (draft.currentId() !== null && draft.currentId() !== id) await draft.flush();
  if (id === null) {
    draft.close();
    isOpen(false);
    await ask({ do: "list", filter: filter() });
    return;
  }
  if (id === draft.currentId()) {
    await ask({ do: "list", id, filter: filter() });
    return;
  }
  forgetRequest();
  const result = await ask({ do: "open", id, filter: filter() });
  if (asked() !== id) return;
  if (result?.ok) opened(result, moved);
  else if (result) {
    draft.close();
    isOpen(false);
    history.replaceState(null, "", address({ demande: "" }));
    await command({ do: "list", filter: filter() });
  }
}

function opened(result, moved) {
  isOpen(true);
  preview(false);
  byId("region-answer").classList.remove("shown");
  draft.open(result);
  sayPresent(result.others ?? []);
  document.title = `${result.subject || "Sans objet"} – Espace agents`;
  if (!moved) return;
  show("message");
  if (matchMedia("(max-width: 74.99rem)").matches) byId("message-title")?.focus();
}

function address(changes) {
  const given = parameters();
  for (const [name, value] of Object.entries(changes)) {
    if (value) given.set(name, value);
    else given.delete(name);
  }
  return `?${given}`;
}

function go(href) {
  history.pushState(null, "", href);
  return route({ moved: Boolean(asked()) });
}

// A command on the request that is open: what is being typed is saved before.
async function act(fields, { saved = true, replaces = false } = {}) {
  if (saved && !(await draft.flush())) return null;
  const id = draft.currentId();
  if (replaces) field("draft").readOnly = true;
  const result = await ask({ id, version: draft.currentVersion(), filter: filter(), ...fields });
  if (replaces) field("draft").readOnly = false;
  if (result?.ok && id === draft.currentId()) (replaces ? draft.replace : draft.adopt)(result);
  return result;
}

// Presence

async function beat() {
  const id = draft.currentId();
  if (id === null || document.hidden || !byId("conflict").hidden) return;
  const result = await command({ do: "present", id }).catch(() => null);
  if (!result?.ok || id !== draft.currentId()) return;
  sayPresent(result.others);
  if (!draft.isStale(result.version)) return;
  const fresh = await command({ do: "open", id, filter: filter() }).catch(() => null);
  if (!fresh?.ok || !draft.isStale(fresh.version)) return;
  draft.adopt(fresh);
  notify(`${fresh.by || "L’assistant"} a modifié ce texte\u00a0: la version affichée est à jour.`);
}

let presence = "";

function sayPresent(names) {
  presence = names.length ? `${names.join(", ")} ${names.length > 1 ? "sont" : "est"} aussi sur cette demande.` : "";
  paint();
}

// What the script itself writes in the regions.
function paint() {
  const line = byId("presence");
  if (line) setText(line, presence);
}

// Questions before doing

function confirmed(title, words, yes, items = []) {
  const dialog = byId("confirm");
  setText(byId("confirm-title"), title);
  setText(byId("confirm-text"), words);
  setText(byId("confirm-yes"), yes);
  byId("confirm-list").replaceChildren(...items.map((textContent) => make("li", { textContent })));
  byId("confirm-list").hidden = !items.length;
  dialog.returnValue = "";
  dialog.showModal();
  byId("confirm-no").focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "oui"), { once: true }));
}

async function mayReplace() {
  if (!draft.isEdited()) return true;
  return confirmed("Refaire la lettre\u00a0?", "Vous avez modifié ce texte\u00a0: la nouvelle lettre le remplacera. Il restera dans l’historique, d’où vous pourrez le reprendre.", "Refaire la lettre");
}

async function redraft(questions) {
  const selects = ["tone", "length"].map(byId);
  const [tone, length] = selects.map((select) => select.value);
  if (!(await mayReplace())) {
    for (const select of selects) select.value = [...select.options].find((option) => option.defaultSelected)?.value ?? select.value;
    return;
  }
  const result = await act({ do: "redraft", tone, length, ...(questions ? { questions } : {}) }, { replaces: true });
  if (result?.ok) preview(false);
}

// The list of questions

const questions = () => [...document.querySelectorAll("#questions .question")].map((area) => area.value).filter((words) => words.trim());

function renumber() {
  document.querySelectorAll("#questions li").forEach((item, place) => {
    item.querySelector(".question").setAttribute("aria-label", `Question ${place + 1}`);
    item.querySelector(".drop-question").setAttribute("aria-label", `Retirer la question ${place + 1}`);
  });
}

function addQuestion() {
  const area = make("textarea", { className: "question", rows: 2, maxLength: 2000 });
  const drop = make("button", { type: "button", className: "link drop-question", textContent: "Retirer" });
  byId("questions").append(make("li", {}, area, drop));
  renumber();
  area.focus();
}

function dropQuestion(button) {
  button.closest("li").remove();
  renumber();
  byId("add-question").focus();
}

// The letter: preview, sources, clipboard

async function preview(on) {
  if (on && !(await draft.flush())) return;
  document.body.classList.toggle("previewing", on);
  byId("show-editor")?.setAttribute("aria-pressed", String(!on));
  byId("show-preview")?.setAttribute("aria-pressed", String(on));
}

function showSource(id) {
  const card = document.getElementById(id);
  if (!card) return;
  for (let parent = card; parent; parent = parent.parentElement.closest("details")) parent.open = true;
  const summary = card.querySelector("summary");
  summary.scrollIntoView({ block: "center" });
  summary.focus({ preventScroll: true });
}

async function copy() {
  const result = await act({ do: "clipboard" });
  if (!result?.ok) return;
  try {
    const parts = { "text/html": result.html, "text/plain": result.plain };
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(Object.entries(parts).map(([type, words]) => [type, new Blob([words], { type })])))]);
    notify("La réponse est copiée, avec sa mise en forme.");
  } catch {
    notify(copyByEvent(result) ? "La réponse est copiée, avec sa mise en forme." : "Le navigateur a refusé la copie\u00a0: exportez la réponse, ou copiez le texte à la main.");
  }
}

// Without the clipboard of secure pages: the older way.
function copyByEvent({ html, plain }) {
  let done = false;
  const give = (event) => {
    event.preventDefault();
    event.clipboardData.setData("text/html", html);
    event.clipboardData.setData("text/plain", plain);
    done = true;
  };
  document.addEventListener("copy", give, { once: true });
  document.execCommand("copy");
  document.removeEventListener("copy", give);
  return done;
}

async function copyMine() {
  const area = byId("conflict-mine");
  try {
    await navigator.clipboard.writeText(area.value);
  } catch {
    area.select();
    document.execCommand("copy");
  }
  notify("Votre texte est copié.");
}

async function compare(revision) {
  const result = await act({ do: "compare", revision: Number(revision) });
  if (!result?.ok) return;
  byId("difference-body").innerHTML = result.difference; // written and escaped by the server
  byId("difference").showModal();
}

async function exportAs(link) {
  if (await draft.flush()) make("a", { href: link.href, download: "" }).click();
}

async function send() {
  const recipients = [...document.querySelectorAll("#recipients li")].map((item) => item.textContent);
  if (!(await draft.flush())) return;
  if (!recipients.length) {
    notify("Ce message n’a pas d’adresse à laquelle répondre\u00a0: exportez la réponse.");
    return;
  }
  const yes = await confirmed("Envoyer cette réponse\u00a0?", "Elle partira aussitôt, sans retour possible, à\u00a0:", "Envoyer", recipients);
  if (yes) await act({ do: "send" });
}

async function remove() {
  const id = draft.currentId();
  const result = await act({ do: "remove" });
  if (!result?.ok) return;
  draft.close();
  isOpen(false);
  history.pushState(null, "", address({ demande: "" }));
  byId("region-inbox").querySelector("a")?.focus();
  notify(result.message, ["Annuler", () => takeBack(id)]);
}

async function takeBack(id) {
  const result = await ask({ do: "take_back", id, filter: filter() });
  if (result?.ok) {
    draft.close();
    await go(address({ demande: String(id), statut: parameters().get("statut") === "corbeille" ? "" : parameters().get("statut") }));
  }
}

// The assistant asked from the desk

let question = "";

async function askAssistant() {
  question = byId("ask-question").value;
  const result = await act({ do: "ask", question });
  if (!result?.ok) return;
  byId("region-answer").classList.add("shown");
  await pause(60);
  byId("asked-title")?.focus();
}

function closeAnswer() {
  byId("region-answer").classList.remove("shown");
  byId("ask-question")?.focus();
}

async function insert() {
  const result = await act({ do: "insert", question }, { replaces: true });
  if (!result?.ok) return;
  forgetTyped("ask-question");
  byId("region-answer").classList.remove("shown");
  field("draft").focus();
}

async function addNote() {
  const result = await act({ do: "note", text: byId("note-text").value }, { saved: false });
  if (!result?.ok) return;
  forgetTyped("note-text");
  byId("note-text").value = "";
}

// New requests

function adding(on) {
  document.body.classList.toggle("adding", on);
  byId("new-request").setAttribute("aria-expanded", String(on));
  if (on) {
    show("inbox");
    field("pasted").focus();
  }
}

function keepPasted(words) {
  try {
    if (words) sessionStorage.setItem(PASTED, words);
    else sessionStorage.removeItem(PASTED);
  } catch {
    // Storage refused: it lasts as long as the page.
  }
}

async function paste() {
  if (!(await draft.flush())) return;
  const words = field("pasted").value;
  forgetRequest();
  const result = await ask({ do: "paste", text: words, filter: filter() });
  if (!result?.ok) {
    field("pasted").focus();
    return;
  }
  write("pasted", "");
  keepPasted("");
  adding(false);
  history.pushState(null, "", address({ demande: String(result.id) }));
  opened(result, true);
  notify(result.message);
}

async function addFiles(files) {
  if (!files.length) return;
  adding(true);
  const ids = await receive(files);
  await ask({ do: "list", ...(draft.currentId() ? { id: draft.currentId() } : {}), filter: filter() });
  notify(`${files.length > 1 ? `${files.length} fichiers traités` : "1 fichier traité"}\u00a0: le détail est dans «\u00a0Nouvelle demande\u00a0».`);
  if (ids.length === 1 && files.length === 1) await go(address({ demande: String(ids[0]) }));
}

// Filters

let searching = 0;

function refilter() {
  const given = new FormData(byId("filters"));
  const changes = Object.fromEntries([...given].map(([name, value]) => [name, String(value).trim()]));
  history.replaceState(null, "", address({ ...changes, page: "" }));
  ask({ do: "list", ...(draft.currentId() ? { id: draft.currentId() } : {}), filter: filter() });
}

// Events

const CLICKS = {
  "#new-request": () => adding(!document.body.classList.contains("adding")),
  "#paste": paste,
  "#views button": (button) => show(button.dataset.view),
  ".status-button": (button) => button.getAttribute("aria-pressed") === "true" || act({ do: "status", status: button.dataset.status }),
  "#undo-status": () => act({ do: "undo_status" }),
  "#to-points": () => (document.querySelector(".point:not(:checked)") ?? document.querySelector(".point"))?.focus(),
  "#regenerate": () => act({ do: "regenerate", key: byId("paragraph").value }, { replaces: true }),
  "#redraft": () => redraft(questions()),
  "#add-question": addQuestion,
  ".drop-question": dropQuestion,
  "#insert": insert,
  "#close-asked": closeAnswer,
  "#show-editor": () => preview(false),
  "#show-preview": () => preview(true),
  "button.marker": (button) => showSource(button.dataset.source),
  "#copy": copy,
  "#send": send,
  ".compare": (button) => compare(button.dataset.revision),
  ".restore": (button) => act({ do: "restore", revision: Number(button.dataset.revision) }, { replaces: true }),
  ".propose": (button) => act({ do: "propose", key: button.dataset.key }),
  "#remove": remove,
  "#take-back": () => takeBack(draft.currentId()),
  "#settle-sent": () => act({ do: "settle", sent: true }),
  "#settle-not-sent": () => act({ do: "settle", sent: false }),
  "#conflict-keep": () => draft.keepMine(),
  "#conflict-take": () => draft.takeTheirs(),
  "#conflict-copy": copyMine,
  "#recovery-take": () => draft.takeFound(),
  "#recovery-drop": () => draft.dropFound(),
  "#confirm-yes": () => byId("confirm").close("oui"),
  "#confirm-no": () => byId("confirm").close(),
  "#difference-close": () => byId("difference").close(),
};

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a");
  if (link && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) follow(event, link);
  const button = event.target.closest?.("button");
  if (!button) return;
  const known = Object.entries(CLICKS).find(([selector]) => button.matches(selector));
  known?.[1](button);
});

function follow(event, link) {
  if (link.matches(".desk-link")) {
    event.preventDefault();
    go(link.getAttribute("href"));
  } else if (link.matches(".marker")) {
    event.preventDefault();
    showSource(link.hash.slice(1));
  } else if (link.matches(".export")) {
    event.preventDefault();
    exportAs(link);
  }
}

document.addEventListener("change", ({ target }) => {
  if (target.matches(".point")) tick(target);
  else if (target.id === "assignee") act({ do: "assign", account: Number(target.value) }, { saved: false });
  else if (target.id === "tone" || target.id === "length") redraft();
  else if (target.id === "files") addFiles(target.files).then(() => (target.value = ""));
  else if (target.matches("#filters select")) refilter();
});

async function tick(box) {
  const result = await act({ do: "tick", key: box.dataset.key, checked: box.checked });
  if (!result?.ok) box.checked = !box.checked;
}

document.addEventListener("submit", (event) => {
  if (event.target.id === "sign-out") return;
  event.preventDefault();
  if (event.target.id === "ask-form") askAssistant();
  else if (event.target.id === "note-form") addNote();
  else if (event.target.id === "filters") refilter();
});

document.addEventListener("input", ({ target }) => {
  if (target.closest?.("#draft")) draft.typed();
  else if (target.closest?.("#pasted")) keepPasted(target.value);
  else if (target.id === "filter-mots") {
    clearTimeout(searching);
    searching = setTimeout(refilter, SEARCH_MS);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const panel = event.target.closest?.("details.panel[open]");
  if (panel) {
    panel.open = false;
    panel.querySelector("summary").focus();
  } else if (event.target.closest?.("#region-answer")) {
    closeAnswer();
  } else if (event.target.closest?.("#adding")) {
    adding(false);
    byId("new-request").focus();
  }
});

for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dropping", name === "dragover");
    if (name === "drop") addFiles(event.dataTransfer.files);
  });
}
document.addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));

window.addEventListener("popstate", () => route({ moved: true }));
window.addEventListener("beforeunload", draft.warnLeaving);

// Gradio follows the system; the person may have chosen another theme.
function followTheme() {
  document.body.classList.toggle("dark", document.documentElement.dataset.theme === "dark");
}

async function start() {
  while (!ready() || !byId("region-beside") || !byId("save-state")) await pause(40);
  new MutationObserver(followTheme).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  new MutationObserver(followTheme).observe(document.body, { attributeFilter: ["class"] });
  followTheme();
  byId("contenu").classList.add("ready");
  watch(paint);
  draft.forgetOld();
  restorePasted();
  isOpen(false);
  await route({ moved: Boolean(asked()) });
  setInterval(beat, PRESENCE_MS);
}

function restorePasted() {
  let words = "";
  try {
    words = sessionStorage.getItem(PASTED) || "";
  } catch {
    // Storage refused: nothing was kept.
  }
  if (!words) return;
  write("pasted", words);
  adding(true);
}

start();
