/** The soak's judge: growth is found, noise and warm-up are not growth. */
import { LEAST, trendOf } from '../../src/soak/trend.js';

const exact = { percent: 0, slack: 0 };
const tenPercent = { percent: 10, slack: 5 };
const series = (of: (i: number) => number, length = 60) => Array.from({ length }, (_, i) => of(i));

it('a series that stays the same does not grow', () => {
  expect(
    trendOf(
      series(() => 7),
      exact,
    ),
  ).toEqual({ first: 7, last: 7, allowed: 7, grows: false });
});

it('a steady leak grows', () => {
  expect(
    trendOf(
      series((i) => 1000 + 10 * i),
      tenPercent,
    ).grows,
  ).toBe(true);
});

it('one more of what is counted exactly grows', () => {
  expect(
    trendOf(
      series((i) => (i < 45 ? 3 : 4)),
      exact,
    ).grows,
  ).toBe(true);
});

it('what comes in the warm-up is no growth', () => {
  expect(
    trendOf(
      series((i) => Math.min(i, 10) * 100),
      exact,
    ).grows,
  ).toBe(false);
});

it('peaks are no growth', () => {
  expect(
    trendOf(
      series((i) => (i % 5 === 4 ? 900 : 100)),
      exact,
    ).grows,
  ).toBe(false);
});

it('what shrinks does not grow', () => {
  expect(
    trendOf(
      series((i) => 1000 - i),
      exact,
    ).grows,
  ).toBe(false);
});

it('the tolerance is what it says', () => {
  expect(
    trendOf(
      series((i) => (i < 40 ? 100 : 115)),
      tenPercent,
    ).grows,
  ).toBe(false);
  expect(
    trendOf(
      series((i) => (i < 40 ? 100 : 116)),
      tenPercent,
    ).grows,
  ).toBe(true);
});

it('too few figures are refused', () => {
  expect(() =>
    trendOf(
      series(() => 1, LEAST - 1),
      exact,
    ),
  ).toThrow(RangeError);
});
