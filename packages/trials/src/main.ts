/**
 * The trials: `npm run chaos` and `npm run soak` start this file with the name of the tool and its arguments.
 */
import { basename } from 'node:path';

/** The tools: modules that do their work when they are loaded. */
const tools: Readonly<Record<string, () => Promise<unknown>>> = {
  chaos: () => import('./chaos/main.js'),
  soak: () => import('./soak/main.js'),
  fuzz: () => import('./fuzz/main.js'),
};

const [name = ''] = process.argv.splice(2, 1);
const tool = tools[name];
if (tool === undefined) {
  console.error(
    `${basename(process.argv[1]!)}: no tool is called ${JSON.stringify(name)}; there are ${Object.keys(tools).join(', ')}`,
  );
  process.exitCode = 2;
} else await tool();
