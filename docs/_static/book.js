// What belongs together lights up together: an equation, its lines and its numbers; a symbol and its other uses on the page, with its meaning.
// Without this script all of it is still there to read: panels beside equations, and the table of symbols at the top of a page.
"use strict";
(() => {
  const article = document.querySelector("article");
  if (!article) return;
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "tooltip");
  document.body.append(tip);
  const spoken = document.createElement("div"); // what is lit, for those who do not see it
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  document.body.append(spoken);
  let lit = [];

  const quote = (text) => CSS.escape(text);
  const dark = () => {
    for (const element of lit) element.classList.remove("lit", "here");
    lit = [];
    tip.hidden = true;
  };
  const light = (elements) => {
    for (const element of elements) element.classList.add("lit");
    lit.push(...elements);
  };

  const lightLabels = (labels) => {
    for (const label of labels) light(article.querySelectorAll(`[data-label~="${quote(label)}"]`));
  };

  const meaning = (key) => article.querySelector(`.symbols [data-s="${quote(key)}"]`);
  const lightSymbol = (element) => {
    const key = element.dataset.s;
    light(article.querySelectorAll(`[data-s="${quote(key)}"]`));
    element.classList.add("here");
    const found = meaning(key);
    if (!found || found === element) return;
    const sign = document.createElement("span");
    sign.className = "sign";
    sign.append(...found.querySelector("dt").cloneNode(true).childNodes);
    const text = document.createElement("span");
    text.append(...found.querySelector("dd").cloneNode(true).childNodes);
    tip.replaceChildren(sign, text);
    tip.hidden = false;
    const box = element.getBoundingClientRect(), own = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - own.width - 8));
    const above = box.top - own.height - 8;
    tip.style.left = `${left + window.scrollX}px`;
    tip.style.top = `${(above > 60 ? above : box.bottom + 8) + window.scrollY}px`;
    spoken.textContent = found.querySelector("dd").textContent;
  };

  const show = (target) => {
    dark();
    const symbol = target.closest("[data-s]"), labelled = target.closest("[data-label]");
    if (labelled) lightLabels(labelled.dataset.label.split(" "));
    if (symbol) lightSymbol(symbol);
  };

  article.addEventListener("pointerover", (event) => show(event.target));
  article.addEventListener("pointerleave", dark);
  article.addEventListener("focusin", (event) => show(event.target));
  article.addEventListener("focusout", dark);

  // In an equation that has the focus, the arrows walk from symbol to symbol.
  article.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return dark();
    const equation = event.target.closest(".equation, .formula");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!equation || !step) return;
    const symbols = [...equation.querySelectorAll("[data-s]")];
    if (!symbols.length) return;
    event.preventDefault();
    const now = symbols.findIndex((symbol) => symbol.classList.contains("here"));
    show(symbols[now < 0 ? (step > 0 ? 0 : symbols.length - 1) : (now + step + symbols.length) % symbols.length]);
  });

  // Where panels lie under their equations they are folded, so that the text stays together.
  if (window.matchMedia("(max-width: 71.99rem)").matches)
    for (const panel of article.querySelectorAll(".derivation details.all")) panel.open = false;

  // What can be scrolled can be reached by the keyboard.
  const reach = () => {
    for (const box of article.querySelectorAll("pre, .table-wrapper, .numbers dd, .claims ul"))
      if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
  };
  reach();
  window.addEventListener("resize", reach);
  article.addEventListener("toggle", reach, true);

  const open = () => {
    const target = window.location.hash.length > 1 && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    const folded = target && target.closest("details");
    if (folded) folded.open = true;
    if (target) target.scrollIntoView(); // again, once formulas have their fonts and their final height
  };
  document.fonts.ready.then(open);
  window.addEventListener("hashchange", open);
})();
