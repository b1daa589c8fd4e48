/**
 * The queue behind HTTP.
 *
 *   POST   /jobs {"limit": N}   202 and the job's status; 503 with Retry-After while the queue is full
 *   GET    /jobs/ID             its status; 404 if there is none
 *   DELETE /jobs/ID             cancels it: 202, and its status says when that is done; 409 if it is done already
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { validator } from 'hono/validator';
import type { JobQueue, Status } from './queue.js';

const RETRY_AFTER_SECONDS = 1;
const LARGEST_BODY = 1024;
const LARGEST_LIMIT = 1_000_000_000;

export function jobApi(queue: JobQueue): Hono {
  const api = new Hono();
  api.use(bodyLimit({ maxSize: LARGEST_BODY }));

  api.post('/jobs', validator('json', submission), (c) => {
    const status = queue.submit(c.req.valid('json').limit);
    if (status !== undefined) return c.json(status, 202, { location: `/jobs/${status.id}` });
    return c.json({ error: 'the queue is full, come again later' }, 503, { 'retry-after': String(RETRY_AFTER_SECONDS) });
  });

  api.get('/jobs/:id{\\d+}', (c) => c.json(found(queue.status(Number(c.req.param('id'))))));

  api.delete('/jobs/:id{\\d+}', (c) => {
    const status = found(queue.cancel(Number(c.req.param('id'))));
    return c.json(status, status.state === 'done' || status.state === 'failed' ? 409 : 202);
  });

  return api;
}

function submission(body: { limit?: unknown } | null): { limit: number } {
  const limit = body?.limit;
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 0 && limit <= LARGEST_LIMIT) return { limit };
  throw new HTTPException(400, { message: `limit must be a whole number up to ${LARGEST_LIMIT}` });
}

function found(status: Status | undefined): Status {
  if (status === undefined) throw new HTTPException(404, { message: 'no such job' });
  return status;
}
