/**
 * What modelled threads write into the ledger. Written by thread.ts through control memory, so a thread that dies leaves what it had
 * written; judged by ledger.ts.
 *
 * Messages are numbers, unique in a run: 1000 × thread + serial number.
 */

/** Events; each is followed by the channel's number and a message (or a count). */
export enum Event {
  /** About to send these; each message is one event. */
  Sending,
  Sent,
  /** The library says it was not sent. */
  Refused,
  /** About to take up to so many messages. */
  Taking,
  /** Got one. */
  Got,
  /** A receiver of a broadcast is told that it missed so many. */
  Missed,
  /** That attempt to take is over. */
  Took,
  /** Blocked or awaited operation begins: 0 to send, 1 to receive, FOR_ITS_END; and its end. */
  Waiting,
  Waited,
  /** A finding of the scenario's own: a number that says which. */
  Wrong,
  /** Of the message that it got from a timer: when the attempt began, in tenths of a ms. */
  Since,
}

/** What a wait may be for, besides sending and receiving: that nobody can receive any more. */
export const FOR_ITS_END = 2;

/** An event, the channel's number, a message. */
export const EVENT_WORDS = 3;
