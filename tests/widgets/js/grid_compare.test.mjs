// The arithmetic of lightbox and comparison, without a browser: node --test tests/widgets/js
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  arrange, colour, heatColour, inPieces, percent, sizeNote, subtract, summary,
} from "../../../imgwidgets/widgets/static/grid_compare_kit.js";
import { follow, wholeScale, within } from "../../../imgwidgets/widgets/static/grid_stage.js";

test("pictures share a screen so that they are largest", () => {
  assert.equal(arrange(2, 1, 1000, 500), 2);
  assert.equal(arrange(2, 1, 400, 900), 1);
  assert.equal(arrange(2, 3, 900, 600), 1, "two wide ones lie above each other");
  assert.equal(arrange(4, 1, 800, 800), 2);
  assert.equal(arrange(4, 1, 2000, 300), 4);
  assert.equal(arrange(3, 1, 0, 0), 1);
});

test("pictures of several sizes show the same part of themselves", () => {
  const pane = { width: 500, height: 400 };
  const lead = { width: 1000, height: 800 };
  const small = { width: 250, height: 200 };
  const view = { scale: 1.2, x: 90, y: -45 };
  const other = follow(view, lead, small, pane);
  assert.equal(other.scale, 4.8);
  assert.equal(other.x, 90);
  assert.equal(other.y, -45);
  assert.deepEqual(follow(view, lead, lead, pane), view);
  // Another shape: what is in the middle of the pane is at the same share of width and height.
  const tall = { width: 400, height: 1600 };
  const seen = follow(view, lead, tall, pane);
  const share = (/** @type {any} */ v, /** @type {any} */ size) => [v.x / (size.width * v.scale), v.y / (size.height * v.scale)];
  const [a, b] = [share(view, lead), share(seen, tall)];
  a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < 1e-12));
});

test("a picture cannot be moved out of sight", () => {
  const pane = { width: 500, height: 400 };
  const size = { width: 1000, height: 800 };
  const moved = within({ scale: 1, x: 99999, y: -99999 }, size, pane);
  assert.ok(500 / 2 - (moved.x - 1000 / 2) >= 48, "its left edge is still inside");
  assert.ok(moved.y + 800 / 2 + 400 / 2 >= 48);
  assert.deepEqual(within({ scale: 0.5, x: 10, y: 20 }, size, pane), { scale: 0.5, x: 10, y: 20 });
  assert.equal(wholeScale(size, pane), 0.5);
});

const picture = (...pixels) => new Uint8ClampedArray(pixels.flat());

test("a pixel's difference is that of its most different channel, transparency included", () => {
  const one = picture([10, 20, 30, 255], [0, 0, 0, 255], [5, 5, 5, 0]);
  const other = picture([10, 25, 0, 255], [0, 0, 0, 255], [5, 5, 5, 255]);
  const found = new Uint8Array(3);
  subtract(one, other, found, 0, 3);
  assert.deepEqual([...found], [30, 0, 255]);
  assert.deepEqual(summary(found, 2), { changed: 2, share: 2 / 3, mean: 95, most: 255 });
  assert.deepEqual(summary(found, 30), { changed: 1, share: 1 / 3, mean: 95, most: 255 });
  assert.deepEqual(summary(new Uint8Array(4), 0), { changed: 0, share: 0, mean: 0, most: 0 });
});

test("the heat map is clear within the tolerance and brighter with every step above it", () => {
  const differences = Uint8Array.from({ length: 256 }, (_, value) => value);
  const image = new Uint8ClampedArray(256 * 4);
  colour(differences, 3, image, 0, 256);
  assert.deepEqual([...image.slice(0, 16)], new Array(16).fill(0));
  assert.deepEqual([...image.slice(16, 20)], [...heatColour(4), 255]);
  const light = (/** @type {number} */ value) => heatColour(value).reduce((sum, part, i) => sum + part * [0.3, 0.6, 0.1][i], 0);
  for (let value = 16; value < 256; value += 16) assert.ok(light(value) > light(value - 16), `at ${value}`);
});

test("long work is done in pieces, all of it once, and can be given up", async () => {
  const seen = new Uint8Array(1_000_000);
  assert.equal(await inPieces(seen.length, (from, to) => { for (let i = from; i < to; i += 1) seen[i] += 1; }), true);
  assert.ok(seen.every((count) => count === 1));
  let pieces = 0;
  assert.equal(await inPieces(1e9, () => { pieces += 1; }, () => pieces < 3), false);
  assert.equal(pieces, 3);
});

test("shares and sizes are told in words", () => {
  assert.equal(percent(0), "0.0 %");
  assert.equal(percent(0.00001), "under 0.1 %");
  assert.equal(percent(0.99999), "99.9 %");
  assert.equal(percent(1), "100 %");
  assert.equal(sizeNote([{ width: 8, height: 8 }, { width: 8, height: 8 }]), "");
  assert.match(sizeNote([{ width: 8, height: 8 }, { width: 16, height: 16 }]), /8×8, 16×16\) and are scaled to one\.$/);
  assert.match(sizeNote([{ width: 8, height: 8 }, { width: 16, height: 8 }]), /shapes differ/);
});
