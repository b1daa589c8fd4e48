/**
 * A token in the data of `spawn` arrives as what it is, a token, and is opened by whoever wants to: it may be somebody else's, and
 * for a channel with a custom codec it is the only way (api.md §3: the codec is given again at `open`).
 */
import { join as joinPath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bounded, type Codec, open, spawn } from '@beamline/core';
import { expectFailure, rejection } from '../support/failure';
import { FIXTURES } from '../support/program';

const moduleUrl = (name: string): URL => pathToFileURL(joinPath(FIXTURES, 'modules', name));

/** The same as fixtures/lib/twice-codec.mjs. */
const twice: Codec<number> = { name: 'twice', encode: (n) => Uint8Array.of(2 * n), decode: ([n]) => n };

it('the function opens it', async () => {
  const [tx, rx] = bounded<number>(1);
  await spawn(moduleUrl('open-token.mjs'), { data: { token: tx.transfer() } }).join();
  expect(rx.tryRecv()).toEqual({ ok: true, value: 21 });
  expect(rx.tryRecv()).toEqual({ ok: false, reason: 'disconnected' });
  rx.drop();
});

it('the function opens one of a channel with a custom codec', async () => {
  const [tx, rx] = bounded<number>(1, { codec: twice });
  await spawn(moduleUrl('open-token.mjs'), { data: { token: tx.transfer(), custom: true } }).join();
  expect(rx.tryRecv()).toEqual({ ok: true, value: 42 });
  rx.drop();
});

it('it is still good after a thread that did not open it', async () => {
  const [tx, rx] = bounded<number>(1);
  const token = tx.transfer();
  expect(await spawn(moduleUrl('add.mjs'), { data: { a: 1, b: 2, token } }).join()).toBe(3);
  const again = open(token);
  expect(again.senderCount).toBe(1);
  again.drop();
  rx.drop();
});

it('one that was opened before fails where it is opened', async () => {
  const [tx, rx] = bounded<number>(1);
  const token = tx.transfer();
  open(token).drop();
  const error = await rejection(spawn(moduleUrl('open-token.mjs'), { data: { token } }).join());
  expectFailure(error, 'HandleError', 'ERR_HANDLE_MOVED');
  rx.drop();
});
