// Each piece of an answer that arrives replaces what was shown of it: what was unfolded or had the focus there is found
// again in the new one.

const unfolded = new Set();
let focused = null; // {element, key, rank} of an element of an answer being made

const arriving = (element) => element.closest?.("#conversation .pending") ?? null;
const keyOf = (element) => element.id || element.getAttribute("href") || element.parentElement.id || element.parentElement.className;
const alike = (answer, key) => [...answer.querySelectorAll("a, button, summary")].filter((one) => keyOf(one) === key);

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!arriving(target)) return;
    const key = target.id || target.className;
    if (target.open) unfolded.add(key);
    else unfolded.delete(key);
  },
  true,
);
document.addEventListener("focusin", ({ target }) => {
  const answer = arriving(target);
  const key = answer && keyOf(target);
  focused = answer && { element: target, key, rank: alike(answer, key).indexOf(target) };
});

export function forgetPlaces() {
  unfolded.clear();
  focused = null;
}

// To be called when the last answer may have been replaced.
export function findPlaces(answer) {
  for (const key of unfolded) {
    const details = [...answer.querySelectorAll("details")].find((one) => (one.id || one.className) === key);
    if (details && !details.open) details.open = true;
  }
  if (!focused) return;
  if (focused.element.isConnected) {
    if (document.activeElement !== focused.element) focused = null;
    return;
  }
  const again = alike(answer, focused.key)[focused.rank];
  if (again && document.activeElement === document.body) again.focus({ preventScroll: true });
  else focused = null;
}
