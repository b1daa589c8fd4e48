/** Counts lines and words of a text that arrives in chunks, byte by byte, whatever its encoding. */

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;

/** Tab, line feed, vertical tab, form feed, carriage return; they are neighbours. And the space. */
const isSpace = (byte: number): boolean => byte === SPACE || (byte >= TAB && byte <= CARRIAGE_RETURN);

export class TextCounter {
  lines = 0;
  words = 0;
  /** Whether the last byte belongs to a word, which the next chunk may continue. */
  #inWord = false;

  add(chunk: Uint8Array): void {
    let { lines, words } = this;
    let inWord = this.#inWord;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      const space = isSpace(byte);
      if (byte === LINE_FEED) lines++;
      if (!space && !inWord) words++;
      inWord = !space;
    }
    this.lines = lines;
    this.words = words;
    this.#inWord = inWord;
  }
}
