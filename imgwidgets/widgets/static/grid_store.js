import { make } from "./grid_kit.js";

/** @typedef {import("./grid_kit.js").Tile} Tile */

export const KERNEL_GONE = "The kernel that made this is gone: run the cell again.";
const PATIENCE = 3000; // ms: then a page that got no answer says what it is waiting for

/** What this page knows of one grid; all its views share it. */
export class Store {
  /** @param {any} model @param {[any, DataView[]][]} [early] messages that came before this module */
  constructor(model, early = []) {
    this.model = model;
    /** @type {number[]} */
    this.order = [];
    /** @type {Map<number, Tile>} */
    this.tiles = new Map();
    /** @type {Map<number, {version: number, url: string}>} */
    this.thumbnails = new Map();
    /** @type {Set<number>} */
    this.asked = new Set();
    /** @type {Map<number, {url: string, version: number, details: any}>} */
    this.images = new Map();
    /** @type {Map<string, {resolve: (answer: any) => void, reject: (reason: Error) => void}>} */
    this.requests = new Map();
    /** @type {Set<(what: string, key?: number) => void>} */
    this.views = new Set();
    this.connected = false;
    this.gone = false;
    this.silent = false;
    this.total = model.get("_count");
    this.client = Math.random().toString(36).slice(2);
    this.serial = 0;
    this.queue = new Set();
    /** @type {Set<number> | undefined} */
    this.found = undefined;
    this.trouble = "";
    /** @type {{keys: number[], taken?: boolean} | undefined} */
    this.comparing = undefined;
    model.on("msg:custom", (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
      this.receive(message, buffers ?? []);
    });
    model.on("change:_selected", () => this.tell("selection"));
    model.on("change:_offers", () => this.tell("offers"));
    model.on("change:_cost", () => this.tell("summary"));
    for (const name of ["sort_by", "group_by", "filter_text", "filter_model", "filter_starred", "filter_rating"]) {
      model.on(`change:${name}`, () => this.wished(name));
    }
    this.patience = setTimeout(() => {
      this.silent = !this.connected;
      this.tell("kernel");
    }, PATIENCE);
    for (const [message, buffers] of early) this.receive(message, buffers ?? []);
    if (model.get("filter_text")) this.wished("filter_text");
  }

  /** @param {string} what @param {number} [key] */
  tell(what, key) {
    for (const view of this.views) view(what, key);
  }

  /** Send, and notice a kernel that is gone. @param {any} message */
  send(message) {
    try {
      if (this.gone) throw new Error(KERNEL_GONE);
      this.model.send(message);
    } catch {
      this.lose();
      throw new Error(KERNEL_GONE);
    }
  }

  /** The kernel is gone: nothing that was asked for will come. */
  lose() {
    if (this.gone) return;
    this.gone = true;
    for (const { reject } of this.requests.values()) reject(new Error(KERNEL_GONE));
    this.requests.clear();
    this.tell("kernel");
  }

  /** The page's own model knows when its kernel is restarted or ended. @param {string} id */
  async watch(id) {
    if (this.watched || !id) return;
    this.watched = true;
    try {
      const own = await this.model.widget_manager.get_model(id);
      const look = () => { if (own.comm_live === false) this.lose(); };
      own.on?.("comm_live_update", look);
      look();
    } catch {
      // A front end that has no such models: a message that cannot be sent tells it later.
    }
  }

  /** @param {any} message @param {DataView[]} buffers */
  receive(message, buffers) {
    if (message.kind === "tiles") this.list(message);
    else if (message.kind === "gone") this.drop(message.keys);
    else if (message.kind === "tile") {
      const { tile } = message;
      if (!this.tiles.has(tile.key)) return;
      const old = this.tiles.get(tile.key);
      this.know(tile);
      if (old?.version !== tile.version) this.asked.delete(tile.key);
      this.tell("tile", tile.key);
    } else if (message.kind === "thumbnail") {
      const old = this.thumbnails.get(message.key);
      if (old && old.version > message.version) return;
      if (old) URL.revokeObjectURL(old.url);
      const url = URL.createObjectURL(new Blob([buffers[0]], { type: message.media_type }));
      this.thumbnails.set(message.key, { version: message.version, url });
      this.asked.delete(message.key);
      this.tell("thumbnail", message.key);
    } else if (message.kind === "compare") {
      this.comparing = message; // kept until a view is there to open it
      this.tell("compare");
    } else if (message.kind === "trouble") {
      this.trouble = message.message;
      this.tell("trouble");
    } else if (message.request && this.requests.has(message.request)) {
      const request = this.requests.get(message.request);
      this.requests.delete(message.request);
      if (message.kind === "failed") request?.reject(new Error(message.message));
      else request?.resolve({ ...message, bytes: buffers[0] });
    }
  }

