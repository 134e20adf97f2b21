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

async function exchange(fields) {
  const seq = ++number;
  noticesSeen();
  write("command", JSON.stringify({ ...fields, seq }));
  press("run");
  const limit = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = read();
    if (result?.seq === seq) return result;
    if (noticesSeen() || Date.now() > limit) throw new NoAnswer(await stateOfServer());
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

export async function stateOfServer() {
  try {
    const reply = await fetch("api/demandes?page=1", { cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PROBE_MS) });
    return reply.status === 401 ? SIGNED_OUT : reply.ok ? BROKEN : DOWN;
  } catch {
    return DOWN;
  }
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
