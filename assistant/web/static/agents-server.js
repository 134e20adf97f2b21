// How the desk asks the server for something: one command at a time, through the hidden fields of the Gradio page.

import { field, press, write } from "./gradio.js";

const PATIENCE_MS = 30_000;
const PROBE_MS = 6_000;
const STEP_MS = 25;

export const SIGNED_OUT = "deconnecte";
export const BROKEN = "coupe"; // the server is there, this page has lost its thread with it
export const DOWN = "injoignable";

// A command that had no answer; `reason` says why.
export class NoAnswer extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

let cut = false; // Gradio never finds its server again once a call has failed: the page is to be loaded anew
let number = Date.now() % 1_000_000_000;
let last = Promise.resolve();
const seen = new WeakSet();

export const ready = () => Boolean(field("command") && field("result") && document.getElementById("run"));

// Ask, once what was asked before is answered; gives the result, `ok` or refused.
export function command(fields) {
  const answer = last.then(() => exchange(fields));
  last = answer.catch(() => null);
  return answer;
}

export const isCut = () => cut;

async function exchange(fields) {
  if (cut) throw new NoAnswer(await stateOfServer());
  const seq = ++number;
  noticesSeen();
  write("command", JSON.stringify({ ...fields, seq }));
  press("run");
  const limit = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = read();
    if (result?.seq === seq) return result;
    if (noticesSeen() || Date.now() > limit) {
      cut = true;
      throw new NoAnswer(await stateOfServer());
    }
    await pause(STEP_MS);
  }
}

function read() {
  try {
    return JSON.parse(field("result").value);
  } catch {
    return null;
  }
}

// Gradio says in a notice of its own, in English, that a call failed: not shown (agents.css), and said by ours.
function noticesSeen() {
  const fresh = [...document.querySelectorAll("[data-testid=toast-body]")].filter((toast) => !seen.has(toast));
  for (const toast of fresh) seen.add(toast);
  return fresh.length > 0;
}

// Save a letter without Gradio, whose thread with the server is cut; the result is that of the command.
export async function saveApart({ id, version, text }) {
  let reply;
  try {
    const body = JSON.stringify({ version, text });
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    reply = await fetch(`api/demandes/${id}/brouillon`, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new NoAnswer(DOWN);
  }
  if (reply.status === 401) throw new NoAnswer(SIGNED_OUT);
  const { draft, message } = await reply.json().catch(() => ({}));
  if (reply.ok) return { ok: true, version: draft.version, at: draft.at, generated: false };
  if (!draft) return { ok: false, refused: "autre", message: message ?? "Le serveur n’a pas pu enregistrer ce texte." };
  return { ok: false, refused: "conflict", message, theirs: draft.text, version: draft.version, by: draft.by?.name ?? "l’assistant", at: draft.at };
}

export async function stateOfServer() {
  try {
    const reply = await fetch("api/demandes?page=1", { cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PROBE_MS) });
    return reply.status === 401 ? SIGNED_OUT : reply.ok ? BROKEN : DOWN;
  } catch {
    return DOWN;
  }
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
