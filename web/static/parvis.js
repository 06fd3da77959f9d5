// What pages do better with a script; each works without.
"use strict";

// A form marked data-auto is sent when a choice in it changes; by keyboard, which passes over
// choices on its way and would lose its place, when its button is pressed.
let byKeyboard = false;
document.addEventListener("keydown", () => { byKeyboard = true; }, true);
document.addEventListener("pointerdown", () => { byKeyboard = false; }, true);
for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", () => { if (!byKeyboard) form.requestSubmit(); });
}

// A button marked data-copy copies the text of what it names.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
    const label = button.textContent;
    button.textContent = "Copié";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
