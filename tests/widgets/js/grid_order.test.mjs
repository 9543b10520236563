// Which tiles of a result grid are shown, in which order, and in what they differ: node --test tests/widgets/js
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  arranged, captionFacts, differing, groupings, promptParts, says,
} from "../../../imgwidgets/widgets/static/grid_order.js";

const NOTHING = { text: "", model: "", starred: false, rating: 0, sort: "", group: "" };

const tile = (key, fields = {}) => ({
  key, state: "image", prompt: "a red fox", model: "gpt-image-2", facts: [], parameters: {}, notes: [], error: "",
  width: 1024, height: 1024, cost: null, seconds: null, added: key, starred: false, rating: 0, ...fields,
});
const keys = (groups) => groups.flatMap(({ tiles }) => tiles.map(({ key }) => key));

test("filters leave what has all that is asked for", () => {
  const tiles = [
    tile(0, { starred: true, rating: 3 }), tile(1, { model: "dall-e-3", rating: 5 }),
    tile(2, { prompt: "an owl", parameters: { quality: "high" } }),
  ];
  assert.deepEqual(keys(arranged(tiles, NOTHING)), [0, 1, 2]);
  assert.deepEqual(keys(arranged(tiles, { ...NOTHING, starred: true })), [0]);
  assert.deepEqual(keys(arranged(tiles, { ...NOTHING, rating: 4 })), [1]);
  assert.deepEqual(keys(arranged(tiles, { ...NOTHING, model: "gpt-image-2" })), [0, 2]);
  assert.deepEqual(keys(arranged(tiles, { ...NOTHING, text: "OWL high" })), [2]);
  assert.deepEqual(keys(arranged(tiles, { ...NOTHING, text: "x" }, new Set([1]))), [1], "Python knows the whole prompt");
  assert.deepEqual(arranged(tiles, { ...NOTHING, text: "nothing like that" }), []);
  assert.ok(says(tiles[0], "fox red"));
});

test("what has no cost or rating comes last, whichever way it is sorted", () => {
  const tiles = [tile(0, { cost: 0.2 }), tile(1), tile(2, { cost: 0.1, rating: 1 }), tile(3, { cost: 0.1, rating: 4 })];
  assert.deepEqual(keys(arranged(tiles, { ...NOTHING, sort: "cost" })), [2, 3, 0, 1]);
  assert.deepEqual(keys(arranged(tiles, { ...NOTHING, sort: "-cost" })), [0, 2, 3, 1]);
  assert.deepEqual(keys(arranged(tiles, { ...NOTHING, sort: "-rating" })), [3, 2, 0, 1]);
  assert.deepEqual(keys(arranged(tiles, { ...NOTHING, sort: "-time" })), [3, 2, 1, 0]);
});

test("tiles are grouped by any parameter, in the order in which its values came", () => {
  const tiles = ["low", "high", "low"].map((quality, key) => tile(key, { parameters: { quality } }));
  const groups = arranged([...tiles, tile(3)], { ...NOTHING, group: "quality" });
  assert.deepEqual(groups.map(({ name }) => name), ["low", "high", ""]);
  assert.deepEqual(keys(groups), [0, 2, 1, 3]);
  assert.equal(groupings(tiles)[0], "quality", "what differs is offered first");
});

test("captions name what differs in the grid, and mark what differs from the neighbours", () => {
  const tiles = ["low", "low", "high"].map((quality, key) => tile(key, {
    parameters: { quality, moderation: "auto", n: "2" }, cost: 0.1, seconds: 2, facts: ["x", "$0.10", "2.0 s"],
  }));
  const differ = differing(tiles, groupings(tiles));
  assert.deepEqual([...differ], ["quality"]);
  assert.deepEqual(captionFacts(tiles[1], differ, [tiles[0], tiles[2]]), [
    { text: "gpt-image-2", differs: false }, { text: "1024×1024", differs: false },
    { text: "quality low", differs: true }, { text: "$0.10", differs: false }, { text: "2.0 s", differs: false },
    { text: "auto", differs: false },
  ]);
  assert.equal(captionFacts(tiles[0], differ, [tiles[1]])[2].differs, false);
  const waiting = tile(9, { state: "waiting", width: 0, model: "" });
  assert.equal(differing([...tiles, waiting], ["model", "size"]).size, 0, "what is awaited has no say");
});

test("the part of a prompt that its neighbours do not share is found", () => {
  const parts = (prompt, ...others) => promptParts(prompt, others);
  assert.deepEqual(parts("a red fox, ink", "a red owl, ink"), ["a red ", "fox, ", "ink"]);
  assert.deepEqual(parts("a red fox", "a red fox"), ["a red fox", "", ""]);
  assert.deepEqual(parts("a red fox", "something else entirely, with many words"), ["a red fox", "", ""]);
  assert.deepEqual(parts("a fox in ink", "a fox in clay", "a fox in oil"), ["a fox in ", "ink", ""]);
  assert.deepEqual(parts("", "a"), ["", "", ""]);
  assert.equal(parts("<b>a</b> fox now", "<b>a</b> owl now").join(""), "<b>a</b> fox now", "nothing is lost");
});
