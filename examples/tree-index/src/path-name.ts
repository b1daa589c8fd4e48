/**
 * File names as the system has them: bytes. Nearly all are UTF-8 and travel as strings; one that is not travels as its bytes,
 * because a string made of it would name another file.
 */
import { isUtf8 } from 'node:buffer';
import { sep } from 'node:path';

export type PathName = string | Uint8Array;

/** A view of the same bytes: what crosses threads arrives as a plain Uint8Array, and `fs` is typed for Buffers. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const forFs = (path: PathName): string | Buffer => (typeof path === 'string' ? path : asBuffer(path));

export const fromBytes = (bytes: Buffer): PathName => (isUtf8(bytes) ? bytes.toString('utf8') : bytes);

const SEPARATOR = Buffer.from(sep);

/** `directory/name`. Simpler than `path.join`, which knows no bytes; neither part has anything to normalise. */
export function childOf(directory: PathName, name: PathName): PathName {
  if (typeof directory === 'string' && typeof name === 'string') {
    return directory.endsWith(sep) ? directory + name : directory + sep + name;
  }
  return Buffer.concat([Buffer.from(directory as string), SEPARATOR, Buffer.from(name as string)]);
}

/** The path as text; bytes that are not UTF-8 become `\xHH`, and a backslash beside them `\\`, so that none is mistaken. */
export function label(path: PathName): string {
  if (typeof path === 'string') return path;
  let text = '';
  for (let at = 0; at < path.length;) {
    const character = characterAt(asBuffer(path), at);
    text += character === '\\' ? '\\\\' : (character ?? `\\x${path[at]!.toString(16).padStart(2, '0')}`);
    at += character === undefined ? 1 : Buffer.byteLength(character);
  }
  return text;
}

/** The UTF-8 character that starts at `at`, if there is one: the shortest of one to four bytes that is valid. */
function characterAt(bytes: Buffer, at: number): string | undefined {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    const candidate = bytes.subarray(at, at + length);
    if (isUtf8(candidate)) return candidate.toString('utf8');
  }
  return undefined;
}
