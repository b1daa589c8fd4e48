/**
 * A plain worker of a trial. It writes in the books before it loads the library, so that it can be killed while it does.
 *
 * Started by cast.ts, with tokens for its handles.
 */
import { workerData } from 'node:worker_threads';
import type { Handle, HandleToken } from 'beamline';
import { Stage, type Part, type Roles } from './stage.js';

export interface PlainStart extends Part {
  readonly tokens: Readonly<Record<string, HandleToken<Handle>>>;
  /** Handles of channels with the codec of messages.ts. */
  readonly custom: boolean;
}

const { module, role, part, memory, seed, data, tokens, custom } = workerData as PlainStart;
const stage = new Stage(part, memory, seed);
const { ledger } = stage;

ledger.begin(part, 'loading the library');
const { open } = await import('beamline');
const { ownCodec } = await import('./messages.js');
const { roles } = (await import(module)) as { roles: Roles };
ledger.begin(part, 'opening its handles');
const options = custom ? { codec: ownCodec } : undefined;
const handles = Object.fromEntries(Object.entries(tokens).map(([name, token]) => [name, open(token, options as never)]));
ledger.begin(part, 'ready');
// Held until the thread ends, used by the role or not: a handle that is collected would be dropped with a warning.
Object.assign(globalThis, { handles });
await roles[role]!(stage, { ...(data as object), ...handles } as never);
ledger.begin(part, 'done');
