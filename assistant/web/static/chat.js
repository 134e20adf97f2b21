// READ FIRST of the scripts of the chat: what it adds to the Gradio application.
//
// Gradio shows the messages; this makes them speak French to a screen reader, keeps one question at a time, keeps the
// conversation in the browser (conversations.js), opens the panel of a source (panel.js), corrects facts (facts.js),
// shares and exports (sharing.js), and sends opinions (opinions.js).

import { keep, renew, start } from "./conversations.js";
import { byId, notify, setAttribute, setText } from "./dom.js";
import { lockOldFacts, openEditor } from "./facts.js";
import { exchanges, field, log, press, write } from "./gradio.js";
import { markOpinions, openOpinion } from "./opinions.js";
import "./panel.js";
import { findPlaces, forgetPlaces } from "./places.js";
import { copyAnswer, offerShared, showTools } from "./sharing.js";

const SLOW_MS = 600;
const VERY_SLOW_MS = 12_000;
const LONGEST_PREFILL = 2_000;
const LONGEST_QUESTION = 5_000; // characters that the assistant reads (chain.py)
const WATCH_MS = 2_500;
const SERVER_TROUBLE = "Le serveur ne répond pas pour le moment. Réessayez dans un instant ; si cela persiste, rechargez la page.";

const state = { started: false, asking: null, instance: null, broken: false, leaving: false, wasPending: false, doing: null, held: false, queue: [], timers: [], seen: new WeakSet() };

// What is being typed or was asked without an answer survives a reload of the tab.
function remember(name, text) {
  try {
    if (text) sessionStorage.setItem(name, text);
    else sessionStorage.removeItem(name);
  } catch {
    // Storage refused: nothing to bring back.
  }
}

function remembered(name) {
  try {
    return sessionStorage.getItem(name) || "";
  } catch {
    return "";
  }
}

// One question at a time

const pending = () => log()?.querySelector(".pending") !== null && log() !== null;
const busy = () => state.asking !== null || pending();

function begin(question) {
  state.asking = question;
  state.doing = null;
  state.held = false;
  forgetPlaces();
  remember("asked", question);
  remember("draft", "");
  byId("announcement").textContent = "Question envoyée.";
  state.timers = [
    setTimeout(() => pending() || notify("Envoi de la question…"), SLOW_MS),
    setTimeout(tooSlow, VERY_SLOW_MS),
    setInterval(watch, WATCH_MS),
  ];
}

// Gradio does not notice a server that leaves in the middle of an answer: ask whether it is there, and still the same.
async function watch() {
  const asked = state.asking;
  const instance = await instanceOf();
  if (instance === undefined || asked === null || asked !== state.asking || state.leaving) return;
  if (instance === null || (state.instance && instance !== state.instance)) fail();
  state.instance = instance ?? state.instance;
}

function tooSlow() {
  notify("La réponse tarde : la connexion ou le serveur est lent. Votre question n’est pas perdue ; « Recommencer » arrête l’attente.");
}

function end() {
  for (const timer of state.timers) clearTimeout(timer); // clears intervals too
  state.timers = [];
  state.asking = null;
  remember("asked", "");
}

// Called before Gradio hears of it: a second question waits for the answer to the first.
function guard(event, question) {
  if (!question.trim()) return;
  if (busy()) {
    event.preventDefault();
    event.stopImmediatePropagation();
    byId("announcement").textContent = "";
    notify("Une réponse est en cours : attendez-la, ou choisissez « Recommencer ».");
    return;
  }
  if (question.length > LONGEST_QUESTION) {
    event.preventDefault();
    event.stopImmediatePropagation();
    notify(`Votre message fait ${question.length.toLocaleString("fr-FR")} caractères\u00a0: l’assistant en lit ${LONGEST_QUESTION.toLocaleString("fr-FR")} au plus. Raccourcissez-le ou posez vos questions une à une.`);
    return;
  }
  if (state.broken) {
    event.preventDefault();
    event.stopImmediatePropagation();
    revive(question);
    return;
  }
  notify("");
  begin(question);
}

// Gradio keeps waiting on a stream that broke: once the server is back, the page starts anew and sends the question.
async function revive(question) {
  notify("Reprise du contact avec le serveur…");
  if (!(await instanceOf())) {
    notify(SERVER_TROUBLE);
    return;
  }
  remember("resend", question);
  remember("draft", "");
  location.reload();
}

// The name of the run of the server; null when it does not answer.
async function instanceOf() {
  try {
    const reply = await fetch("conversation/serveur.json", { cache: "no-store", signal: AbortSignal.timeout(WATCH_MS * 2) });
    return (await reply.json()).instance;
  } catch (error) {
    return error.name === "TimeoutError" ? undefined : null; // slow, perhaps busy with the answer itself
  }
}

