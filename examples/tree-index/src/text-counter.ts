/** Counts lines and words of a text that arrives in chunks, byte by byte, whatever its encoding. */

const LINE_FEED = 0x0a;

/** 1 for ASCII white space: tab, line feed, vertical tab, form feed, carriage return, space. A table, as this is the hot loop. */
const IS_SPACE = new Uint8Array(256);
for (const byte of [0x09, LINE_FEED, 0x0b, 0x0c, 0x0d, 0x20]) IS_SPACE[byte] = 1;

export class TextCounter {
  lines = 0;
  words = 0;
  /** 1 unless the last byte belongs to a word, which the next chunk may continue. */
  #afterSpace = 1;

  add(chunk: Uint8Array): void {
    let { lines, words } = this;
    let afterSpace = this.#afterSpace;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      const space = IS_SPACE[byte]!;
      if (byte === LINE_FEED) lines++;
      words += afterSpace & ~space; // a word begins
      afterSpace = space;
    }
    this.lines = lines;
    this.words = words;
    this.#afterSpace = afterSpace;
  }
}
