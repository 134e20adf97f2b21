// What leaves the conversation: an answer copied, a link to the questions, a Markdown file, a printed page.

import { byId, copyText, frenchDay, make, notify, post, saveFile, setText } from "./dom.js";
import { answers, exchanges } from "./gradio.js";

const HASH = "#partage=";
const MOST_QUESTIONS = 10;
const LONGEST_QUESTION = 1000;
const DISCLAIMER = "Aide à la préparation d’un dossier : seuls les textes officiels et les décisions de l’ARS ou de la CNSA font foi.";

// Markdown

// A question or an excerpt may hold markup: it is written so that no reader of the file takes it for its own.
const literal = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]).replace(/([\\`*_[\]#|!])/g, "\\$1");

// An answer may quote a document: bold, lists and numbers stay, any other markup of its becomes text.
const quoted = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]).replace(/\]\(/g, "]\\(").replace(/!\[/g, "\\!\\[").replace(/([`|])/g, "\\$1").replace(/^(\s*)(#|=|~)/gm, "$1\\$2");

const webAddress = (url) => (/^https?:\/\/[^\s"'<>()]+$/i.test(url) ? `<${url}>` : literal(url));

function sourceLine(citation) {
  const date = citation.date || "sans date";
  const where = citation.location ? `, ${literal(citation.location)}` : "";
  return `- [${citation.number}] ${literal(citation.publisher)}, ${date} : « ${literal(citation.title)} »${where}. ${webAddress(citation.url)}`;
}

function answerMarkdown(exchange) {
  const { answer } = exchange;
  if (!answer) return "*Un incident technique a empêché de répondre à cette question.*";
  const writer = byId(`reponse-${exchange.number}`)?.querySelector(".by-whom")?.textContent;
  const notice = answer.mode === "fallback" && writer ? "" : answer.notice; // the same words
  const parts = [answer.answer, answer.details, notice].filter(Boolean).map(quoted);
  if (answer.citations.length) parts.push(`Sources :\n\n${answer.citations.map(sourceLine).join("\n")}`);
  if (writer) parts.push(literal(writer));
  return parts.join("\n\n");
}

function conversationMarkdown(rows) {
  const parts = rows.map((row) => {
    const question = row.question.split(/\r?\n/).map((line) => `> ${literal(line)}`).join("\n");
    return `## Question ${row.number}, posée le ${frenchDay(row.day)}\n\n${question}\n\n${answerMarkdown(row)}`;
  });
  return `# Conversation avec l’assistant ESMS numérique\n\n${DISCLAIMER}\n\n${parts.join("\n\n")}\n`;
}

byId("export").addEventListener("click", () => {
  const rows = exchanges();
  const day = rows.at(-1).day.replace(/[^\d-]/g, "");
  saveFile(`conversation-esms-numerique-${day}.md`, "text/markdown;charset=utf-8", conversationMarkdown(rows));
  notify("La conversation est exportée dans vos téléchargements.");
});

export async function copyAnswer(button) {
  const exchange = exchangeOf(button);
  if (!exchange) return;
  const done = await copyText(answerMarkdown(exchange));
  setText(button, done ? "Copié" : "Copie refusée par le navigateur");
  setTimeout(() => setText(button, "Copier"), 3000);
  byId("announcement").textContent = done ? "La réponse et ses sources sont copiées." : "Le navigateur a refusé la copie.";
}

export function exchangeOf(element) {
  const number = Number(element.closest(".answer")?.id.match(/^reponse-(\d+)$/)?.[1]);
  return exchanges().find((row) => row.number === number);
}

// Print: everything open, then as it was

let opened = [];

window.addEventListener("beforeprint", () => {
  opened.push(...document.querySelectorAll("#conversation details:not([open])"));
  for (const details of opened) details.open = true;
});
window.addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
  opened = [];
});
byId("print").addEventListener("click", () => window.print());

// A link to the questions: they stand after the #, which browsers do not send to servers

function encode(data) {
  const bytes = new TextEncoder().encode(JSON.stringify(data));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function decode(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

function questionsOf(text) {
  return text.split("\n").map((line) => line.trim().slice(0, LONGEST_QUESTION)).filter(Boolean).slice(0, MOST_QUESTIONS);
}

function showLink() {
  const questions = questionsOf(byId("share-questions").value);
  const day = exchanges().at(-1)?.day;
  byId("share-link").value = questions.length ? `${location.origin}${location.pathname}${HASH}${encode({ q: questions, d: day })}` : "";
  byId("share-copy").disabled = !questions.length;
}

byId("share-questions").addEventListener("input", showLink);
byId("open-share").addEventListener("click", async () => {
  const rows = exchanges().slice(-MOST_QUESTIONS);
  const lines = rows.map((row) => row.question.replace(/\s+/g, " ").trim().slice(0, LONGEST_QUESTION)).join("\n");
  byId("share-questions").value = "";
  byId("share-masked").textContent = "";
  showLink();
  byId("share-status").textContent = "Préparation du lien…";
  byId("share").showModal();
  try {
    const { text, found } = await post("masquer", { text: lines });
    byId("share-questions").value = text;
    byId("share-masked").textContent = found.length ? "Des noms, des coordonnées ou des numéros personnels ont été masqués." : "";
    byId("share-status").textContent = "";
    showLink();
  } catch {
    byId("share-status").textContent = "Le lien n’a pas pu être préparé : le serveur ne répond pas. Réessayez dans un instant.";
  }
});
byId("share-copy").addEventListener("click", async () => {
  const done = await copyText(byId("share-link").value);
  byId("share-status").textContent = done ? "Le lien est copié." : "Le navigateur a refusé la copie : sélectionnez le lien et copiez-le.";
  if (!done) byId("share-link").select();
});

function isDay(text) {
  if (typeof text !== "string" || !/^20\d\d-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function sharedQuestions() {
  if (!location.hash.startsWith(HASH)) return null;
  try {
    const { q, d } = decode(location.hash.slice(HASH.length));
    const questions = questionsOf(q.filter((line) => typeof line === "string").map((line) => line.replace(/\s+/g, " ")).join("\n"));
    return questions.length ? { questions, day: isDay(d) ? d : null } : null;
  } catch {
    return null;
  }
}

function closeShared() {
  byId("shared").hidden = true;
  history.replaceState(null, "", location.pathname + location.search);
}

// Show the questions of a link; nothing is asked before the visitor agrees. `ask` takes them one by one.
export function offerShared(ask) {
  const shared = sharedQuestions();
  if (!shared) {
    if (location.hash.startsWith(HASH)) {
      closeShared();
      notify("Ce lien de partage est incomplet ou abîmé : demandez à la personne qui vous l’a envoyé de le copier de nouveau.");
    }
    return;
  }
  byId("shared-day").textContent = shared.day ? `Elles ont été posées le ${frenchDay(shared.day)} ; les réponses seront celles d’aujourd’hui.` : "Les réponses seront celles d’aujourd’hui.";
  byId("shared-questions").replaceChildren(...shared.questions.map((text) => make("li", { textContent: text })));
  byId("shared").hidden = false;
  byId("shared-ask").onclick = () => {
    closeShared();
    ask(shared.questions);
  };
  byId("shared-ignore").onclick = closeShared;
}

export function showTools() {
  const none = !answers().length;
  for (const id of ["open-share", "export", "print"]) byId(id).hidden = none;
}
