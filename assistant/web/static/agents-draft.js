// The text of the letter: saved a moment after the last key, kept in this browser until the server has it.

import { byId, notify, setText } from "./dom.js";
import { field, write } from "./gradio.js";
import { BROKEN, command, DOWN, isCut, NoAnswer, saveApart, SIGNED_OUT } from "./agents-server.js";

const PAUSE_MS = 1_500;
const RETRY_MS = 5_000;
const KEPT_DAYS = 7;
const PREFIX = "agents-brouillon-";

const draft = { id: null, version: 0, saved: "", account: 0, editable: false, changed: false, conflict: null, timer: 0, saving: null, writing: false };

export const currentId = () => draft.id;
export const currentVersion = () => draft.version;
export const text = () => field("draft")?.value ?? "";
const dirty = () => draft.id !== null && text() !== draft.saved;

// Whether a person changed the letter since it was made: doing it again then asks first.
export const isEdited = () => draft.changed || dirty();

export const sayTime = (at) => `${at.getHours()}\u00a0h\u00a0${String(at.getMinutes()).padStart(2, "0")}`;
const sayMoment = (at) => `${at.toLocaleDateString("fr-FR", { day: "numeric", month: "long" })} à ${sayTime(at)}`;

function say(words, kind = "") {
  const line = byId("save-state");
  if (!line) return;
  setText(line, words);
  line.className = kind;
}

function put(words) {
  draft.writing = true;
  write("draft", words);
  draft.writing = false;
}

// What the browser keeps

const place = (id = draft.id) => `${PREFIX}${draft.account}-${id}`;

function keep() {
  try {
    localStorage.setItem(place(), JSON.stringify({ text: text(), version: draft.version, at: Date.now() }));
  } catch {
    // Storage refused or full: the text lasts as long as the page.
  }
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(place()));
    return typeof found?.text === "string" && Number.isInteger(found.version) ? found : null;
  } catch {
    return null;
  }
}

function forget() {
  try {
    localStorage.removeItem(place());
  } catch {
    // Nothing was kept.
  }
}

export function forgetOld() {
  try {
    const limit = Date.now() - KEPT_DAYS * 86_400_000;
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      if (!(JSON.parse(localStorage.getItem(key))?.at > limit)) localStorage.removeItem(key);
    }
  } catch {
    // Storage refused, or not ours to read.
  }
}

// What the server says

// Show the letter of a request that was just opened.
export function open(result) {
  clearTimeout(draft.timer);
  Object.assign(draft, { id: result.id, account: result.account.id, conflict: null });
  byId("conflict").hidden = true;
  byId("recovery").hidden = true;
  adopt(result);
  const found = kept();
  if (!found) return;
  if (found.text === result.text || !draft.editable) forget();
  else propose(found);
}

export function close() {
  clearTimeout(draft.timer);
  draft.id = null;
}

// Take the letter as the server has it; what was typed meanwhile stays, and is saved against the text it was typed on.
export function adopt(result) {
  if (result.id !== draft.id || typeof result.text !== "string") return;
  draft.editable = result.editable;
  draft.changed = !result.generated;
  field("draft").readOnly = !result.editable;
  const typed = draft.saved !== text() && draft.version !== 0 && shownId === draft.id;
  shownId = draft.id;
  if (typed && result.editable) {
    if (result.text === draft.saved) draft.version = result.version;
    return;
  }
  draft.version = result.version;
  draft.saved = result.text;
  if (text() !== result.text) put(result.text);
  say(result.by ? `Enregistré le ${sayMoment(new Date(result.at))}, par ${result.by}` : "Brouillon de l’assistant, non modifié", "saved");
}

let shownId = null;

// The letter was made anew on purpose: what is shown gives way.
export function replace(result) {
  draft.saved = text();
  adopt(result);
}

// Saving

export function typed() {
  if (draft.writing || draft.id === null || !draft.editable) return;
  keep();
  say("Non enregistré", "unsaved");
  clearTimeout(draft.timer);
  if (!draft.conflict) draft.timer = setTimeout(save, PAUSE_MS);
}

// Save now what is not; says whether the server has all of it.
export async function flush() {
  clearTimeout(draft.timer);
  if (draft.saving) await draft.saving;
  if (draft.conflict) {
    notify("Choisissez d’abord lequel des deux textes garder.");
    byId("conflict-title").focus();
    return false;
  }
  return dirty() ? save() : true;
}