document.addEventListener(
  "keydown",
  (event) => {
    const typed = event.target.closest?.("#question textarea");
    if (typed && event.key === "Enter" && !event.shiftKey && !event.isComposing) guard(event, typed.value);
  },
  true,
);
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest?.("#send")) guard(event, field("question").value);
    const proposal = event.target.closest?.("button.proposal");
    if (proposal) guard(event, proposal.textContent);
    if (event.target.closest?.("#restart") && event.isTrusted) giveUp();
  },
  true,
);
document.addEventListener("input", (event) => {
  if (event.target.closest?.("#question textarea")) remember("draft", event.target.value);
});

function giveUp() {
  const had = exchanges().length > 0;
  end();
  state.queue = [];
  if (had) renew();
}

// What an answer changes

// Gradio writes the conversation a little after it shows the answer.
function settleOnceKept(patience = 100) {
  const shown = lastShown()?.id;
  if (!shown || `reponse-${exchanges().at(-1)?.number}` === shown || patience === 0) settled();
  else setTimeout(settleOnceKept, 30, patience - 1);
}

const lastShown = () => [...document.querySelectorAll("#conversation .answer")].at(-1);

function settled() {
  end();
  notify("");
  if (exchanges().length) {
    announce();
    keep();
  }
  lockOldFacts(); // the fact that was corrected is locked: it would lose the focus
  if (document.activeElement === document.body || document.activeElement.disabled) focusLastQuestion();
  const next = state.queue.shift();
  if (next) setTimeout(askNow, 50, next);
}

// The whole answer is said once, without its numbers and buttons: Gradio's own announcement reads all its markup.
function announce() {
  const last = lastShown();
  if (!last) return;
  const texts = [last.querySelector(".kind"), ...last.querySelectorAll(":scope > .text")].filter(Boolean).map((part) => {
    const copy = part.cloneNode(true);
    for (const out of copy.querySelectorAll(".marker, .icon")) out.remove();
    return copy.textContent.trim();
  });
  byId("announcement").textContent = texts.join(". ");
}

function focusLastQuestion() {
  const question = [...document.querySelectorAll("#conversation .question")].at(-1);
  if (!question) return;
  question.tabIndex = -1;
  question.focus({ preventScroll: true });
}

function follow() {
  const now = pending();
  if (now && !state.wasPending) clearTimeout(state.timers[0]);
  if (now) sayDoing();
  if (lastShown()) findPlaces(lastShown());
  if ((now || state.wasPending) && !state.held) {
    const questions = document.querySelectorAll("#conversation .question");
    questions[questions.length - 1]?.scrollIntoView({ block: "start" });
  }
  if (state.wasPending && !now) settleOnceKept();
  state.wasPending = now;
}

// What is being done to an answer that takes long is said once each time it changes, and is no sign of trouble.
function sayDoing() {
  const doing = document.querySelector("#conversation .pending .doing");
  if (!doing || doing === state.doing) return;
  const said = state.doing?.textContent;
  state.doing = doing;
  if (doing.textContent !== said) byId("announcement").textContent = doing.textContent;
  clearTimeout(state.timers[1]);
  state.timers[1] = setTimeout(tooSlow, VERY_SLOW_MS);
}

// Who moves in an answer as it comes is not brought back to its question.
const MOVES = ["ArrowDown", "ArrowUp", "End", "Home", "PageDown", "PageUp", " "];
for (const kind of ["wheel", "touchmove", "keydown"]) {
  document.addEventListener(
    kind,
    (event) => {
      if (state.doing?.isConnected && (kind !== "keydown" || MOVES.includes(event.key))) state.held = true;
    },
    { passive: true },
  );
}

// What Gradio leaves to be said

function describe(area) {
  setAttribute(area, "aria-label", "Conversation");
  setAttribute(area, "aria-live", "off");
  setAttribute(area, "aria-busy", String(pending()));
  for (const message of area.querySelectorAll("[data-testid=user], [data-testid=bot]")) {
    setAttribute(message, "role", "group");
    setAttribute(message, "aria-label", message.dataset.testid === "user" ? "Vous" : "Assistant");
  }
  for (const icon of area.querySelectorAll(".icon")) setAttribute(icon, "aria-hidden", "true");
  for (const marker of area.querySelectorAll("a.marker")) {
    const title = area.querySelector(`${marker.hash} .title`)?.textContent;
    setAttribute(marker, "aria-label", `Source ${marker.textContent.replace(/\D/g, "")}${title ? `\u00a0: ${title}` : ""}`);
  }
  // The sanitizer sends every link to a new tab: ours stay here, and « back » finds the conversation again.
  for (const link of document.querySelectorAll("#conversation a[target], #model-hint a[target]")) {
    if (link.origin === location.origin) link.removeAttribute("target");
  }
  for (const term of area.querySelectorAll("a.term[title]")) {
    term.dataset.definition = term.title;
    term.removeAttribute("title");
  }
}

