/**
 * What the books of a round say about the library. Pure: so that a test can show it books with a mistake in them.
 *
 * Called by: round.ts, at the end of a round, when every thread has ended and every stream was drained.
 *
 * What is allowed: a dead receiver may have taken what it was about to take and not recorded it; a dead sender may have sent what it
 * was about to send. Nothing else.
 */
import { DEAD, type Ledger, PER_PART, type PartBooks } from './ledger.js';

/** All that is wrong, a sentence each. `discarded`: streams whose last receiver was dropped, so that messages may be gone. */
export function judge(ledger: Ledger, discarded: ReadonlySet<number> = new Set()): string[] {
  const books = ledger.books();
  const faults = ledger.faults().map(({ kind, part, message }) => `message ${nameOf(message)} was ${kind}, at part ${part}`);
  const streams = new Set(books.map(({ stream }) => stream).filter((stream) => !discarded.has(stream)));
  return [
    ...faults,
    ...books.flatMap((part) => phantoms(ledger, part)),
    ...[...streams].flatMap((s) => losses(ledger, books, s)),
  ];
}

/**
 * The least number of messages that are in a stream's buffer right now, as far as the books tell. More than the capacity is an
 * anomaly at any instant: accepted messages are read first, and what was received until then is at most what is read afterwards.
 */
export function leastBuffered(ledger: Ledger, stream: number): number {
  const parts = ledger.books().filter((part) => part.stream === stream);
  const accepted = parts.reduce((sum, part) => sum + part.accepted, 0);
  return parts.reduce((rest, { part }) => {
    const { pending, taken } = ledger.booksOf(part);
    return rest - pending - taken;
  }, accepted);
}

/** How many messages were received, by the books. */
export function messagesTaken(ledger: Ledger): number {
  return ledger.books().reduce((sum, { taken }) => sum + taken, 0);
}

/** Messages that were received and never accepted, and not in doubt either. */
function phantoms(ledger: Ledger, { part, accepted, intended, state }: PartBooks): string[] {
  const doubtful = state === DEAD ? intended : accepted;
  const found: string[] = [];
  for (let sequence = accepted; sequence < PER_PART; sequence++) {
    if (ledger.timesSeen(part, sequence) > 0 && sequence >= doubtful)
      found.push(`message ${part}:${sequence} was received; its sender was told that it was not sent`);
  }
  return found;
}

/** Accepted messages that nobody received, beyond what dead receivers may have taken with them. */
function losses(ledger: Ledger, books: readonly PartBooks[], stream: number): string[] {
  const parts = books.filter((part) => part.stream === stream);
  const doubt = parts.reduce((sum, { state, pending }) => sum + (state === DEAD ? pending : 0), 0);
  const lost: string[] = [];
  for (const { part, accepted } of parts) {
    for (let sequence = sentAtLeast(ledger, part, accepted) - 1; sequence >= 0; sequence--) {
      if (ledger.timesSeen(part, sequence) === 0) lost.push(`${part}:${sequence}`);
    }
  }
  if (lost.length <= doubt) return [];
  const some = lost.slice(0, 10).join(', ');
  return [`stream ${stream} lost ${lost.length} accepted messages, dead receivers account for at most ${doubt}: ${some}`];
}

/** Order is kept per sender: what came before a message that arrived was sent, recorded or not. */
function sentAtLeast(ledger: Ledger, part: number, accepted: number): number {
  for (let sequence = PER_PART - 1; sequence >= accepted; sequence--)
    if (ledger.timesSeen(part, sequence) > 0) return sequence + 1;
  return accepted;
}

const nameOf = (message: number): string => `${Math.floor(message / PER_PART)}:${message % PER_PART}`;
