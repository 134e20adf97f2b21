// The panel of a source: opened by its number, beside the conversation or over it on a phone.

import { byId, make } from "./dom.js";

const panel = byId("panel");

let shown = null; // the <details> of the source
let opener = null; // the marker that opened the panel

const siblings = () => [...shown.closest(".sources").querySelectorAll("details.source")];

// The page of an added document is drawn in the panel, where there is room for it.
function drawPage(body, title) {
  const link = body.querySelector(".page-view a");
  if (!link) return;
  const image = make("img", { src: link.href, loading: "lazy", alt: `${link.textContent}\u00a0: ${title}` });
  image.addEventListener("error", () => image.remove());
  link.append(image);
}

function fill(details) {
  shown = details;
  const body = details.querySelector(".source-body").cloneNode(true);
  drawPage(body, details.querySelector(".title").textContent);
  byId("panel-title").textContent = `Source ${details.querySelector(".number").textContent}`;
  byId("panel-body").replaceChildren(body);
  const all = siblings();
  byId("panel-previous").disabled = all.indexOf(details) === 0;
  byId("panel-next").disabled = all.indexOf(details) === all.length - 1;
}

function openPanel(marker) {
  const details = document.getElementById(marker.hash.slice(1));
  if (!details?.closest(".sources")) return;
  opener = marker;
  fill(details);
  if (panel.hidden) {
    panel.hidden = false;
    document.body.classList.add("with-panel");
    history.pushState({ panel: true }, "");
  }
  byId("panel-title").focus();
}

function close() {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("with-panel");
  // After the browser has gone back to its fragment. An answer that went on meanwhile has its markers anew.
  setTimeout(() => opener && (opener.isConnected ? opener : document.querySelector(`a.marker[href="${opener.hash}"]`))?.focus());
}

// Closing by the button goes back in the history too, so that « back » never leads to a closed panel.
function leave() {
  if (history.state?.panel) history.back();
  else close();
}

function move(step) {
  const all = siblings();
  fill(all[all.indexOf(shown) + step]);
  byId("panel-title").focus();
}

// Back from a source that was read: the panel is closed, its entry in the history leads nowhere.
if (history.state?.panel) history.replaceState(null, "");
byId("panel-close").addEventListener("click", leave);
byId("panel-previous").addEventListener("click", () => move(-1));
byId("panel-next").addEventListener("click", () => move(1));
window.addEventListener("popstate", close);
panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape") leave();
});
document.addEventListener("click", (event) => {
  const marker = event.target.closest?.("a.marker");
  if (!marker) return;
  event.preventDefault();
  openPanel(marker);
});
