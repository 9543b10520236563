// What the blind test says at its end: node --test tests/widgets/js
import assert from "node:assert/strict";
import { test } from "node:test";

import { verdict } from "../../../imgwidgets/widgets/static/blind_view.js";

const fox = { name: "fox", low: 1100, high: 1300 };

test("a winner is named only where the intervals are apart", () => {
  assert.match(verdict([fox, { name: "owl", low: 800, high: 1000 }], 12), /After 12 votes, fox is ahead/);
  assert.match(verdict([fox, { name: "owl", low: 900, high: 1150 }], 1), /After 1 vote, .*cannot be told apart/);
  assert.match(verdict([fox, { name: "owl", low: 900, high: 1150 }], 0), /No votes/);
});
