// Buttons that copy a snippet; where the browser refuses, the snippet is selected to be copied by hand.

import { byId, copyText } from "./dom.js";

async function copySnippet(button) {
  const code = byId(button.dataset.copy);
  const status = byId("copied");
  if (await copyText(code.textContent)) {
    status.textContent = "Copié.";
    button.textContent = "Copié";
  } else {
    getSelection().selectAllChildren(code);
    status.textContent = "Le navigateur a refusé la copie : le texte est sélectionné, copiez-le au clavier.";
    button.textContent = "Sélectionné";
  }
  setTimeout(() => {
    button.textContent = "Copier";
    status.textContent = "";
  }, 3000);
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copySnippet(button));
}
