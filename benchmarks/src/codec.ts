/**
 * The default codec against the libraries that could stand in its place (docs/adr/0002-codec.md).
 *
 * Run with: npm run build && node benchmarks/dist/codec.js
 *
 * Every contender does what a channel does: it puts a value into shared memory, and makes a value out of shared memory that does
 * not refer to it. Each runs in a process of its own, over the same values. Printed is the fastest sample of each, in nanoseconds:
 * whatever else the machine does can only add to it.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { codecs } from 'beamline';
import Table from 'cli-table3';
import { do_not_optimize, measure } from 'mitata';
import { Packr } from 'msgpackr';

// ── the memory between two threads ──

const START = 64;
const heap = new Uint8Array(new SharedArrayBuffer(1 << 20));
const heapBuffer = Buffer.from(heap.buffer);
let stored = 0;

function store(bytes: Uint8Array, length: number): void {
  stored = length;
  if (length > 64) heap.set(length === bytes.length ? bytes : bytes.subarray(0, length), START);
  else for (let i = 0; i < length; i++) heap[START + i] = bytes[i]!;
}

const inPlace = (): Buffer => heapBuffer.subarray(START, START + stored);

// ── contenders ──

interface Contender {
  write(value: unknown): void;
  read(): unknown;
}

/** What channels use, found where they find it: the public `codecs.any` allocates its result, which channels do not need. */
interface Wire {
  encode(value: unknown, out: Slot): void;
  decode(input: Slot): unknown;
}
class Slot {
  tag = 0;
  number = 0;
  lo = 0;
  hi = 0;
  body = heap;
  bytes = heap;
  start = START;
  length = 0;
  handles: readonly object[] = [];
}

function own(): Contender {
  const wire = (codecs.any as unknown as Record<symbol, Wire>)[Symbol.for('beamline.codec')]!;
  const slot = new Slot();
  return {
    write(value) {
      wire.encode(value, slot);
      if (slot.tag >= 128) store(slot.body, slot.length);
    },
    read: () => wire.decode(slot),
  };
}

/** As fast as msgpackr goes: object structures are known to both sides. Not all values survive, and bytes stay in the heap. */
function msgpackrRecords(): Contender {
  const packr = new Packr({ structures: [] });
  return {
    write(value) {
      const bytes = packr.pack(value);
      store(bytes, bytes.length);
    },
    read: () => packr.unpack(inPlace()) as unknown,
  };
}

/** msgpackr made to keep the contract: identity, no aliases, and another way for the values that it would change. */
function msgpackrExact(): Contender {
  const packr = new Packr({ structures: [], structuredClone: true, moreTypes: true });
  const ANOTHER_WAY = 0xc1; // not used by msgpack
  return {
    write(value) {
      const bytes = isExact(value) ? packr.pack(value) : Buffer.concat([Buffer.of(ANOTHER_WAY), serialize(value)]);
      store(bytes, bytes.length);
    },
    read() {
      const bytes = Buffer.from(inPlace());
      return (bytes[0] === ANOTHER_WAY ? deserialize(bytes.subarray(1)) : packr.unpack(bytes)) as unknown;
    },
  };
}

/** Whether msgpackr would bring a value back unchanged. */
function isExact(value: unknown, seen?: Set<object>): boolean {
  if (typeof value === 'number') return !Object.is(value, -0);
  if (typeof value === 'string') return value.isWellFormed?.() ?? !/\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return true;
  if (seen?.has(value)) return true;
  const next = (seen ?? new Set()).add(value);
  if (Array.isArray(value)) return isExactArray(value, next);
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) {
    if (key === '__proto__' || !isExact((value as Record<string, unknown>)[key], next)) return false;
  }
  return true;
}

function isExactArray(array: readonly unknown[], seen: Set<object>): boolean {
  if (Object.keys(array).length !== array.length) return false;
  return array.every((element) => isExact(element, seen));
}

function v8(): Contender {
  return {
    write(value) {
      const bytes = serialize(value);
      store(bytes, bytes.length);
    },
    read: () => deserialize(Buffer.from(inPlace())) as unknown,
  };
}

function json(): Contender {
  return {
    write(value) {
      stored = heapBuffer.write(JSON.stringify(value), START, 'utf8');
    },
    read: () => JSON.parse(heapBuffer.toString('utf8', START, START + stored)) as unknown,
  };
}

const CONTENDERS: Readonly<Record<string, () => Contender>> = {
  'beamline any': own,
  'msgpackr records': msgpackrRecords,
  'msgpackr, exact': msgpackrExact,
  'v8.serialize': v8,
  JSON: json,
};

// ── values ──

const COUNT = 256;
const many = <T>(make: (index: number) => T): T[] => Array.from({ length: COUNT }, (_, index) => make(index));
/** As text arrives from files and sockets: in one piece. */
const flat = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');