  /** A stretch of the list. @param {any} message */
  list(message) {
    this.connected = true;
    this.silent = false;
    clearTimeout(this.patience);
    this.watch(message.model_id);
    const keys = message.tiles.map((/** @type {Tile} */ tile) => tile.key);
    this.order.splice(message.start, keys.length, ...keys);
    this.order.length = Math.min(this.order.length, message.total);
    for (const tile of message.tiles) this.know(tile);
    this.total = message.total;
    if (message.start + keys.length >= message.total) {
      const left = new Set(this.order);
      this.drop([...this.tiles.keys()].filter((key) => !left.has(key)), false);
    }
    this.tell("tiles");
  }

  /** @param {Tile} tile */
  know(tile) {
    tile.heard = performance.now() / 1000;
    this.tiles.set(tile.key, tile);
  }

  /** @param {number[]} keys @param {boolean} [aloud] */
  drop(keys, aloud = true) {
    for (const key of keys) {
      this.tiles.delete(key);
      this.asked.delete(key);
      for (const known of [this.thumbnails, this.images]) {
        const url = known.get(key)?.url;
        if (url) URL.revokeObjectURL(url);
        known.delete(key);
      }
    }
    if (!aloud) return;
    const gone = new Set(keys);
    this.order = this.order.filter((key) => !gone.has(key));
    this.total = this.order.length;
    this.tell("tiles");
  }

  forget() {
    clearTimeout(this.patience);
    this.drop([...this.tiles.keys()], false);
  }

  // -- what is shown --------------------------------------------------------------------------------------

  /** @returns {import("./grid_order.js").Wish} */
  get wish() {
    const { model } = this;
    return {
      text: (model.get("filter_text") ?? "").trim(),
      model: model.get("filter_model") ?? "",
      starred: Boolean(model.get("filter_starred")),
      rating: model.get("filter_rating") ?? 0,
      sort: model.get("sort_by") ?? "",
      group: model.get("group_by") ?? "",
    };
  }

  /** @param {string} name a trait @param {any} value */
  set(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
    this.wished(name);
  }

  /** @param {string} name */
  async wished(name) {
    this.tell("wish");
    if (name !== "filter_text") return;
    this.found = undefined; // at once what the page knows, then what Python finds in whole prompts
    const { text } = this.wish;
    if (!text) return;
    try {
      const { keys } = await this.ask({ kind: "find", text });
      if (this.wish.text !== text) return;
      this.found = new Set(keys);
      this.tell("wish");
    } catch {
      // The page's own search stays.
    }
  }

  /** All tiles in the order of the grid. @returns {Tile[]} */
  get listed() {
    return this.order.map((key) => this.tiles.get(key)).filter((tile) => tile !== undefined);
  }

  // -- pictures -------------------------------------------------------------------------------------------

  /** Ask for a thumbnail; what is asked for in one frame travels in one message. @param {number} key */
  want(key) {
    const tile = this.tile(key);
    if (!tile || tile.state === "error" || tile.state === "waiting" || this.asked.has(key) || this.gone) return;
    if (this.thumbnails.get(key)?.version === tile.version) return;
    this.asked.add(key);
    if (!this.queue.size) {
      requestAnimationFrame(() => {
        const keys = [...this.queue];
        this.queue.clear();
        try {
          for (let i = 0; i < keys.length; i += 24) {
            this.send({ kind: "thumbnails", keys: keys.slice(i, i + 24) });
          }
        } catch {
          // The views say that the kernel is gone.
        }
      });
    }
    this.queue.add(key);
  }