// Gradio's own notices are in English, concern the connection or a full queue, and are buttons within a button: they
// are not shown (chat.css), and said by ours.
function relayNotices() {
  const fresh = [...document.querySelectorAll("[data-testid=toast-body]")].filter((toast) => !state.seen.has(toast));
  for (const toast of fresh) state.seen.add(toast);
  if (!fresh.length || state.leaving) return;
  if (state.asking === null) notify(SERVER_TROUBLE);
  else fail();
}

// The server left in the middle: the question goes back where it was typed.
function fail() {
  const question = state.asking;
  end();
  state.queue = [];
  state.wasPending = false; // nothing was answered
  state.broken = true;
  for (const waiting of document.querySelectorAll("#conversation .pending")) waiting.classList.replace("pending", "interrupted");
  for (const line of document.querySelectorAll("#conversation .waiting")) setText(line, "Réponse interrompue : votre question est replacée dans la zone de saisie.");
  if (!field("question").value) write("question", question);
  notify(SERVER_TROUBLE);
}

// A page that is left breaks its own stream: that is no failure, and the question is to be found again.
window.addEventListener("beforeunload", () => {
  state.leaving = true;
});
window.addEventListener("pageshow", () => {
  state.leaving = false;
});

// Gradio follows the system; the visitor may have chosen another theme.
function followTheme() {
  document.body.classList.toggle("dark", document.documentElement.dataset.theme === "dark");
}

function refresh() {
  relayNotices();
  const area = log();
  if (!area || !field("history") || !field("question") || !byId("restore")) return;
  if (!state.started) begun();
  describe(area);
  follow();
  lockOldFacts();
  markOpinions();
  showTools();
}

function begun() {
  state.started = true;
  instanceOf().then((instance) => {
    state.instance = instance;
  });
  byId("toolbar").hidden = false;
  if (byId("model-hint")) field("question").setAttribute("aria-describedby", "model-hint");
  if (location.hash.startsWith("#question=")) remember("conversation", ""); // a new one: nothing is brought back
  start();
  const resent = remembered("resend");
  remember("resend", "");
  const lost = remembered("asked");
  const draft = resent || lost || remembered("draft");
  if (draft) write("question", draft);
  if (lost) {
    remember("draft", lost);
    remember("asked", "");
    notify("Votre dernière question n’avait pas reçu de réponse : elle est replacée dans la zone de saisie.");
  }
  if (resent) setTimeout(askNow, 100, resent);
  prefill();
  offerShared((questions) => {
    state.queue = questions.slice(1);
    askNow(questions[0]);
  });
}

// The page of a project hands its facts over, for a question to be added.
function prefill() {
  const mark = "#question=";
  if (!location.hash.startsWith(mark)) return;
  let text = "";
  try {
    text = decodeURIComponent(location.hash.slice(mark.length)).slice(0, LONGEST_PREFILL);
  } catch {
    // Not ours: the page opens as usual.
  }
  history.replaceState(null, "", location.pathname + location.search);
  if (!text) return;
  write("question", text);
  const box = field("question");
  box.focus();
  box.setSelectionRange(text.length, text.length);
  notify("Votre projet est repris dans la zone de saisie : complétez la question, puis envoyez-la.");
}

// Ask without a key or a click of the visitor.
function askNow(question) {
  write("question", question);
  byId("send").click();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#conversation button");
  if (!button) return;
  if (button.classList.contains("copy")) copyAnswer(button);
  else if (button.matches(".useful, .useless")) openOpinion(button);
  else if (button.classList.contains("fact")) openEditor(button, amend);
});

function amend(fact, value) {
  if (busy()) return;
  if (state.broken) {
    notify(SERVER_TROUBLE);
    return;
  }
  begin("");
  write("amendment", JSON.stringify({ fact, value }));
  press("amend");
}

for (const dialog of document.querySelectorAll("dialog")) {
  for (const close of dialog.querySelectorAll(".close")) close.addEventListener("click", () => dialog.close());
}

let planned = false;

function plan() {
  if (planned) return;
  planned = true;
  queueMicrotask(() => {
    planned = false;
    refresh();
  });
}

new MutationObserver(plan).observe(document.documentElement, { attributeFilter: ["aria-label"], childList: true, subtree: true });
new MutationObserver(followTheme).observe(document.documentElement, { attributeFilter: ["data-theme"] });
new MutationObserver(followTheme).observe(document.body, { attributeFilter: ["class"] });
followTheme();
refresh();