function save() {
  draft.saving ??= saveNow().finally(() => {
    draft.saving = null;
  });
  return draft.saving;
}

async function saveNow() {
  if (!dirty() || draft.conflict) return !draft.conflict;
  const { id, version } = draft;
  const sent = text();
  say("Enregistrement…");
  let result;
  try {
    result = isCut() ? await saveApart({ id, version, text: sent }) : await command({ do: "save", id, version, text: sent });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    lost(error.reason);
    return false;
  }
  if (id !== draft.id) return result.ok;
  if (!result.ok) {
    refused(result);
    return false;
  }
  draft.version = result.version;
  draft.saved = sent;
  draft.changed = !result.generated;
  if (result.message) notify(result.message);
  if (text() === sent) {
    forget();
    if (isCut()) trouble(BROKEN);
    say(`Enregistré à ${sayTime(new Date(result.at))}`, "saved");
  } else {
    typed();
  }
  return true;
}

const LOST = {
  [DOWN]: "Non enregistré\u00a0: le serveur ne répond pas. Votre texte est gardé dans ce navigateur.",
  [BROKEN]: "Non enregistré\u00a0: le contact avec le serveur a été interrompu. Votre texte est gardé dans ce navigateur.",
  [SIGNED_OUT]: "Non enregistré\u00a0: votre session est terminée. Votre texte est gardé dans ce navigateur.",
};

function lost(reason) {
  say(LOST[reason], "unsaved");
  trouble(reason);
  if (reason !== SIGNED_OUT) draft.timer = setTimeout(save, reason === DOWN ? RETRY_MS : 0);
}

// What to do when the server did not answer.
export function trouble(reason) {
  if (reason === SIGNED_OUT) {
    notify("Votre session est terminée. Connectez-vous à nouveau\u00a0: votre texte vous sera proposé.", ["Se connecter", () => location.reload()]);
  } else if (reason === BROKEN) {
    notify("Le contact avec le serveur a été interrompu, puis rétabli\u00a0: votre texte continue d’être enregistré. Rechargez la page pour retrouver les autres actions.", ["Recharger", () => location.reload()]);
  } else {
    notify("Le serveur ne répond pas pour le moment. Votre texte est gardé dans ce navigateur et sera enregistré dès que possible.");
  }
}

function refused(result) {
  if (result.refused === "conflict") {
    showConflict(result);
    return;
  }
  say("Non enregistré\u00a0: votre texte est gardé dans ce navigateur.", "unsaved");
  notify(result.message);
}

// Two texts

export function showConflict(result) {
  draft.conflict = result;
  say("Non enregistré\u00a0: deux textes sont à départager.", "unsaved");
  setText(byId("conflict-message"), result.message);
  byId("conflict-mine").value = text();
  byId("conflict-theirs").value = result.theirs;
  setText(byId("conflict-theirs-label"), `Texte de ${result.by}, enregistré le ${sayMoment(new Date(result.at))}`);
  byId("conflict").hidden = false;
  byId("conflict-title").focus();
}

export function keepMine() {
  const { version, theirs } = draft.conflict;
  settle();
  draft.version = version;
  draft.saved = theirs;
  if (dirty()) save();
}

export function takeTheirs() {
  const { version, theirs } = draft.conflict;
  settle();
  draft.version = version;
  draft.saved = theirs;
  put(theirs);
  forget();
  say("Texte de l’autre personne repris\u00a0; le vôtre reste dans l’historique.", "saved");
}

function settle() {
  draft.conflict = null;
  byId("conflict").hidden = true;
  field("draft").focus();
}

// A text that was typed here and never reached the server

function propose(found) {
  setText(byId("recovery-when"), `Tapé le ${sayMoment(new Date(found.at))} dans ce navigateur, il n’avait pas pu être enregistré.`);
  setText(byId("recovery-text"), found.text);
  byId("recovery").hidden = false;
}

export function takeFound() {
  const found = kept();
  byId("recovery").hidden = true;
  field("draft").focus();
  if (!found) return;
  draft.version = found.version; // an older one: the server then tells that the text has changed since
  put(found.text);
  typed();
}

export function dropFound() {
  forget();
  byId("recovery").hidden = true;
  field("draft").focus();
}

// Another person saved: shown at once when nothing is being typed here.
export function isStale(version) {
  return draft.id !== null && version > draft.version && !draft.saving && !draft.conflict && !dirty();
}

export function warnLeaving(event) {
  if (dirty()) {
    keep();
    event.preventDefault();
  }
}
