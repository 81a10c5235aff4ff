// What several modules need: sentences in the reader's language, packages loaded when first used, small DOM questions.

const texts = document.getElementById("texts");
const loading = new Map();

/** A sentence of the page's own language, by its name on `<template id="texts">`. */
export function text(name) {
  return texts?.dataset[name] ?? "";
}

/** Load a package's stylesheet and script once, when something on the page first needs them. */
export function load(name) {
  if (!loading.has(name)) {
    const style = texts?.dataset[`${name}Css`];
    // Both together: a script that runs before its stylesheet makes the page jump under a click.
    const parts = [arrived(document.createElement("script"), { src: texts.dataset[`${name}Js`] })];
    if (style) parts.push(arrived(document.createElement("link"), { rel: "stylesheet", href: style }));
    loading.set(name, Promise.all(parts));
  }
  return loading.get(name);
}

function arrived(element, attributes) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    Object.assign(element, attributes);
    document.head.append(element);
  });
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
