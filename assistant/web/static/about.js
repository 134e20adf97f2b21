// Buttons that copy a snippet; where the browser refuses, the snippet is selected to be copied by hand.
"use strict";

async function copySnippet(button) {
  const code = document.getElementById(button.dataset.copy);
  const status = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(code.textContent);
    status.textContent = "Copié.";
    button.textContent = "Copié";
  } catch {
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
