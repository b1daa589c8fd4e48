import { chosen, nanoseconds, resultOf, times, verdict } from '../src/figures.js';

test('a result is made of medians, which a burst of other work does not move', () => {
  expect(resultOf({ own: [50, 52, 9_000], baseline: [500, 520, 20_000] })).toEqual({ own: 52, baseline: 520, ratio: 10 });
});

test('without a baseline there is no ratio', () => {
  expect(resultOf({ own: [1, 3], baseline: [] })).toEqual({ own: 2 });
});

test('nanoseconds have one digit after the point below a hundred, none above', () => {
  expect([46.25, 99.94, 100.4, 12_345.6, undefined].map(nanoseconds)).toEqual(['46.3', '99.9', '100', '12,346', '–']);
});

test('a ratio is rounded down: what reads as the bar has met it', () => {
  expect([7.99, 8, 13.26, undefined].map(times)).toEqual(['7.9×', '8.0×', '13.2×', '–']);
});

test('a bar is met, missed, or not there', () => {
  expect([true, false, undefined].map(verdict)).toEqual(['✓', '✗', '']);
});

test('a name chooses what begins with it; no name chooses all', () => {
  const all = [{ name: 'one-way' }, { name: 'operations' }];
  expect(chosen(all, ['one'])).toEqual([{ name: 'one-way' }]);
  expect(chosen(all, [])).toBe(all);
  expect(chosen(all, ['none'])).toEqual([]);
});
