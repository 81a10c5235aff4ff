// What several modules need: sentences in the reader's language, packages loaded when first used, small DOM questions.

const texts = document.getElementById("texts");
const loading = new Map();

/** A sentence of the page's own language, by its name on `<template id="texts">`. */
export function text(name) {
  return texts?.dataset[name] ?? "";
}

/** Load a package's script (and stylesheet) once, when something on the page first needs it. */
export function load(name) {
  if (!loading.has(name)) {
    const style = texts?.dataset[`${name}Css`];
    if (style) {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = style;
      document.head.append(link);
    }
    loading.set(
      name,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = texts.dataset[`${name}Js`];
        script.addEventListener("load", resolve);
        script.addEventListener("error", reject);
        document.head.append(script);
      }),
    );
  }
  return loading.get(name);
}

/** Whether the event means "here, now": main button, no key that opens a tab or a window. */
export function isPlainClick(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

/** Whether keys typed now belong to a field. */
export function isTyping(target) {
  return target instanceof Element && Boolean(target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], .ts-control"));
}

/** Call back now for everything that matches, and again for what htmx brings in. */
export function whenAdded(selector, callback) {
  const run = (root) => {
    if (root instanceof Element && root.matches(selector)) callback(root);
    root.querySelectorAll?.(selector).forEach(callback);
  };
  run(document);
  document.addEventListener("htmx:load", (event) => run(event.detail.elt));
}
