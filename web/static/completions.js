// Completions of what one types: a combobox with a list (WAI-ARIA 1.2), whose focus stays in
// the field. Without a script the field is a field.
"use strict";

// complete gives a field its list. One who takes an option by pointer calls take; the function
// that is returned ends what is shown, when the text is taken otherwise.
window.complete = (box, take) => {
  const list = document.createElement("ul");
  list.id = `${box.id}-liste`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  box.parentElement.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    box.setAttribute(name, value);
  }
  let chosen = -1;
  let typed = box.value;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const choose = (n) => {
    const options = [...list.children];
    chosen = n;
    options.forEach((o, i) => { o.setAttribute("aria-selected", String(i === n)); });
    if (n < 0) {
      box.removeAttribute("aria-activedescendant");
      box.value = typed;
      return;
    }
    box.setAttribute("aria-activedescendant", options[n].id);
    options[n].scrollIntoView({ block: "nearest" });
    box.value = options[n].textContent;
  };

  const open = (texts) => {
    list.replaceChildren(...texts.map((text, i) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${i}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.textContent = text;
      return option;
    }));
    chosen = -1;
    box.removeAttribute("aria-activedescendant");
    list.hidden = texts.length === 0;
    box.setAttribute("aria-expanded", String(!list.hidden));
  };

  let asking;
  const suggest = async () => {
    asking?.abort();
    const text = box.value.trim();
    if (text.length < 2) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: asking.signal });
      if (!answer.ok) return close();
      const { suggestions } = await answer.json();
      if (document.activeElement === box && box.value.trim() === text) open(suggestions.filter((s) => s !== text));
    } catch { /* an older question, or no network: there are no completions */ }
  };

  let soon;
  const end = () => {
    typed = box.value;
    clearTimeout(soon);
    asking?.abort();
    close();
  };

  box.addEventListener("input", () => {
    typed = box.value;
    clearTimeout(soon);
    soon = setTimeout(suggest, 150);
  });
  box.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    const n = list.hidden ? 0 : list.children.length;
    if (e.key === "Escape" && n > 0) {
      e.preventDefault();
      box.value = typed;
      close();
    } else if (e.key === "ArrowDown" && n === 0) {
      e.preventDefault();
      suggest();
    } else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && n > 0) {
      e.preventDefault();
      const step = e.key === "ArrowDown" ? 1 : -1;
      choose(((chosen + 1 + step + n + 1) % (n + 1)) - 1);
    }
  });
  box.addEventListener("blur", close);
  list.addEventListener("mousedown", (e) => e.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (e) => {
    const option = e.target.closest("[role=option]");
    if (!option) return;
    box.value = option.textContent;
    end();
    take();
  });
  return end;
};

// A field of a form that is sent as it is.
for (const box of document.querySelectorAll("form[data-complete] input[data-suggest]")) {
  const end = window.complete(box, () => box.form.requestSubmit());
  box.form.addEventListener("submit", end);
}
