/**
 * What all parts of the Studio need: elements, the Studio's root, pictures that came by message.
 *
 * Text from outside only ever becomes text nodes and attribute values.
 */

/**
 * Make an element.
 * @param {string} tag
 * @param {string} [className]
 * @param {Element | null} [parent]
 * @param {string} [text]
 * @returns {any}
 */
export function element(tag, className = "", parent = null, text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  parent?.append(made);
  return made;
}

/**
 * Make a button.
 * @param {Element} parent
 * @param {string} text
 * @param {() => void} act
 * @param {{kind?: string, name?: string}} [options] a class beside iws-button; an accessible name
 * @returns {HTMLButtonElement}
 */
export function pressable(parent, text, act, { kind = "", name = "" } = {}) {
  const button = element("button", `iws-button ${kind}`.trim(), parent, text);
  button.type = "button";
  if (name) {
    button.setAttribute("aria-label", name);
    button.title = name;
  }
  button.addEventListener("click", act);
  return button;
}

/** Set text only where it differs, so that screen readers are not told twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Write seconds as people say them.
 * @param {number} seconds
 */
export function spoken(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * What a running request shows: words, and how far the bar is (null where the usual time is not known).
 *
 * The bar slows down beyond the usual time and never claims to be done.
 * @param {number} elapsed seconds
 * @param {number | null} usual seconds
 */
export function progressOf(elapsed, usual) {
  if (!usual) return { words: spoken(elapsed), share: null };
  const ratio = elapsed / usual;
  const share = ratio < 0.8 ? ratio : 0.8 + 0.19 * (1 - Math.exp(-(ratio - 0.8)));
  return { words: `${spoken(elapsed)} · usually about ${spoken(usual)}`, share };
}

/**
 * Call back once an element stands in a Studio, and with its root.
 * @param {HTMLElement} el
 * @param {(root: HTMLElement) => void} found
 * @returns {() => void} gives up looking
 */
export function whenRooted(el, found) {
  let frame = 0;
  const look = () => {
    const root = /** @type {HTMLElement | null} */ (el.closest(".iws"));
    if (root) found(root);
    else frame = requestAnimationFrame(look);
  };
  look();
  return () => cancelAnimationFrame(frame);
}

/** Pictures by name, as URLs that are freed when another one takes the name. */
export class Pictures {
  constructor() {
    /** @type {Map<string, string>} */
    this.urls = new Map();
  }

  /** @param {string} name @param {DataView} buffer */
  set(name, buffer) {
    this.drop(name);
    this.urls.set(name, URL.createObjectURL(new Blob([buffer])));
  }

  /** @param {string} name */
  get(name) {
    return this.urls.get(name) ?? "";
  }

  /** @param {string} name */
  drop(name) {
    const old = this.urls.get(name);
    if (old) URL.revokeObjectURL(old);
    this.urls.delete(name);
  }

  clear() {
    for (const name of [...this.urls.keys()]) this.drop(name);
  }
}
