// The search box takes a file: its SHA-256 is computed here and only that is sent. Long pastes are cut to what a search needs.
const LARGEST = 256 * 1024 * 1024; // bytes; WebCrypto wants the whole file in memory
const LONGEST = 600; // characters: far more than finds an output, and short enough for an address
const form = document.querySelector("form[data-find]");
const box = form?.querySelector("[data-find-text]");
const chooser = form?.querySelector("[data-find-file]");
const say = (words) => document.dispatchEvent(new CustomEvent("countersign:announce", { detail: words }));

function tell(words) {
  say(words);
  box.setCustomValidity(words);
  box.reportValidity();
  box.addEventListener("input", () => box.setCustomValidity(""), { once: true });
  setTimeout(() => box.setCustomValidity(""), 6000);
}

async function find(file) {
  if (!globalThis.crypto?.subtle) return tell("This browser computes digests only over HTTPS or on this machine.");
  if (file.size > LARGEST) return tell("The file is larger than 256 MB: compute its SHA-256 yourself and paste it.");
  say(`Computing the SHA-256 of ${file.name}`);
  try {
    const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    box.value = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    form.requestSubmit();
  } catch {
    tell("The file could not be read.");
  }
}

function shortened(text) {
  const plain = text.replace(/\s+/g, " ").trim();
  return plain.length <= LONGEST ? plain : plain.slice(0, LONGEST).replace(/\s\S*$/, "");
}

if (form) {
  const holds = (event) => event.dataTransfer?.types.includes("Files");
  form.addEventListener("dragover", (event) => { if (holds(event)) { event.preventDefault(); form.classList.add("is-over"); } });
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    form.classList.remove("is-over");
    const file = event.dataTransfer?.files[0];
    if (file) { event.preventDefault(); find(file); }
  });
  box.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (file) { event.preventDefault(); find(file); }
    else if (text.includes("\n") || text.length > LONGEST) {
      event.preventDefault(); // line ends would vanish without a space
      box.setRangeText(shortened(text), box.selectionStart, box.selectionEnd, "end");
    }
  });
  chooser?.addEventListener("change", () => { if (chooser.files[0]) find(chooser.files[0]); });
  form.addEventListener("submit", (event) => {
    if (!box.value.trim()) { event.preventDefault(); box.focus(); return; }
    box.value = shortened(box.value);
    if (chooser) chooser.value = "";
  });
}
