/** Serves an API on this machine, and stops in order. (Examples stand by themselves: job-queue has the same file.) */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';

export interface Serving extends AsyncDisposable {
  readonly url: string;
}

/** `port` 0 takes one that is free. Disposing of it takes no more connections, and answers the requests that have come. */
export async function serving(api: Hono, port: number): Promise<Serving> {
  const server = serve({ fetch: api.fetch, hostname: '127.0.0.1', port }) as Server;
  await once(server, 'listening');
  let unanswered = 0;
  server.on('request', (_request, response) => {
    unanswered++;
    response.once('close', () => {
      if (--unanswered === 0 && !server.listening) server.closeAllConnections(); // clients keep them open for a next request
    });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      if (unanswered === 0) server.closeAllConnections();
      await closed;
    },
  };
}
