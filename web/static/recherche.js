// The page of the search with a script: completions while one types, and results that come
// by themselves. Every state has an address, which the server answers without a script too.
"use strict";

(() => {
  const form = document.getElementById("recherche");
  const box = document.getElementById("q");
  const said = document.getElementById("annonce");
  if (!form || !box || !said || !window.AbortController || !window.DOMParser) return;
  document.documentElement.classList.add("instant");

  // Completions: a combobox with a list (WAI-ARIA 1.2), whose focus stays in the field.
  const list = document.createElement("ul");
  list.id = "q-liste";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-labelledby", "q-nom");
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
      option.id = `q-liste-${i}`;
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

  // Results: the same page, of which the parts are taken.
  const address = () => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value !== "" && !(name === "sort" && value === "pertinence")) asked.append(name, value);
    }
    const text = asked.toString();
    return form.action + (text && `?${text}`);
  };

  // again finds in the new page what had the focus.
  const again = (e) => {
    if (!e || !e.name) return null;
    return [...form.elements].find((o) => o.name === e.name && o.type === e.type && (o.type !== "checkbox" || o.value === e.value));
  };

  const replace = (page) => {
    const focused = document.activeElement;
    const opened = [...document.querySelectorAll(".filters details")].filter((d) => d.open).map((d) => d.querySelector("summary").lastElementChild?.textContent);
    for (const part of [".filters > summary", ".results", ".examples"]) {
      const now = document.querySelector(part);
      const next = page.querySelector(part);
      if (now && next) now.replaceWith(next);
      else now?.remove();
    }
    const filters = document.querySelector(".filters");
    const next = page.querySelector(".filters");
    const summary = filters.querySelector(":scope > summary");
    filters.replaceChildren(summary, ...[...next.children].filter((e) => e.tagName !== "SUMMARY"));
    for (const d of filters.querySelectorAll("details")) {
      d.open = opened.includes(d.querySelector("summary").lastElementChild?.textContent);
    }
    document.title = page.title;
    if (!focused.isConnected) again(focused)?.focus({ preventScroll: true });
    said.textContent = document.getElementById("trouve")?.textContent ?? "";
  };

  let loading;
  let shown = form.action + location.search;
  const load = async (target, remember) => {
    loading?.abort();
    const mine = loading = new AbortController();
    if (target === shown) {
      document.querySelector(".results").removeAttribute("aria-busy");
      return;
    }
    document.querySelector(".results").setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(target, { signal: mine.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine.signal.aborted) return;
      if (!page.querySelector(".results")) throw new Error("no results");
      shown = target;
      remember(answer.redirected ? answer.url : target);
      replace(page);
    } catch (problem) {
      if (problem.name !== "AbortError") location.assign(target); // the browser says what is wrong
    } finally {
      if (loading === mine) document.querySelector(".results")?.removeAttribute("aria-busy");
    }
  };

  // A word that is being typed has one entry in the history, whatever its letters.
  let typing = false;
  let at = location.search;
  const remember = (byTyping) => (url) => {
    if (byTyping && typing) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
    typing = byTyping;
    at = location.search;
  };
  const search = (byTyping) => load(address(), remember(byTyping));

  let soon, later;
  box.addEventListener("input", () => {
    typed = box.value;
    clearTimeout(soon);
    clearTimeout(later);
    soon = setTimeout(suggest, 150);
    later = setTimeout(() => search(true), 400);
  });

  const take = () => {
    typed = box.value;
    clearTimeout(soon);
    clearTimeout(later);
    asking?.abort();
    close();
    search(false);
  };

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
    take();
  });

  form.addEventListener("submit", (e) => {
    e.preventDefault();
    take();
  });
  // Fields of the form stand all over the page.
  document.addEventListener("change", (e) => {
    if (e.target.form === form && e.target !== box) search(false);
  });
  window.addEventListener("popstate", () => {
    if (location.search !== at) location.reload(); // else it led to a part of the page
  });
})();
