/** Channels on which a send can complete at once, of every flavor, for tests of send cases. */
import { oneshot, type Receiver, type Sender } from '@beamline/core';
import { turns } from '../../../core/test/support/turns';
import { bench, type Bench } from './bench';

export interface Outlet<T> {
  readonly tx: Sender<T>;
  readonly rx: Receiver<T>;
  /** What has been sent, once something was. Over a rendezvous this receive has been waiting all the time. */
  received(): Promise<T>;
  /** How many sends fit now. */
  room(): number;
}

export type OutletFlavor = 'bounded(1)' | 'bounded(3)' | 'unbounded()' | 'rendezvous' | 'oneshot()';

export const outletFlavors: OutletFlavor[] = ['bounded(1)', 'bounded(3)', 'unbounded()', 'rendezvous', 'oneshot()'];

export interface Outlets extends Bench {
  /** A new channel with room, or with a receive that waits. */
  outlet<T>(flavor: OutletFlavor): Promise<Outlet<T>>;
}

/** The bench, with channels to send to; a receive that waits for a rendezvous ends with its test. */
export function outlets(): Outlets {
  let receivers: Receiver<never>[] = [];
  afterEach(() => {
    for (const rx of receivers) rx.drop();
    receivers = [];
  });
  const at = bench(); // after this hook, as it looks for whoever waits
  const outlet = async <T>(flavor: OutletFlavor): Promise<Outlet<T>> => {
    if (flavor === 'oneshot()') {
      const [tx, rx] = oneshot<T>();
      at.own(tx);
      at.own(rx);
      return { tx, rx, received: () => rx.recv(), room: () => (tx.isDisconnected || tx.isFull ? 0 : 1) };
    }
    const capacity = { 'bounded(1)': 1, 'bounded(3)': 3, 'unbounded()': Infinity, rendezvous: 0 }[flavor];
    const [tx, rx] = at.make<T>(capacity);
    const room = (): number => (capacity === Infinity ? Infinity : countRoom(tx, rx));
    if (flavor !== 'rendezvous') return { tx, rx, received: () => rx.recv(), room };
    receivers.push(rx as Receiver<never>);
    const pending = rx.recv();
    pending.catch(() => undefined); // a test that never asks for it lets it end with its receiver
    await turns();
    return { tx, rx, received: () => pending, room };
  };
  return { ...at, outlet };
}

/** How many more sends the buffer takes; it is as before afterwards. */
function countRoom<T>(tx: Sender<T>, rx: Receiver<T>): number {
  const held = rx.length;
  let count = 0;
  while (tx.trySend(undefined as T).ok) count++;
  const messages = Array.from({ length: held + count }, () => rx.recvSync());
  for (const message of messages.slice(0, held)) tx.sendSync(message);
  return count;
}
