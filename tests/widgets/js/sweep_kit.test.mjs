import assert from "node:assert/strict";
import { test } from "node:test";
import { actions, facts } from "../../../imgwidgets/widgets/static/sweep_bar.js";
import {
  dollars, goal, LARGEST_TILE, SMALLEST_TILE, spoken, STATES, tilesAcross, tileWidth,
} from "../../../imgwidgets/widgets/static/sweep_kit.js";

test("tiles are as large as the width allows, within bounds", () => {
  assert.equal(tileWidth(1000, 2, 1), LARGEST_TILE);
  assert.equal(tileWidth(600, 4, 1), 138);
  assert.equal(tileWidth(600, 40, 2), SMALLEST_TILE);
  assert.equal(tileWidth(300, 0, 0), LARGEST_TILE);
});

test("few tiles stand in a row, many in a square", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 9, 10].map(tilesAcross), [1, 1, 2, 3, 2, 3, 4]);
});

test("arrows go through a place's tiles, then on to the next place that has some", () => {
  const counts = [[2, 0, 1], [1, 1, 3]];
  const count = (row, column) => counts[row]?.[column] ?? 0;
  const go = (key, row, column, at) => goal(key, { row, column, at }, count, 2, 3);
  assert.deepEqual(go("ArrowRight", 0, 0, 0), { row: 0, column: 0, at: 1 });
  assert.deepEqual(go("ArrowRight", 0, 0, 1), { row: 0, column: 2, at: 0 }, "an empty place is skipped");
  assert.deepEqual(go("ArrowLeft", 0, 2, 0), { row: 0, column: 0, at: 1 });
  assert.deepEqual(go("ArrowDown", 0, 0, 1), { row: 1, column: 0, at: 0 });
  assert.deepEqual(go("ArrowUp", 0, 0, 0), { row: 0, column: 0, at: 0 }, "at the edge it stays");
  assert.deepEqual(go("End", 1, 0, 0), { row: 1, column: 2, at: 2 });
  assert.deepEqual(go("Home", 1, 2, 2), { row: 1, column: 0, at: 0 });
  assert.equal(go("x", 0, 0, 0), null);
});

test("every state has a sign and a word", () => {
  for (const [sign, word] of Object.values(STATES)) assert.ok(sign && word);
  assert.equal(new Set(Object.values(STATES).map(([, word]) => word)).size, 7);
});

test("times and amounts are said as people say them", () => {
  assert.deepEqual([0.2, 42.4, 100, 7300, null, Infinity].map(spoken), ["1 s", "42 s", "2 min", "2.0 h", "", ""]);
  assert.deepEqual([0, 0.0001, 0.0061, 0.21, 1234.5].map(dollars), ["$0", "under $0.001", "$0.006", "$0.21", "$1,234.50"]);
});

const now = (state, progress = {}) => ({
  state, budget: 3, estimate: "$0.02 to $0.03", images: 4, invalid: 1, free: true, trouble: "", confirmation: "",
  progress: { cells: 6, waiting: 0, running: 0, done: 3, failed: 1, maybe_billed: 0, not_sent: 2, spent: 0.02, reserved: 0, remaining: 41, ...progress },
});

test("the line of a run says cells, money and time", () => {
  assert.deepEqual(facts(now("done")), [
    "6 of 6 cells", "✗ 1 failed", "– 1 not sent", "✗ 1 invalid", "$0.020 of $3.00 spent (sandbox: free)",
    "planned $0.02 to $0.03 for 4 images",
  ]);
  assert.ok(facts(now("running", { waiting: 2, running: 1, done: 0 })).includes("about 41 s left"));
});

test("each state offers what can be done in it", () => {
  const offered = (...said) => actions(now(...said)).map(([kind]) => kind);
  assert.deepEqual(offered("waiting for start"), ["start", "cancel"]);
  assert.deepEqual(offered("running"), ["pause", "cancel"]);
  assert.deepEqual(offered("paused"), ["go_on", "cancel"]);
  assert.deepEqual(actions(now("done")), [["retry", "Retry 2", false]]);
  assert.deepEqual(offered("done", { failed: 0, not_sent: 1 }), [], "invalid cells are not retried");
});
