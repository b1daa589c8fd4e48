/**
 * What a spawned thread runs: the default export of the user's module, with the data that its parent passed. The only file that
 * runs by itself; started by handles/spawn.ts.
 */
import { workerData } from 'node:worker_threads';
import { anyCodec } from '../codec/any.js';
import { FIRST_BODY_TAG, Outgoing } from '../codec/wire.js';
import '../handles/broadcast-receiver.js';
import '../handles/broadcast-sender.js';
import type { Handle } from '../handles/handle.js';
import '../handles/receiver.js';
import '../handles/sender.js';
import type { ThreadResult, ThreadStart } from '../handles/spawn.js';
import { replaceTokens } from '../handles/spawn-data.js';
import { open, type HandleToken } from '../handles/token.js';
import { runtimeFor } from '../runtime.js';

const start = workerData as ThreadStart;

async function run(): Promise<void> {
  const opened: Handle[] = [];
  runtimeFor(start.heap, start.place);
  let answer: ThreadResult;
  try {
    const data = replaceTokens(start.data, (token) => {
      const handle = open(token as HandleToken<Handle>);
      opened.push(handle);
      return handle;
    });
    const { default: main } = (await import(start.module)) as { default?: unknown };
    if (typeof main !== 'function')
      throw new TypeError(`cannot run ${start.module}: it has no default export that is a function`);
    answer = encode(true, await (main as (data: unknown) => unknown)(data));
  } catch (error) {
    answer = encodeFailure(error);
  }
  for (const handle of opened) handle.drop();
  start.result.postMessage(answer);
  start.result.close();
}

function encode(ok: boolean, value: unknown): ThreadResult {
  const out = new Outgoing();
  anyCodec.encode(value, out);
  const { tag, number, lo, hi } = out;
  const body = tag >= FIRST_BODY_TAG ? Uint8Array.prototype.slice.call(out.body, 0, out.length) : new Uint8Array(0);
  return { ok, tag, number, lo, hi, body, handles: out.handles.map((handle) => (handle as Handle).transfer()) };
}

/** What was thrown may itself be something that cannot cross threads; then its text does. */
function encodeFailure(error: unknown): ThreadResult {
  try {
    return encode(false, error);
  } catch (uncloneable) {
    return encode(
      false,
      new Error(`the thread threw a value that cannot cross threads: ${String(error)}`, { cause: uncloneable }),
    );
  }
}

/** The parent watches the other end of this port; it must close when the thread dies and not before. */
(globalThis as { [key: symbol]: unknown })[Symbol.for('beamline.life')] = start.life;

run().catch((error: unknown) => {
  throw error;
});
