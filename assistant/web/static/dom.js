// Small pieces that the scripts of the pages share. Nothing here reads HTML: texts become text nodes.

export const byId = (id) => document.getElementById(id);

export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

let noticeTimer;

// One line at the head of the conversation, or of the dialog that is open, said to screen readers; `action` is
// [label, function].
export function notify(text, action) {
  const notice = document.querySelector("dialog[open] .notice") || byId("notice");
  clearTimeout(noticeTimer);
  notice.replaceChildren();
  if (!text) return;
  notice.append(make("span", { textContent: text }));
  if (action) {
    const [label, act] = action;
    const button = make("button", { type: "button", className: "button", textContent: label });
    button.addEventListener("click", () => {
      notify("");
      act();
    });
    notice.append(button);
  }
  notice.append(dismissal());
}

function dismissal() {
  const close = make("button", { type: "button", className: "button", textContent: "Masquer" });
  close.addEventListener("click", () => notify(""));
  return close;
}

export function frenchDay(iso) {
  const [year, month, day] = iso.split("-").map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  const text = date.toLocaleDateString("fr-FR", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return text.replace(/^1 /, "1er ");
}

export const plural = (count, one, many) => `${count}\u00a0${count > 1 ? many : one}`;

// Without a secure context there is no clipboard: the old command, on a field that is taken away at once.
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const area = make("textarea", { value: text, className: "visually-hidden" });
    (document.querySelector("dialog[open]") || document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }
}

export function saveFile(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export async function post(path, data) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(data),
    signal: AbortSignal.timeout(15_000),
  });
  const reply = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(reply.message || "Le serveur n’a pas répondu comme prévu. Réessayez.");
  return reply;
}
