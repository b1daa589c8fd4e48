/** The facade hands on all of core, select and pool, and what it hands on works. */
import { fixture, runNode } from './programs.js';

type Report = Record<'.' | './pool', { failed: Record<string, string>; lacking: { line: string[]; export: string[] } }>;

test('every re-export has a smoke line, and every smoke line holds', async () => {
  const report = JSON.parse(await runNode([fixture('smoke.mjs')])) as Report;
  const sound = { failed: {}, lacking: { line: [], export: [] } };
  expect(report).toEqual({ '.': sound, './pool': sound });
});
