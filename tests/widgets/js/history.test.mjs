// What the history's bar says and asks for: node --test tests/widgets/js
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ALL, STATUSES, amount, emptiness, inUse, pageOf, summary,
} from "../../../imgwidgets/widgets/static/history_kit.js";

const state = (fields = {}) => ({
  found: 0, page: 0, pages: 1, shown: 0, running: 0, spent: "", today: "", models: [], providers: [],
  place: "", notice: "", error: "", code: "", fresh: 0, ...fields,
});

test("filters in use are counted without words and star, which show themselves", () => {
  assert.equal(inUse(ALL), 0);
  assert.equal(inUse({ ...ALL, text: "fox", starred: true }), 0);
  assert.equal(inUse({ ...ALL, model: "a", min_cost: 0, until: "2026-11-20" }), 3);
});

test("an amount is a number from 0 on, or nothing", () => {
  assert.deepEqual(["0.25", "0", "", "much", "-1"].map(amount), [0.25, 0, null, null, null]);
});

test("the summary says what was found and spent", () => {
  assert.equal(summary(state({ found: 1 })), "1 request");
  assert.equal(
    summary(state({ found: 12345, running: 2, spent: "$3.20", today: "$0.10" })),
    "12,345 requests · 2 running · $3.20 spent in all · $0.10 today",
  );
});

test("one page needs no number", () => {
  assert.equal(pageOf(state()), "");
  assert.equal(pageOf(state({ page: 1, pages: 2084 })), "Page 2 of 2,084");
});

test("an empty history says something else than a search without success", () => {
  assert.match(emptiness(state(), ALL), /Nothing is here yet/);
  assert.match(emptiness(state(), { ...ALL, text: "fox" }), /clear the filters/);
  assert.equal(emptiness(state({ error: "no" }), ALL), "");
  assert.equal(emptiness(state({ found: 1 }), ALL), "");
});

test("every outcome has a name", () => {
  assert.equal(new Set(STATUSES.map(([name]) => name)).size, 6);
});
