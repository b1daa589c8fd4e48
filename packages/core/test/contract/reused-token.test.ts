/** api.md §7: a reused token is ERR_HANDLE_MOVED, whatever has become of the handle since; a forged one is ERR_INVALID_ARGUMENT. */
import { bounded, open, type HandleToken, type Sender } from '@beamline/core';
import { expectFailure, expectInvalid, thrown } from '../support/failure';

const [tx, rx] = bounded<number>(1);
const token = tx.transfer();
let handle = open(token);

afterAll(() => {
  handle.drop();
  rx.drop();
});

const openAgain = () => thrown(() => open(token));

it('while the handle is here', () => {
  expectFailure(openAgain(), 'HandleError', 'ERR_HANDLE_MOVED');
});

it('while the handle is in another token', () => {
  const next = handle.transfer();
  expectFailure(openAgain(), 'HandleError', 'ERR_HANDLE_MOVED');
  handle = open(next);
});

it('after the handle came out of another token', () => {
  expectFailure(openAgain(), 'HandleError', 'ERR_HANDLE_MOVED');
});

it('but one that was never made is forged', () => {
  const next = handle.transfer();
  const { nonce } = next as unknown as { nonce: number };
  expectInvalid(
    thrown(() => open({ ...next, nonce: nonce ^ 1 } as HandleToken<Sender<number>>)),
    'TypeError',
  );
  handle = open(next);
});
