/** api.md §2: exactly n messages, in order; the snapshots of §2.3 are exact while nothing else runs. */
import { randomFrom } from '../../support/random';
import { range, turns } from '../../support/turns';
import { type Bench, fill, put } from '../flavor';

export function capacity({ flavor, make }: Bench): void {
  const isBounded = Number.isFinite(flavor.capacity);
  const hasBuffer = flavor.capacity > 0;

  it('both handles tell the capacity', () => {
    const [tx, rx] = make();
    expect(tx.capacity).toBe(flavor.capacity);
    expect(rx.capacity).toBe(flavor.capacity);
  });

  it('length, isEmpty and isFull follow every message, on both handles', () => {
    const [tx, rx] = make<number>();
    const most = Math.min(flavor.capacity, 200);
    const check = (length: number): void => {
      for (const handle of [tx, rx]) {
        expect(handle.length).toBe(length);
        expect(handle.isEmpty).toBe(length === 0);
        expect(handle.isFull).toBe(length === flavor.capacity);
      }
    };
    check(0);
    for (const i of range(most)) {
      tx.sendSync(i);
      check(i + 1);
    }
    for (const i of range(most)) {
      rx.recvSync();
      check(most - 1 - i);
    }
  });

  it('any mixture of operations behaves like a queue, over many laps', () => {
    for (const seed of [1, 2, 3]) {
      const [tx, rx] = make<number>();
      const next = randomFrom(seed);
      const model: number[] = [];
      let id = 0;
      for (let step = 0; step < 4000; step++) {
        const room = flavor.capacity - model.length;
        switch (next(5)) {
          case 0:
          case 1: {
            const expected = room > 0 ? { ok: true } : { ok: false, reason: 'full' };
            expect(tx.trySend(id)).toEqual(expected);
            if (room > 0) model.push(id);
            id++;
            break;
          }
          case 2: {
            const value = model.shift();
            expect(rx.tryRecv()).toEqual(value === undefined ? { ok: false, reason: 'empty' } : { ok: true, value });
            break;
          }
          case 3: {
            const values = range(next(7), id);
            const count = Math.min(room, values.length);
            const expected = count === values.length ? { ok: true, count } : { ok: false, reason: 'full', count };
            expect(tx.trySendMany(values)).toEqual(expected);
            model.push(...values.slice(0, count));
            id += values.length;
            break;
          }
          default: {
            const max = 1 + next(7);
            const value = model.splice(0, max);
            expect(rx.tryRecvMany(max)).toEqual(value.length === 0 ? { ok: false, reason: 'empty' } : { ok: true, value });
          }
        }
        if (rx.length !== model.length) expect([seed, step, rx.length]).toEqual([seed, step, model.length]);
      }
      expect([...rx.tryIter()]).toEqual(model);
      tx.drop();
      rx.drop();
    }
  });

  if (hasBuffer) {
    it('length is exact across thousands of messages up and down', () => {
      const [tx, rx] = make<number>();
      const most = Math.min(flavor.capacity, 1000);
      for (let lap = 0; lap < 5; lap++) {
        for (const i of range(most)) tx.sendSync(i);
        expect(tx.length).toBe(most);
        for (const i of range(most - 1)) expect(rx.recvSync()).toBe(i);
        expect(rx.length).toBe(1);
        expect(rx.recvSync()).toBe(most - 1);
        expect(rx.length).toBe(0);
      }
    });
  }

  it('messages of every size keep their order', () => {
    const [tx, rx] = make<string | number>();
    const sizes = [0, 1, 7, 8, 9, 40, 100, 1000, 5000, 70_000];
    for (let lap = 0; lap < 20; lap++) {
      const size = sizes[lap % sizes.length]!;
      const text = 'x'.repeat(size) + String(lap);
      put(tx, text);
      expect(rx.recvSync()).toBe(text);
      put(tx, lap);
      expect(rx.recvSync()).toBe(lap);
    }
  });

  if (isBounded) {
    it('exactly as many messages fit as the capacity says, on every lap', () => {
      const [tx, rx] = make<number>();
      for (let lap = 0; lap < 10; lap++) {
        expect(fill(tx)).toBe(flavor.capacity);
        expect(tx.isFull).toBe(true);
        expect([...rx.tryIter()]).toEqual(range(flavor.capacity));
        // An odd number in between, so that the laps start at every slot.
        put(tx, -1);
        expect(rx.recvSync()).toBe(-1);
      }
    });

    if (hasBuffer) {
      it('length counts buffered messages only, never waiting sends', async () => {
        const [tx, rx] = make<number>();
        fill(tx);
        const sent = [tx.send(1), tx.send(2)];
        await turns();
        expect(tx.length).toBe(flavor.capacity);
        expect(rx.length).toBe(flavor.capacity);
        expect(rx.recvManySync(flavor.capacity)).toEqual(range(flavor.capacity));
        expect(await rx.recv()).toBe(1);
        expect(await rx.recv()).toBe(2);
        await Promise.all(sent);
        expect(rx.length).toBe(0);
      });
    }
  } else {
    it('length crosses blocks exactly', () => {
      const [tx, rx] = make<number>();
      for (const top of [30, 31, 32, 61, 62, 63, 64, 124, 125, 500]) {
        for (const i of range(top)) {
          tx.sendSync(i);
          expect(tx.length).toBe(i + 1);
        }
        for (const i of range(top)) {
          expect(rx.recvSync()).toBe(i);
          expect(rx.length).toBe(top - i - 1);
        }
      }
    });

    it('an unbounded channel holds tens of thousands of messages', () => {
      const [tx, rx] = make<number>();
      for (const i of range(50_000)) tx.sendSync(i);
      expect(rx.length).toBe(50_000);
      let next = 0;
      for (const value of rx.tryIter()) if (value !== next++) throw new Error(`${String(value)} instead of ${String(next - 1)}`);
      expect(next).toBe(50_000);
    });
  }
}
