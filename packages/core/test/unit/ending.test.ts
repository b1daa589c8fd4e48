/** Being told of the end of an unbounded channel: onEnding, whose place among the senders no message may use up. */
import { unbounded } from '@beamline/core';
import { HANDLE, onEnding, runtime } from '@beamline/core/internal';
import { FLAGS, FLAG_SENDERS, SENDER_SET } from '../../src/memory/layout';
import { isPending, turns } from '../support/turns';

/** Whether this thread is registered among those that are to be told. */
function isRegistered(words: Int32Array): boolean {
  const { slot } = runtime().heap;
  return (words[SENDER_SET + (slot >>> 5)]! & (1 << (slot & 31))) !== 0 && (words[FLAGS]! & FLAG_SENDERS) !== 0;
}

function watched() {
  const [tx, rx] = unbounded<unknown>();
  const { words } = tx[HANDLE].channel;
  let told = 0;
  const ended = onEnding(tx[HANDLE], () => told++);
  return { tx, rx, words, ended, told: () => told };
}

it('is rung by no message, sent or received, one by one or in batches, with bodies and over many blocks', async () => {
  const { tx, rx, words, ended, told } = watched();
  expect(isRegistered(words)).toBe(true);
  for (let i = 0; i < 500; i++) {
    tx.trySend(i % 5 === 0 ? { body: 'x'.repeat(i) } : i);
    if (i % 3 === 0) rx.tryRecv();
    expect(isRegistered(words)).toBe(true);
  }
  tx.trySendMany([1, 2, 3]);
  rx.tryRecvMany(1000);
  rx.clone().drop();
  tx.clone().drop();
  expect(isRegistered(words)).toBe(true);
  expect(told()).toBe(0);
  rx.drop();
  expect(told()).toBe(1);
  await ended;
  tx.drop();
});

it('is told of the end before drop returns, once, while it was not told of anything before', async () => {
  const { tx, rx, ended, told } = watched();
  const clone = rx.clone();
  rx.drop();
  await turns();
  expect(told()).toBe(0);
  clone.drop();
  clone.drop();
  expect(told()).toBe(1);
  await ended;
  tx.drop();
  expect(told()).toBe(1);
});

it('is told of a close, and of an end that was there before', async () => {
  const closed = watched();
  closed.rx.close();
  await closed.ended;
  expect(closed.told()).toBe(1);
  const again: string[] = [];
  await onEnding(closed.tx[HANDLE], () => again.push('ended'));
  expect(again).toEqual(['ended']);
  closed.tx.drop();
  closed.rx.drop();
});

it('ends with its sender', async () => {
  const { tx, rx, ended, told } = watched();
  expect(await isPending(ended)).toBe(true);
  tx.drop();
  await ended;
  expect(told()).toBe(1);
  rx.drop();
});

it('holds up no send of its channel', async () => {
  const { tx, rx, ended } = watched();
  expect(tx.trySend(1)).toEqual({ ok: true });
  await tx.send(2, { timeout: 10_000 });
  tx.sendSync(3);
  expect(await tx.sendMany([4, 5])).toBe(2);
  expect([...rx.tryIter()]).toEqual([1, 2, 3, 4, 5]);
  rx.drop();
  await ended;
  tx.drop();
});
