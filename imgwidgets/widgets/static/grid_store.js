import { make } from "./grid_kit.js";

/** @typedef {import("./grid_kit.js").Tile} Tile */

/** What this page knows of one grid; all its views share it. */
export class Store {
  /** @param {any} model */
  constructor(model) {
    this.model = model;
    /** @type {(Tile|undefined)[]} */
    this.tiles = [];
    /** @type {Map<number, number>} */
    this.places = new Map();
    /** @type {Map<number, {version: number, url: string}>} */
    this.thumbnails = new Map();
    /** @type {Set<number>} */
    this.asked = new Set();
    /** @type {Map<number, {url: string, version: number, details: any}>} */
    this.images = new Map();
    /** @type {Map<string, {resolve: (answer: any) => void, reject: (reason: Error) => void}>} */
    this.requests = new Map();
    this.views = new Set();
    this.connected = false;
    this.total = model.get("_count");
    this.client = Math.random().toString(36).slice(2);
    this.serial = 0;
    this.queue = new Set();
    model.on("msg:custom", (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
      this.receive(message, buffers ?? []);
    });
    model.on("change:_selected", () => this.tell("selection"));
    model.send({ kind: "hello", client: this.client });
  }

  /** @param {string} what @param {number} [key] */
  tell(what, key) {
    for (const view of this.views) view(what, key);
  }

  /** @param {any} message @param {DataView[]} buffers */
  receive(message, buffers) {
    if (message.kind === "tiles") {
      this.connected = true;
      if (message.start === 0 && message.reset) this.forget();
      this.total = message.total;
      message.tiles.forEach((/** @type {Tile} */ tile, /** @type {number} */ i) => {
        this.tiles[message.start + i] = tile;
        this.places.set(tile.key, message.start + i);
      });
      this.tiles.length = this.total;
      this.tell("tiles");
    } else if (message.kind === "tile") {
      const place = this.places.get(message.tile.key);
      if (place === undefined) return;
      this.tiles[place] = message.tile;
      this.asked.delete(message.tile.key);
      this.tell("tile", message.tile.key);
    } else if (message.kind === "thumbnail") {
      const old = this.thumbnails.get(message.key);
      if (old && old.version > message.version) return;
      if (old) URL.revokeObjectURL(old.url);
      const url = URL.createObjectURL(new Blob([buffers[0]], { type: message.media_type }));
      this.thumbnails.set(message.key, { version: message.version, url });
      this.asked.delete(message.key);
      this.tell("thumbnail", message.key);
    } else if (message.request && this.requests.has(message.request)) {
      const request = this.requests.get(message.request);
      this.requests.delete(message.request);
      if (message.kind === "failed") request?.reject(new Error(message.message));
      else request?.resolve({ ...message, bytes: buffers[0] });
    }
  }

  forget() {
    for (const { url } of this.thumbnails.values()) URL.revokeObjectURL(url);
    for (const { url } of this.images.values()) URL.revokeObjectURL(url);
    this.tiles = [];
    this.places.clear();
    this.thumbnails.clear();
    this.images.clear();
    this.asked.clear();
  }

  /** Ask for a thumbnail; what is asked for in one frame travels in one message. @param {number} key */
  want(key) {
    const tile = this.tile(key);
    if (!tile || tile.state === "error" || this.asked.has(key)) return;
    if (this.thumbnails.get(key)?.version === tile.version) return;
    this.asked.add(key);
    if (!this.queue.size) {
      requestAnimationFrame(() => {
        const keys = [...this.queue];
        this.queue.clear();
        for (let i = 0; i < keys.length; i += 24) {
          this.model.send({ kind: "thumbnails", keys: keys.slice(i, i + 24) });
        }
      });
    }
    this.queue.add(key);
  }

  /** @param {number} key */
  tile(key) {
    const place = this.places.get(key);
    return place === undefined ? undefined : this.tiles[place];
  }

  /** Send a request that Python answers, also when it fails. @param {any} message */
  ask(message) {
    const request = `${this.client}:${++this.serial}`;
    return new Promise((resolve, reject) => {
      this.requests.set(request, { resolve, reject });
      this.model.send({ ...message, request });
    });
  }

  /**
   * The provider's own bytes as a URL of this page, fetched in pieces that every server lets through.
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
    const pieces = [];
    let offset = 0;
    let head;
    do {
      const answer = /** @type {any} */ (await this.ask({ kind: "image", key, offset }));
      head ??= answer;
      pieces.push(answer.bytes);
      offset += answer.bytes.byteLength;
      if (!answer.bytes.byteLength && offset < answer.total) throw new Error("The image arrived cut off.");
      progress?.(offset / head.total);
    } while (offset < head.total);
    const url = URL.createObjectURL(new Blob(pieces, { type: head.media_type }));
    const image = { url, version, details: head.details };
    this.images.set(key, image);
    for (const [oldest, { url: gone }] of this.images) {
      if (this.images.size <= 12) break;
      URL.revokeObjectURL(gone);
      this.images.delete(oldest);
    }
    return image;
  }

  /** @returns {number[]} */
  get selected() {
    return this.model.get("_selected");
  }

  /** @param {number[]} keys */
  select(keys) {
    const order = keys.filter((key) => this.places.has(key))
      .sort((a, b) => (this.places.get(a) ?? 0) - (this.places.get(b) ?? 0));
    this.model.set("_selected", order);
    this.model.save_changes();
    this.tell("selection");
  }

  /** @param {number} key */
  toggle(key) {
    const now = this.selected;
    this.select(now.includes(key) ? now.filter((other) => other !== key) : [...now, key]);
  }

  /** @param {number[]} keys */
  async download(keys) {
    for (const key of keys) {
      const tile = this.tile(key);
      if (!tile || tile.state !== "image") continue;
      const { url } = await this.image(key);
      const link = make("a", { href: url, download: tile.name });
      document.body.append(link);
      link.click();
      link.remove();
    }
  }
}
