// The conversations that this browser keeps: one under each id in localStorage, the one of this tab named in
// sessionStorage. Nothing of it is kept on the server.

import { byId, make, notify, plural } from "./dom.js";
import { exchanges, press, write } from "./gradio.js";

const PREFIX = "conversation:";
const MOST = 50;
const TITLE_LENGTH = 90;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("conversations") : null;
const tab = crypto.getRandomValues(new Uint32Array(2)).join("-");

let current = null;

// Storage may be refused (private browsing, a frame of another site): the conversation then lasts as long as the page.
function storage(kind) {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

const kept = storage("localStorage");
const own = storage("sessionStorage");

const newId = () => `${Date.now()}-${tab.slice(-6)}`;

function read(id) {
  try {
    const row = JSON.parse(kept.getItem(PREFIX + id));
    return row && Array.isArray(row.exchanges) && row.exchanges.length ? { ...row, id } : null;
  } catch {
    return null;
  }
}

function all() {
  if (!kept) return [];
  const ids = Object.keys(kept).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
  return ids.map(read).filter(Boolean).sort((one, other) => (other.updated || 0) - (one.updated || 0));
}

function use(id) {
  current = id;
  try {
    own?.setItem("conversation", id);
  } catch {
    // No room left: this tab will not find its conversation again after a reload.
  }
}

// Keep the conversation shown; the oldest ones leave when the browser has no room left.
export function keep() {
  const rows = exchanges();
  if (!rows.length || !kept) return;
  const text = JSON.stringify({ title: String(rows[0].question).slice(0, TITLE_LENGTH), updated: Date.now(), exchanges: rows });
  const older = all().filter((row) => row.id !== current).reverse();
  while (older.length >= MOST) kept.removeItem(PREFIX + older.shift().id);
  for (;;) {
    try {
      kept.setItem(PREFIX + current, text);
      break;
    } catch {
      if (!older.length) {
        notify("Ce navigateur n’a plus de place : cette conversation ne sera pas gardée après la fermeture de la page. Exportez-la pour la conserver.");
        break;
      }
      kept.removeItem(PREFIX + older.shift().id);
    }
  }
  showCount();
}

function showCount() {
  const count = all().length;
  byId("count").textContent = ` (${count})`;
  byId("open-conversations").hidden = count === 0;
}

function show(rows) {
  write("history", JSON.stringify(rows));
  press("restore");
}

// Bring back the conversation of this tab, as after a reload; another tab that holds it keeps it, this one takes a copy.
export function start() {
  const id = own?.getItem("conversation");
  const row = id && kept ? read(id) : null;
  use(row ? id : newId());
  if (row) {
    show(row.exchanges);
    channel?.postMessage({ asks: id, tab });
  }
  showCount();
}

channel?.addEventListener("message", ({ data }) => {
  if (data?.asks === current && data.tab !== tab) channel.postMessage({ taken: current, to: data.tab });
  if (data?.taken === current && data.to === tab) {
    use(newId());
    keep();
  }
});

// The screen was emptied: what follows is another conversation.
export function renew() {
  const previous = current;
  use(newId());
  if (kept && read(previous)) {
    notify("Nouvelle conversation. La précédente est gardée dans « Mes conversations ».", ["Rouvrir la précédente", () => open(previous)]);
  }
}

function open(id) {
  const row = read(id);
  if (!row) return;
  use(id);
  show(row.exchanges);
}

function remove(ids) {
  const removed = ids.map((id) => [id, kept.getItem(PREFIX + id)]);
  for (const id of ids) kept.removeItem(PREFIX + id);
  const wasShown = ids.includes(current);
  if (wasShown) {
    press("restart");
    use(newId());
  }
  list();
  showCount();
  notify(ids.length > 1 ? `${plural(ids.length, "conversation supprimée", "conversations supprimées")} de ce navigateur.` : "Conversation supprimée de ce navigateur.", [
    "Annuler",
    () => {
      for (const [id, text] of removed) kept.setItem(PREFIX + id, text);
      if (wasShown) open(removed[0][0]);
      list();
      showCount();
    },
  ]);
}

function item(row) {
  const date = new Date(row.updated);
  const when = Number.isNaN(date.getTime()) ? "date inconnue" : date.toLocaleString("fr-FR", { dateStyle: "medium", timeStyle: "short" });
  const button = make("button", { type: "button", className: "link" }, row.title || "Conversation");
  const erase = make("button", { type: "button", className: "button" }, "Supprimer");
  erase.setAttribute("aria-label", `Supprimer « ${row.title || "Conversation"} »`);
  const here = row.id === current ? " · affichée" : "";
  button.addEventListener("click", () => {
    byId("conversations").close();
    open(row.id);
  });
  erase.addEventListener("click", () => {
    remove([row.id]);
    byId("conversations-title").focus();
  });
  const about = make("span", { className: "hint", textContent: `${plural(row.exchanges.length, "question", "questions")} · ${when}${here}` });
  return make("li", {}, make("div", {}, button, about), erase);
}

function list() {
  const rows = all();
  byId("conversations-empty").hidden = rows.length > 0;
  byId("conversations-clear").hidden = rows.length < 2;
  byId("conversations-list").replaceChildren(...rows.map(item));
}

byId("conversations-title").tabIndex = -1;
byId("open-conversations").addEventListener("click", () => {
  list();
  byId("conversations").showModal();
});
byId("conversations-clear").addEventListener("click", () => remove(all().map((row) => row.id)));
window.addEventListener("storage", (event) => {
  if (event.key === null || event.key.startsWith(PREFIX)) {
    showCount();
    if (byId("conversations").open) list();
  }
});