  /** @param {number} key */
  tile(key) {
    return this.tiles.get(key);
  }

  /** Send a request that Python answers, also when it fails. @param {any} message @returns {Promise<any>} */
  ask(message) {
    const request = `${this.client}:${++this.serial}`;
    return new Promise((resolve, reject) => {
      this.requests.set(request, { resolve, reject });
      try {
        this.send({ ...message, request });
      } catch (error) {
        this.requests.delete(request);
        reject(error);
      }
    });
  }

  /**
   * Something large, fetched in pieces that every server lets through.
   * @param {any} message @param {(share: number) => void} [progress]
   */
  async pieces(message, progress) {
    const pieces = [];
    let offset = 0;
    let head;
    do {
      const answer = await this.ask({ ...message, offset });
      head ??= answer;
      pieces.push(answer.bytes);
      offset += answer.bytes.byteLength;
      if (!answer.bytes.byteLength && offset < answer.total) throw new Error("The image arrived cut off.");
      progress?.(offset / head.total);
    } while (offset < head.total);
    return { head, blob: new Blob(pieces, { type: head.media_type }) };
  }

  /**
   * The provider's own bytes as a URL of this page.
   * @param {number} key @param {(share: number) => void} [progress]
   */
  async image(key, progress) {
    const version = this.tile(key)?.version ?? 0;
    const known = this.images.get(key);
    if (known && known.version === version) {
      this.images.delete(key); // the most recently used goes to the end
      this.images.set(key, known);
      return known;
    }
    const { head, blob } = await this.pieces({ kind: "image", key }, progress);
    const image = { url: URL.createObjectURL(blob), version, details: head.details };
    this.images.set(key, image);
    for (const [oldest, { url: gone }] of this.images) {
      if (this.images.size <= 12) break;
      URL.revokeObjectURL(gone);
      this.images.delete(oldest);
    }
    return image;
  }

  // -- the selection --------------------------------------------------------------------------------------

  /** @returns {number[]} */
  get selected() {
    return this.model.get("_selected");
  }

  /** @param {number[]} keys */
  select(keys) {
    const wanted = new Set(keys.filter((key) => this.tiles.has(key)));
    this.model.set("_selected", this.order.filter((key) => wanted.has(key)));
    this.model.save_changes();
    this.tell("selection");
  }

  /** @param {number} key */
  toggle(key) {
    const now = this.selected;
    this.select(now.includes(key) ? now.filter((other) => other !== key) : [...now, key]);
  }

  // -- taking along ---------------------------------------------------------------------------------------

  /** One file as it is, or a zip of several. @param {number[]} keys */
  async download(keys) {
    const wanted = keys.filter((key) => this.tile(key)?.state === "image");
    if (!wanted.length) return;
    const [key] = wanted;
    if (wanted.length === 1) {
      offer((await this.image(key)).url, this.tile(key)?.name ?? "image");
      return;
    }
    const { head, blob } = await this.pieces({ kind: "zip", keys: wanted });
    const url = URL.createObjectURL(blob);
    offer(url, head.name);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  /** @param {number} key */
  async copyImage(key) {
    if (!navigator.clipboard?.write || typeof ClipboardItem === "undefined") {
      throw new Error("This browser copies pictures only on https pages and on this computer: download it.");
    }
    // The promise goes in, so that the click still counts when the picture has come.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": this.png(key) })]);
  }

  /** A picture as PNG, the one format that clipboards take. @param {number} key @returns {Promise<Blob>} */
  async png(key) {
    const { url } = await this.image(key);
    const blob = await (await fetch(url)).blob();
    if (blob.type === "image/png") return blob;
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.naturalWidth || 1024;
    canvas.height = picture.naturalHeight || 1024;
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve, reject) => {
      canvas.toBlob((made) => (made ? resolve(made) : reject(new Error("This picture cannot be copied."))), "image/png");
    });
  }
}

/** @param {string} url @param {string} name */
function offer(url, name) {
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Text into the clipboard, on plain http pages too. @param {string} text */
export async function copyText(text) {
  if (navigator.clipboard?.writeText) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const box = make("textarea", { value: text, class: "iw-offscreen" });
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  if (!done) throw new Error("This browser does not let pages copy.");
}