const user = (i: number): object => ({
  id: i,
  name: `user number ${i}`,
  tags: ['one', 'two', 'three'],
  address: { street: `street ${i}`, zip: 10_000 + i, isPrivate: i % 2 === 0 },
  score: i * 1.5,
});

const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  number: many((i) => i + 0.5),
  'text, 16': many((i) => flat(`sixteen chars${100 + i}`)),
  'text, 1 KB': many((i) => flat(`${100 + i}${'abcdefgh'.repeat(127)}`)),
  'text, 500 CJK': many((i) => flat(`${100 + i}${'漢字かな交じり文の'.repeat(55)}`)),
  '{id, payload}': many((i) => ({ id: i, payload: flat(`sixteen chars${100 + i}`) })),
  'nested, 1 KB': many((i) => ({ page: i, users: Array.from({ length: 8 }, (_, u) => user(u)) })),
  '100 integers': many((i) => Array.from({ length: 100 }, (_, n) => n * 7 + i)),
  '1000 floats': many((i) => Array.from({ length: 1000 }, (_, n) => n * 1.1 + i)),
  'bytes, 4 KB': many((i) => new Uint8Array(4096).fill(i)),
};

/** What the contract asks for (api.md, §3) and codecs tend to lose. */
const cycle: unknown[] = [];
cycle.push(cycle);
const DIFFICULT: Readonly<Record<string, readonly [value: unknown, arrived: (result: never) => boolean]>> = {
  '-0': [-0, (result) => Object.is(result, -0)],
  undefined: [{ u: undefined }, (result: object) => 'u' in result],
  'lone surrogate': ['\ud800', (result) => result === '\ud800'],
  hole: [[, 1], (result: unknown[]) => result.length === 2 && !(0 in result)], // eslint-disable-line no-sparse-arrays -- meant
  'own __proto__': [JSON.parse('{"__proto__":1}'), (result: object) => Object.hasOwn(result, '__proto__')],
  bigint: [2n ** 70n, (result) => result === 2n ** 70n],
  cycle: [cycle, (result: unknown[]) => result[0] === result],
  'Map, Date': [new Map([[1, new Date(5)]]), (result: Map<number, Date>) => result.get(1)?.getTime() === 5],
  'error code': [Object.assign(new Error('e'), { code: 'X' }), (result: { code?: string }) => result.code === 'X'],
  'own bytes': [{ b: new Uint8Array(9) }, (result: { b: Uint8Array }) => !(result.b.buffer instanceof SharedArrayBuffer)],
};

// ── measuring ──

interface Figures {
  readonly times: Record<string, { write: number; read: number } | null>;
  readonly carries: Record<string, boolean>;
}

async function measureContender({ write, read }: Contender): Promise<Figures> {
  const figures: Figures = { times: {}, carries: {} };
  for (const [name, [value, arrived]] of Object.entries(DIFFICULT)) {
    figures.carries[name] = attempt(() => (write(value), arrived(read() as never)));
  }
  for (const [name, values] of Object.entries(VALUES)) {
    figures.times[name] = attempt(() => (write(values[0]), read() !== undefined)) ? await times(values, write, read) : null;
  }
  return figures;
}

function attempt(trial: () => boolean): boolean {
  try {
    return trial();
  } catch {
    return false;
  }
}

async function times(values: readonly unknown[], write: Contender['write'], read: Contender['read']) {
  let next = 0;
  const written = await measure(() => write(values[next++ % COUNT]));
  write(values[1]);
  const read_ = await measure(() => do_not_optimize(read()));
  return { write: written.min, read: read_.min };
}

// ── report ──

function measureInProcess(name: string): Figures {
  const { stdout, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`measuring ${name} failed`);
  return JSON.parse(stdout) as Figures;
}

const PLAIN = { head: [], border: [], compact: true };
const nanoseconds = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

function report(): void {
  const names = Object.keys(CONTENDERS);
  const all = names.map(measureInProcess);
  const speed = new Table({ head: ['write / read, ns', ...names], style: PLAIN });
  for (const value of Object.keys(VALUES)) {
    const cells = all.map(({ times: { [value]: time } }) =>
      time ? `${nanoseconds(time.write)} / ${nanoseconds(time.read)}` : '–',
    );
    speed.push([value, ...cells]);
  }
  const fidelity = new Table({ head: ['arrives', ...names], style: PLAIN });
  for (const value of Object.keys(DIFFICULT))
    fidelity.push([value, ...all.map(({ carries }) => (carries[value] ? 'yes' : 'no'))]);
  console.log(`Node ${process.version}\n${speed.toString()}\n${fidelity.toString()}`);
}

const contender = process.argv[2];
if (contender === undefined) report();
else console.log(JSON.stringify(await measureContender(CONTENDERS[contender]!())));
