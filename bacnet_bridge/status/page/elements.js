// Elements from names and text. Text stays text: nothing in this page ever parses markup, because devices, meters and
// the platform choose much of what is shown.

/** An element. `attributes` that are false, null or undefined are left out; children are elements, text or numbers. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(attribute, value);
    else if (value === true) made.setAttribute(attribute, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(attribute, value);
  }
  made.append(...there(children));
  return made;
}

/** Without the nothings that a view left where there is nothing to say. */
function there(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

/** Make `parent` hold what `wanted` are, changing only what differs: focus, selection and scrolling stay. */
export function show(parent, wanted) {
  const flat = there(wanted);
  flat.forEach((child, at) => {
    const node = child instanceof Node ? child : document.createTextNode(child);
    const old = parent.childNodes[at];
    if (old === undefined) parent.append(node);
    else if (!same(old, node)) old.replaceWith(node);
    else if (node.nodeType === Node.TEXT_NODE) { if (old.data !== node.data) old.data = node.data; }
    else { copyAttributes(old, node); show(old, [...node.childNodes]); }
  });
  while (parent.childNodes.length > flat.length) parent.lastChild.remove();
}

/** Whether one can become the other. What has listeners, or is open, bears a name of its own (`data-own`). */
function same(old, node) {
  return old.nodeName === node.nodeName && (old.dataset?.own ?? "") === (node.dataset?.own ?? "");
}

/** What a person has opened stays open. */
function copyAttributes(old, node) {
  for (const { name } of [...old.attributes]) if (!node.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of node.attributes) {
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

/** A list of named figures: `[[name, value, kind], …]`. */
export function figures(...pairs) {
  return element("dl", { class: "figures" }, pairs.map(([name, value, kind]) =>
    element("div", {}, element("dt", {}, name), element("dd", { class: kind }, value))));
}

/** A list of facts; those without a value are left out. */
export function facts(...pairs) {
  const told = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return element("dl", { class: "facts" }, told.map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

/** A section with a heading. */
export function card(heading, ...children) {
  return element("section", { class: "card" }, element("h2", {}, heading), children);
}

/** A table in a region that scrolls by itself. `heads` are `[name, class]` or elements; rows are elements. */
export function table(caption, heads, rows) {
  const cells = heads.map((head) => (head instanceof Node ? head : element("th", { scope: "col", class: head[1] }, head[0])));
  return element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption },
    element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, cells)), element("tbody", {}, rows)));
}

/** Sentences, each with what to do about it where that is known. */
export function sentences(told, kind) {
  return element("ul", { class: "sentences" }, told.map((each) => {
    const [said, remedy] = typeof each === "string" ? [each, ""] : each;
    return element("li", { class: kind }, said, remedy && element("span", { class: "remedy" }, `What to do: ${remedy}`));
  }));
}
