/**
 * The API: `POST /hash {"password"}` and `POST /verify {"password", "hash"}`, in front of a pool that does the work.
 *
 * What is accepted is bounded: so many jobs on the threads, so many queued, and who comes then is told at once to come again later.
 * (Node's own asynchronous scrypt has a queue without an end, and four threads that it shares with all file system calls.)
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { validator } from 'hono/validator';
import type { WorkerPool } from 'beamline/pool';
import type { KeyJob } from './scrypt.js';
import { format, isStoredHash, parse, SALT_BYTES } from './stored-hash.js';

const RETRY_AFTER_SECONDS = 1;
const LARGEST_BODY = 4096;

/** `capacity`: of the pool. */
export function passwordApi(pool: WorkerPool<KeyJob, Uint8Array>, capacity: number): Hono {
  const api = new Hono();
  api.use(bodyLimit({ maxSize: LARGEST_BODY }));

  api.post('/hash', validator('json', hashRequest), async (c) => {
    const { password } = c.req.valid('json');
    const salt = randomBytes(SALT_BYTES);
    return c.json({ hash: format({ salt, key: await keyFor({ password, salt }, c.req.raw) }) });
  });

  api.post('/verify', validator('json', verifyRequest), async (c) => {
    const { password, hash } = c.req.valid('json');
    const { salt, key } = parse(hash);
    return c.json({ valid: timingSafeEqual(key, await keyFor({ password, salt }, c.req.raw)) });
  });

  /** Nothing comes between the look at the queue and `run`, so a job that is accepted has room. For a client that is gone none is begun. */
  async function keyFor(job: KeyJob, { signal }: Request): Promise<Uint8Array> {
    if (pool.stats().queued >= capacity) throw new HTTPException(503, { res: comeAgain() });
    return pool.run(job, { signal });
  }

  return api;
}

function comeAgain(): Response {
  const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };
  return Response.json({ error: 'too much to do, come again later' }, { status: 503, headers });
}

function hashRequest(body: { password?: unknown } | null): { password: string } {
  const password = body?.password;
  if (typeof password === 'string' && password !== '') return { password };
  throw new HTTPException(400, { message: 'password must be a string with something in it' });
}

function verifyRequest(body: { password?: unknown; hash?: unknown } | null): { password: string; hash: string } {
  const hash = body?.hash;
  if (isStoredHash(hash)) return { ...hashRequest(body), hash };
  throw new HTTPException(400, { message: 'hash must be one that /hash has given' });
}
