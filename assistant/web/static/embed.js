// Loaded by another site: puts the chat in a frame where its <script> stands. Leaves nothing else on that page.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script) return;
  const asked = Number.parseInt(script.dataset.height ?? "", 10);
  const frame = document.createElement("iframe");
  frame.src = script.src.replace(/embed\.js([?#].*)?$/, "?embed=1");
  frame.title = "Assistant ESMS numérique";
  frame.loading = "lazy";
  frame.referrerPolicy = "no-referrer";
  frame.allow = "clipboard-write";
  frame.width = "100%";
  frame.height = String(asked >= 320 && asked <= 2000 ? asked : 640);
  // Through the object model: the policy of the host page may refuse style attributes.
  frame.style.border = "0";
  frame.style.display = "block";
  script.after(frame);
})();
