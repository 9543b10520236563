import { BlindView } from "./blind_view.js";

/**
 * The blind test in the browser.
 *
 * Until the end, the page knows two pictures without a name and how many pairs there are.
 *
 *   to Python    hello                                  a page has come up: send me the state
 *                picture  {serial, side, offset, request}
 *                vote     {serial, choice}              left, right, tie, skip; serial: which pair is meant
 *                undo, reveal
 *   from Python  state    {serial, rounds, revealed, sizes | rows, by} + small pictures of the rows
 *                picture  {request, total, media_type} + bytes
 *                failed   {request, message}, trouble {message}
 */

/** What this page knows of one test; all its views share it. */
class Booth {
  /** @param {any} model */
  constructor(model) {
    this.model = model;
    /** @type {any} */
    this.state = null;
    /** @type {DataView[]} */
    this.buffers = [];
    this.trouble = "";
    /** @type {Set<() => void>} */
    this.views = new Set();
    /** @type {Map<string, {resolve: (answer: any) => void, reject: (reason: Error) => void}>} */
    this.requests = new Map();
    this.client = Math.random().toString(36).slice(2);
    this.count = 0;
    /** @type {{serial: number, sides: (Promise<string> | undefined)[]}} */
    this.pair = { serial: -1, sides: [] };
    model.on("msg:custom", (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
      this.receive(message, buffers ?? []);
    });
    model.send({ kind: "hello" });
  }

  /** @param {any} message @param {DataView[]} buffers */
  receive(message, buffers) {
    const waiting = this.requests.get(message.request);
    if (waiting) {
      this.requests.delete(message.request);
      if (message.kind === "failed") waiting.reject(new Error(message.message));
      else waiting.resolve({ ...message, bytes: buffers[0] });
      return;
    }
    if (message.kind === "trouble") this.trouble = message.message;
    else if (message.kind === "state") {
      this.state = message;
      this.buffers = buffers;
      this.trouble = "";
    } else return;
    for (const tell of this.views) tell();
  }

  /** A picture of the present pair as a URL of this page. @param {number} side */
  picture(side) {
    const { serial } = this.state;
    if (this.pair.serial !== serial) {
      this.forget();
      this.pair = { serial, sides: [] };
    }
    this.pair.sides[side] ??= this.fetch(serial, side);
    return this.pair.sides[side];
  }

  /** @param {number} serial @param {number} side */
  async fetch(serial, side) {
    const pieces = [];
    let offset = 0;
    let head;
    do {
      const request = `${this.client}:${++this.count}`;
      const answer = /** @type {any} */ (await new Promise((resolve, reject) => {
        this.requests.set(request, { resolve, reject });
        this.model.send({ kind: "picture", serial, side, offset, request });
      }));
      head = answer;
      pieces.push(answer.bytes);
      offset += answer.bytes.byteLength;
      if (!answer.bytes.byteLength) throw new Error("The image arrived cut off.");
    } while (offset < head.total);
    return URL.createObjectURL(new Blob(pieces, { type: head.media_type }));
  }

  forget() {
    for (const side of this.pair.sides) side?.then((url) => URL.revokeObjectURL(url), () => {});
    this.pair = { serial: -1, sides: [] };
  }

  /** @param {string} choice */
  vote(choice) {
    this.model.send({ kind: "vote", serial: this.state.serial, choice });
  }
}

/** One booth for each model, shared by its views; anywidget calls this once for each model. */
export default () => {
  /** @type {Booth} */
  let booth;
  return {
    /** @param {{model: any}} context */
    initialize({ model }) {
      booth = new Booth(model);
      return () => booth.forget();
    },
    /** @param {{el: HTMLElement}} context */
    render({ el }) {
      const view = new BlindView(booth, el);
      return () => view.close();
    },
  };
};
