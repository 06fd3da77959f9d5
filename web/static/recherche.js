// The page of the search with a script: results that come by themselves. Every state has an
// address, which the server answers without a script too.
"use strict";

(() => {
  const form = document.getElementById("recherche");
  const box = document.getElementById("q");
  const said = document.getElementById("annonce");
  if (!form || !box || !said || !window.AbortController || !window.DOMParser) return;
  document.documentElement.classList.add("instant");

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

  let later;
  const take = () => {
    clearTimeout(later);
    completed?.();
    search(false);
  };
  const completed = window.complete?.(box, take);

  box.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(() => search(true), 400);
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
