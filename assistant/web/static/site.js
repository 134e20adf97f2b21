// What every page does in the browser: the theme button, and definitions shown on the terms of the glossary.
"use strict";

function showTheme(button) {
  const dark = document.documentElement.dataset.theme === "dark";
  button.setAttribute("aria-pressed", String(dark));
}

function changeTheme(button) {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage refused: the choice lasts as long as the page.
  }
  document.documentElement.dataset.theme = theme;
  showTheme(button);
}

const themeButton = document.getElementById("theme");
if (themeButton) {
  themeButton.hidden = false;
  showTheme(themeButton);
  themeButton.addEventListener("click", () => changeTheme(themeButton));
}

// Definitions: shown beside a term when it is pointed at, focused, or tapped for the first time. The term stays an
// ordinary link to the glossary. Listeners are on the document, so that terms added later are served too.

const DELAY = 200; // milliseconds: the pointer may cross a term without a flicker, and reach the definition
const GAP = 6; // pixels between a term and its definition

let tip = null;
let described = null;
let timer = 0;

function termAt(target) {
  return target instanceof Element ? target.closest("a.term[data-definition]") : null;
}

function makeTip() {
  const box = document.createElement("div");
  box.id = "definition-d-un-terme";
  box.className = "tooltip no-print";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  box.append(document.createElement("span"), document.createElement("a"));
  box.lastChild.className = "tooltip-link";
  box.lastChild.textContent = "Voir le glossaire";
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hideSoon());
  document.body.append(box);
  return box;
}

function showDefinition(term, withLink) {
  clearTimeout(timer);
  if (described !== term) {
    hideDefinition();
  }
  tip ??= makeTip();
  tip.firstChild.textContent = term.dataset.definition;
  tip.lastChild.href = term.href;
  tip.lastChild.target = term.target;
  tip.lastChild.hidden = !withLink;
  tip.hidden = false;
  described = term;
  term.setAttribute("aria-describedby", tip.id);
  placeTip(term);
}

function placeTip(term) {
  const { clientWidth, clientHeight } = document.documentElement;
  tip.style.left = "0";
  tip.style.top = "0";
  const origin = tip.getBoundingClientRect(); // where the containing block starts, whatever it is
  const line = term.getClientRects()[0] ?? term.getBoundingClientRect(); // a term may run over two lines
  const last = term.getBoundingClientRect();
  const left = Math.max(GAP, Math.min(line.left, clientWidth - origin.width - GAP));
  const below = last.bottom + GAP;
  const fits = below + origin.height <= clientHeight || line.top - GAP - origin.height < 0;
  const top = fits ? below : line.top - GAP - origin.height;
  tip.style.left = `${left - origin.left}px`;
  tip.style.top = `${top - origin.top}px`;
}

function hideDefinition() {
  clearTimeout(timer);
  if (described) {
    described.removeAttribute("aria-describedby");
    described = null;
    tip.hidden = true;
  }
}

function hideSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (document.activeElement !== described || !described?.matches(":focus-visible")) {
      hideDefinition();
    }
  }, DELAY);
}

document.addEventListener("pointerover", (event) => {
  const term = termAt(event.target);
  if (!term || event.pointerType !== "mouse" || term === described) {
    if (term) {
      clearTimeout(timer);
    }
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(() => showDefinition(term, false), DELAY);
});

document.addEventListener("pointerout", (event) => {
  const term = termAt(event.target);
  if (term && event.pointerType === "mouse" && !term.contains(event.relatedTarget)) {
    hideSoon();
  }
});

document.addEventListener("focusin", (event) => {
  const term = termAt(event.target);
  if (term?.matches(":focus-visible")) {
    showDefinition(term, false);
  } else if (!tip?.contains(event.target) && !term) {
    hideDefinition();
  }
});

document.addEventListener("focusout", (event) => {
  if (termAt(event.target) && !tip?.contains(event.relatedTarget)) {
    hideSoon();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && described) {
    hideDefinition();
  }
});

document.addEventListener("click", (event) => {
  const term = termAt(event.target);
  if (term && event.pointerType === "touch" && described !== term) {
    event.preventDefault();
    showDefinition(term, true);
  } else if (!term && !tip?.contains(event.target)) {
    hideDefinition();
  }
});
