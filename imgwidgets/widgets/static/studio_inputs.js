import { element, pressable, setText, whenRooted } from "./studio_kit.js";
import { filesIn, upload } from "./studio_upload.js";

const IMAGES = "image/png,image/jpeg,image/webp,image/gif,image/avif,image/tiff,image/bmp";

/** The images that an edit starts from: upload, drop, paste; and the way back to earlier ones. */
export class Inputs {
  /** @param {any} model @param {HTMLElement} el @param {import("./studio_kit.js").Pictures} pictures */
  constructor(model, el, pictures) {
    this.model = model;
    this.pictures = pictures;
    this.el = el;
    const head = (this.head = element("div", "iws-head", el));
    element("span", "iws-label", head, "images");
    this.back = pressable(head, "↶", () => model.send({ do: "undo" }), { kind: "iws-bare", name: "Back to the image before" });
    this.forth = pressable(head, "↷", () => model.send({ do: "redo" }), { kind: "iws-bare", name: "Forward again" });
    this.list = element("ul", "iws-images", el);
    this.mask = element("div", "iws-mask", el);
    this.maskText = element("span", "", this.mask);
    this.maskClear = pressable(this.mask, "Clear", () => model.send({ do: "clear_mask" }), { name: "Clear the mask" });
    this.zone = element("div", "iws-drop", el);
    this.input = element("input", "", this.zone);
    this.input.type = "file";
    this.input.multiple = true;
    this.input.accept = IMAGES;
    this.input.hidden = true;
    this.input.addEventListener("change", () => {
      this.take([...this.input.files]);
      this.input.value = "";
    });
    pressable(this.zone, "Upload", () => this.input.click(), { kind: "iws-outlined", name: "Upload images" });
    this.hint = element("span", "iws-quiet", this.zone, "or drop, or paste");
    this.error = element("p", "iws-error", el);
    this.error.setAttribute("role", "alert");
    /** @type {(() => void)[]} */
    this.stops = []; // first: a part that stands in the page already is found at once
    this.stops.push(whenRooted(el, (root) => this.listen(root)));
  }

  /** @param {File[]} files */
  take(files) {
    if (files.length) upload(this.model, files);
  }

  /** Hear what is dropped on the Studio or pasted into it. @param {HTMLElement} root */
  listen(root) {
    const has = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && !this.own;
    const over = (event) => {
      if (!has(event)) return;
      event.preventDefault();
      event.stopPropagation(); // JupyterLab would take the file for its file browser
      event.dataTransfer.dropEffect = "copy";
      root.classList.add("iws-dragging");
    };
    const leave = (event) => {
      if (!root.contains(event.relatedTarget)) root.classList.remove("iws-dragging");
    };
    const drop = (event) => {
      root.classList.remove("iws-dragging");
      if (!has(event)) return;
      event.preventDefault();
      event.stopPropagation();
      this.take(filesIn(event.dataTransfer));
    };
    // A picture of this page that is dragged comes as a file, too, but only as the small copy it shows.
    const start = () => { this.own = true; };
    const end = () => { this.own = false; };
    const paste = (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      const mine = root.contains(target) || (root.matches(":hover") && !target.closest?.("input, textarea, [contenteditable]"));
      const files = filesIn(event.clipboardData).filter((file) => file.type);
      if (!mine || !files.length) return;
      event.preventDefault();
      event.stopPropagation();
      this.take(files);
    };
    const heard = [
      [root, "dragenter", over], [root, "dragover", over], [root, "dragleave", leave], [root, "drop", drop],
      [root, "dragstart", start], [root, "dragend", end], [document, "paste", paste],
    ];
    for (const [node, name, act] of heard) node.addEventListener(name, act, true);
    this.stops.push(() => {
      for (const [node, name, act] of heard) node.removeEventListener(name, act, true);
    });
  }

  /** @param {any} state */
  update(state) {
    this.el.classList.toggle("iws-unused", !state.used);
    this.head.hidden = !state.images.length && !state.can_undo && !state.can_redo;
    this.back.disabled = !state.can_undo;
    this.forth.disabled = !state.can_redo;
    this.list.replaceChildren(...state.images.map((image, place) => this.item(image, place)));
    setText(this.maskText, state.mask);
    this.mask.hidden = !state.mask;
    setText(this.hint, state.hint);
    setText(this.error, state.error);
    this.error.hidden = !state.error;
  }

  /** @param {{key: string, name: string, size: string}} image @param {number} place */
  item(image, place) {
    const item = element("li", "iws-image");
    const url = this.pictures.get(image.key);
    const picture = url ? element("img", "iws-thumb", item) : element("span", "iws-thumb", item);
    if (url) {
      picture.src = url;
      picture.alt = "";
      picture.draggable = false;
    }
    const words = element("div", "iws-words", item);
    const name = element("span", "iws-name", words, image.name);
    name.title = image.name;
    element("span", "iws-quiet", words, image.size);
    if (place === 0) {
      pressable(item, "Paint", () => this.model.send({ do: "paint" }), { kind: "iws-outlined", name: "Paint a mask on this image" });
    }
    pressable(item, "×", () => this.model.send({ do: "remove", key: image.key }), { kind: "iws-bare", name: `Remove ${image.name}` });
    return item;
  }

  close() {
    for (const stop of this.stops) stop();
  }
}
