// Files dropped or chosen: sent one by one, each with its progress and what became of it.

import { byId, make } from "./dom.js";

const ADDRESS = "api/demandes";
const MOST = 200;
const SAID = { nouvelle: "ajoutée", deja_recue: "déjà reçue" };

function send(file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("fichiers", file, file.name);
    request.open("POST", ADDRESS);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => resolve(request.response ?? {}));
    request.addEventListener("error", () => resolve({ message: "Le serveur ne répond pas\u00a0: déposez ce fichier à nouveau dans un instant." }));
    request.send(form);
  });
}

function line(one) {
  const words = SAID[one.outcome] ?? "problème";
  const said = make("span", { className: one.outcome === "probleme" ? "problem" : "quiet", textContent: one.problem || words });
  if (!one.id) return make("li", {}, make("strong", { textContent: one.label }), " ", said);
  const link = make("a", { className: "desk-link", href: `?demande=${one.id}`, textContent: one.label });
  return make("li", {}, link, " ", said);
}

// Send the files; gives the ids of the requests they became.
export async function receive(files) {
  const list = byId("uploads");
  list.hidden = false;
  const ids = [];
  for (const file of [...files].slice(0, MOST)) {
    const progress = make("progress", { max: 1, value: 0 });
    progress.setAttribute("aria-label", `Envoi de ${file.name}`);
    const waiting = make("li", {}, make("strong", { textContent: file.name }), " ", progress);
    list.append(waiting);
    const reply = await send(file, progress);
    const received = reply.received ?? [{ label: file.name, outcome: "probleme", problem: reply.message ?? "Ce fichier n’a pas pu être reçu." }];
    waiting.replaceWith(...received.map(line));
    ids.push(...received.map((one) => one.id).filter(Boolean));
  }
  return ids;
}
