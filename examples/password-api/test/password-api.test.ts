/** The built program, as a server that a client talks to and autocannon loads, and as the demonstration that it is by itself. */
import { scryptSync } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import autocannon from 'autocannon';
import { LIMIT_MS, Program, run } from '../../../test/support/program.js';

const HEADERS = { 'content-type': 'application/json' };
const REQUEST = { method: 'POST' as const, headers: HEADERS, body: JSON.stringify({ password: 'x' }) };

let program: Program;
let url: string;

beforeAll(async () => {
  program = new Program('password-api', ['--serve', '--threads', '1', '--capacity', '1']);
  [, url] = await program.prints(/^listening on (http:\S+), /);
}, LIMIT_MS);

afterAll(() => program[Symbol.asyncDispose]());

function post(path: string, body: unknown): Promise<Response> {
  return fetch(url + path, { ...REQUEST, body: JSON.stringify(body) });
}

async function answer(path: string, body: unknown): Promise<{ hash: string; valid: boolean }> {
  const response = await post(path, body);
  expect(response.status).toBe(200);
  return (await response.json()) as { hash: string; valid: boolean };
}

test('a hash is scrypt of the password with a salt of its own, in the PHC format', async () => {
  const hashes = [await answer('/hash', { password: 'pässword' }), await answer('/hash', { password: 'pässword' })].map(
    ({ hash }) => hash,
  );
  expect(hashes[0]).not.toBe(hashes[1]);
  for (const hash of hashes) {
    const [, , , salt, key] = hash.split('$');
    expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$/);
    expect(Buffer.from(key, 'base64')).toEqual(
      scryptSync('pässword', Buffer.from(salt, 'base64'), 32, { N: 2 ** 14, r: 8, p: 5 }),
    );
  }
});

test('only the password that was hashed is valid', async () => {
  const { hash } = await answer('/hash', { password: 'one' });
  expect(await answer('/verify', { password: 'one', hash })).toEqual({ valid: true });
  expect(await answer('/verify', { password: 'two', hash })).toEqual({ valid: false });
});

test.each([
  ['/hash', null],
  ['/hash', 7],
  ['/hash', {}],
  ['/hash', { password: '' }],
  ['/hash', { password: 7 }],
  ['/verify', null],
  ['/verify', { password: 'x' }],
  ['/verify', { password: 'x', hash: 'x' }],
  ['/verify', { password: 'x', hash: `$scrypt$ln=30,r=8,p=5$${'A'.repeat(22)}$${'A'.repeat(43)}` }],
])('%s %j is a bad request', async (path, body) => {
  expect((await post(path, body)).status).toBe(400);
});

test('a body that is no JSON is a bad request, and one that is too large is refused as such', async () => {
  expect((await fetch(`${url}/hash`, { ...REQUEST, body: '{' })).status).toBe(400);
  expect((await post('/hash', { password: 'x'.repeat(5000) })).status).toBe(413);
});

/** Comes again as long as it is told to. */
async function patiently(): Promise<void> {
  let response = await fetch(`${url}/hash`, REQUEST);
  for (; response.status === 503; response = await fetch(`${url}/hash`, REQUEST)) {
    expect(response.headers.get('retry-after')).toBe('1');
    await pause(100);
  }
  expect(response.status).toBe(200);
}

test('who comes when all is full hears 503 and when to come again, while others still wait for their answers', async () => {
  const statuses: number[] = []; // in the order in which the answers come
  const all = Array.from({ length: 20 }, async () => {
    const response = await fetch(`${url}/hash`, REQUEST);
    statuses.push(response.status);
    if (response.status === 503) expect(response.headers.get('retry-after')).toBe('1');
  });
  await Promise.all(all);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(statuses.indexOf(503)).toBeLessThan(statuses.lastIndexOf(200));
  await patiently();
});

test(
  'under load it answers everything, and works on',
  async () => {
    const result = await autocannon({
      url: `${url}/hash`,
      ...REQUEST,
      connections: 32,
      duration: 2,
    });
    expect(result).toMatchObject({ errors: 0, timeouts: 0 });
    const statuses = Object.keys(result.statusCodeStats!);
    expect(statuses).toContain('503');
    expect(['200', '503']).toEqual(expect.arrayContaining(statuses));
    await patiently();
  },
  LIMIT_MS,
);

test('clients that go away harm nobody', async () => {
  const away = new AbortController();
  const requests = Array.from({ length: 4 }, () => fetch(`${url}/hash`, { ...REQUEST, signal: away.signal }));
  const answers = Promise.allSettled(requests);
  await Promise.any(requests); // the server has them by now
  away.abort();
  await answers;
  await patiently();
});

test('SIGTERM ends it when what has come has been answered', async () => {
  await using server = new Program('password-api', ['--serve']);
  const [, ownUrl] = await server.prints(/^listening on (http:\S+), /);
  const coming = request(`${ownUrl}/hash`, { ...REQUEST, headers: { ...HEADERS, expect: '100-continue' } });
  coming.flushHeaders();
  await once(coming, 'continue');
  server.kill('SIGTERM');
  await server.prints(/stopping by SIGTERM/);
  coming.end(REQUEST.body);
  const [response] = (await once(coming, 'response')) as [IncomingMessage];
  expect(response.resume().statusCode).toBe(200);
  expect(await server.finished()).toMatchObject({ code: 0, stderr: '' });
});

test(
  'by itself it shows what it does, and ends',
  async () => {
    const { code, stdout, stderr } = await run('password-api', [
      '--threads',
      '1',
      '--capacity',
      '1',
      '--connections',
      '8',
      '--hashes',
      '2',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      new RegExp(
        [
          String.raw`^listening on http://127\.0\.0\.1:\d+, threads: 1, room in the queue: 1`,
          'the right password is right: true, a wrong one: false',
          '8 connections, until 2 passwords are hashed:',
          String.raw`200: \d+ answers, half of them within \d+ ms, 99 % within \d+ ms`,
          String.raw`503: \d+ answers, half of them within \d+ ms, 99 % within \d+ ms`,
          'no answer: 0\n$',
        ].join('\n'),
      ),
    );
  },
  LIMIT_MS,
);
