/** The messages that are sent. */

export type Shape = 'number' | 'string' | 'object' | 'bytes';

const COUNT = 256;
/** 16 characters each, in one piece as text from files and sockets is. */
const STRINGS = Array.from({ length: COUNT }, (_, i) => Buffer.from(`sixteen chars${100 + i}`).toString('latin1'));
const BYTES = new Uint8Array(4096).fill(7);

/** A function that makes the message number `i`. What programs make for each message is made for each message. */
export function maker(shape: Shape): (i: number) => unknown {
  switch (shape) {
    case 'number':
      return (i) => i + 0.5;
    case 'string':
      return (i) => STRINGS[i % COUNT];
    case 'object':
      return (i) => ({ id: i, payload: STRINGS[i % COUNT] });
    case 'bytes':
      return () => BYTES;
  }
}
