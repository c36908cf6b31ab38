// Copies the text of data-copy, says so, and shows a tick for a moment.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
  document.body.append(area); // without a secure context the old way is the only one
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("refused");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  let said = "Copied";
  try {
    await copy(button.dataset.copy);
    const shape = button.querySelector("use");
    const copied = shape?.getAttribute("href");
    if (copied?.endsWith("#copy")) {
      button.classList.add("is-done");
      shape.setAttribute("href", copied.replace(/#copy$/, "#check"));
      setTimeout(() => { button.classList.remove("is-done"); shape.setAttribute("href", copied); }, 1600);
    }
  } catch {
    said = "The browser did not allow copying";
  }
  document.dispatchEvent(new CustomEvent("countersign:announce", { detail: said }));
});
