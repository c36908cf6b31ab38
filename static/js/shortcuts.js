// Keyboard shortcuts: "/" searches, "?" helps, "g" and a letter opens a page of the rail. Can be switched off for this browser.
const KEY = "countersign.shortcuts";
const PATIENCE = 1200; // milliseconds between the two keys of a sequence
const help = document.getElementById("shortcuts");
const toggle = document.querySelector("[data-shortcuts-on]");
let first = "", since = 0;

const enabled = () => { try { return localStorage.getItem(KEY) !== "off"; } catch { return true; } };
const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog[open]");

function show() {
  const on = enabled();
  if (toggle) toggle.checked = on;
  document.documentElement.dataset.shortcuts = on ? "on" : "off";
}

toggle?.addEventListener("change", () => {
  try { localStorage.setItem(KEY, toggle.checked ? "on" : "off"); } catch { /* stays for this page only */ }
  show();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || !enabled()) return;
  // Between the presses, not between what a busy page makes of them.
  const sequence = event.timeStamp - since < PATIENCE ? first + event.key : event.key;
  if (event.key === "/") act(event, () => { const box = document.querySelector("[data-find-text]"); box?.focus(); box?.select(); });
  else if (event.key === "?") act(event, () => help?.showModal());
  else if (sequence.length === 2) {
    const link = document.querySelector(`[data-keys="${CSS.escape(sequence)}"]`);
    if (link) act(event, () => link.click());
  }
  first = event.key === "g" ? "g" : "";
  since = event.timeStamp;
});

function act(event, deed) {
  event.preventDefault();
  deed();
}

show();
