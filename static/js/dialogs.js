// Dialogs (data-opens, data-closes), dismissing, the focus on a form's errors, and the polite announcer.
const announcer = document.getElementById("announcer");

document.addEventListener("countersign:announce", (event) => {
  announcer.textContent = "";
  // A live region speaks only when its text changes, also when the same sentence comes twice.
  setTimeout(() => { announcer.textContent = event.detail; }, 60);
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  event.target.closest("[data-closes]")?.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && outside(event)) event.target.close();
  event.target.closest("[data-dismiss]")?.closest(".alert-cs")?.remove();
});

function outside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

// A second click on a slow submit must not send the form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });

document.querySelector("[data-focus]")?.focus();
