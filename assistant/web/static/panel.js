// The panel of a source: opened by its number, beside the conversation or over it on a phone.

import { byId, make } from "./dom.js";
import { exchanges } from "./gradio.js";

const panel = byId("panel");
const LONGEST_EXCERPT = 200;

let shown = null; // the <details> of the source
let opener = null; // the marker that opened the panel

// The exchange and the citation that a <details id="reponse-2-source-3"> lists.
function cited(details) {
  const [, number, source] = details.id.match(/^reponse-(\d+)-source-(\d+)$/).map(Number);
  const exchange = exchanges().find((row) => row.number === number);
  return exchange?.answer?.citations.find((citation) => citation.number === source);
}

const siblings = () => [...shown.closest(".sources").querySelectorAll("details.source")];

function readingLink(citation) {
  const excerpt = citation.excerpt.trim().slice(0, LONGEST_EXCERPT);
  const href = `sources/${encodeURIComponent(citation.id)}?extrait=${encodeURIComponent(excerpt)}#extrait`;
  return make("p", {}, make("a", { href, textContent: "Lire l’extrait dans son contexte, avec tout ce que le site tire de cette source" }));
}

// The page of an added document is drawn in the panel, where there is room for it.
function drawPage(body, citation) {
  const link = body.querySelector(".page-view a");
  if (!link) return;
  const image = make("img", { src: link.href, loading: "lazy", alt: `${link.textContent.replace(/ \(.*/, "")} : ${citation?.title ?? ""}` });
  image.addEventListener("error", () => image.remove());
  link.append(image);
}

function fill(details) {
  shown = details;
  const citation = cited(details);
  const body = details.querySelector(".source-body").cloneNode(true);
  drawPage(body, citation);
  byId("panel-title").textContent = `Source ${details.querySelector(".number").textContent}`;
  byId("panel-body").replaceChildren(body, ...(citation ? [readingLink(citation)] : []));
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
  setTimeout(() => opener?.isConnected && opener.focus()); // after the browser has gone back to its fragment
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
