/**
 * Messages that carry a number, in many shapes: what a codec carries, short and long, with handles inside; and how to read the number
 * back. What was read is checked against the number, so that a damaged message does not pass for a good one.
 *
 * Called by: roles, through forms.ts.
 */
import { bounded, codecs, type Codec, type Sender } from 'beamline';
import type { Stage } from './stage.js';

/** A codec of one's own: the number, and as many bytes as it says. */
export const ownCodec: Codec<number> = {
  name: 'trial',
  encode: (n) => {
    const bytes = new Uint8Array(4 + (n % 300)).fill(n);
    new DataView(bytes.buffer).setInt32(0, n);
    return bytes;
  },
  decode: (bytes) => {
    const n = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0);
    return bytes.length === 4 + (n % 300) && bytes.subarray(4).every((byte) => byte === n % 256) ? n : NaN;
  },
};

export const CODECS = ['any', 'int32', 'float64', 'utf8', 'bytes', 'json', 'own'] as const;
export type CodecName = (typeof CODECS)[number];

export function codecOf(name: CodecName): Codec<unknown> {
  return name === 'own' ? ownCodec : codecs[name];
}

/** The size of bodies: mostly small, now and then so large that the heap has to grow. */
const sizeOf = (n: number): number => (n % 97 === 0 ? 20_000 + (n % 7) * 30_000 : (n * 37) % 600);

/** Message number `n` for a channel with this codec. */
export function dress(stage: Stage, codec: CodecName, n: number): unknown {
  switch (codec) {
    case 'int32':
    case 'float64':
    case 'own':
      return n;
    case 'utf8':
      return textOf(n);
    case 'bytes':
      return bytesOf(n);
    case 'json':
      return { n, text: textOf(n) };
    case 'any':
      return anyOf(stage, n);
  }
}

function anyOf(stage: Stage, n: number): unknown {
  switch (n % 8) {
    case 0:
    case 1:
      return n;
    case 2:
      return textOf(n);
    case 3:
      return bytesOf(n);
    case 4:
      return { n, text: textOf(n) };
    case 5:
      return withHandle(n);
    case 6:
      return new Map([[n, new Set([n, new Date(n)])]]);
    default:
      return {
        // Read while the message is encoded: orders are obeyed in there too.
        get n() {
          stage.obey();
          return n;
        },
        text: textOf(n),
      };
  }
}

function withHandle(n: number): unknown {
  const [reply, replied] = bounded<number>(1);
  replied.drop();
  return { n, text: textOf(n), reply };
}

const textOf = (n: number): string => `${n}:${String.fromCharCode(97 + (n % 26)).repeat(sizeOf(n))}`;

function bytesOf(n: number): Uint8Array {
  const bytes = new Uint8Array(4 + sizeOf(n)).fill(n);
  new DataView(bytes.buffer).setInt32(0, n);
  return bytes;
}

/** A message was not sent: its handles are dropped. */
export function forget(message: unknown): void {
  (message as { reply?: Sender<number> }).reply?.drop();
}

/** The number of a message; NaN if it is damaged. Handles inside are dropped. */
export function undress(message: unknown): number {
  if (typeof message === 'number') return message;
  if (typeof message === 'string') return numberOfText(message);
  if (message instanceof Uint8Array) return numberOfBytes(message);
  if (message instanceof Map) return numberOfMap(message);
  const { n, text, reply } = message as { n: number; text: string; reply?: Sender<number> };
  reply?.drop();
  return numberOfText(text) === n ? n : NaN;
}

function numberOfText(text: string): number {
  const n = Number(text.slice(0, text.indexOf(':')));
  return text === textOf(n) ? n : NaN;
}

function numberOfBytes(bytes: Uint8Array): number {
  const n = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0);
  return bytes.length === 4 + sizeOf(n) && bytes.subarray(4).every((byte) => byte === n % 256) ? n : NaN;
}

function numberOfMap(map: Map<unknown, unknown>): number {
  const [n, set] = [...map][0] as [number, Set<unknown>];
  const [again, date] = [...set] as [number, Date];
  return again === n && date.getTime() === n ? n : NaN;
}
