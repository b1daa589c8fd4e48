/**
 * One platform timer for all the instants that a thread's pending operations wait for.
 *
 * Called by: waiting/parking.ts. A binary min-heap whose items know their place, so that removing one (most operations complete long
 * before their deadline) leaves nothing behind.
 */
import { now, timer, type Timer } from '../platform/clock.js';

/** Something with an instant at which it wants to be called; keeps its own place in the heap. */
export interface Timed {
  wakeAt: number;
  /** Index in the heap, -1 when not in it. */
  place: number;
  onTime(): void;
}

/** Platform timers hold at most this many ms. */
const LONGEST = 2 ** 31 - 1;

export class Deadlines {
  private readonly heap: Timed[] = [];
  private timer: Timer | undefined;
  private timerAt = Infinity;

  /** Puts an item at its `wakeAt`, or moves it there. */
  set(item: Timed): void {
    if (item.wakeAt === Infinity) return this.remove(item);
    if (item.place < 0) item.place = this.heap.push(item) - 1;
    this.sift(item);
    this.plan();
  }

  remove(item: Timed): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.heap.pop() as Timed;
    if (last === item) return;
    last.place = place;
    this.heap[place] = last;
    this.sift(last);
  }

  private sift(item: Timed): void {
    const { heap } = this;
    let { place } = item;
    for (let up = (place - 1) >> 1; place > 0 && heap[up].wakeAt > item.wakeAt; up = (place - 1) >> 1) {
      this.put(heap[up], place);
      place = up;
    }
    for (;;) {
      let down = 2 * place + 1;
      if (down + 1 < heap.length && heap[down + 1].wakeAt < heap[down].wakeAt) down++;
      if (down >= heap.length || heap[down].wakeAt >= item.wakeAt) break;
      this.put(heap[down], place);
      place = down;
    }
    this.put(item, place);
  }

  private put(item: Timed, place: number): void {
    this.heap[place] = item;
    item.place = place;
  }

  /** Keeps one timer at the earliest instant. A timer that is early by then only plans anew: nothing is called before its time. */
  private plan(): void {
    const first = this.heap[0];
    if (first === undefined || first.wakeAt >= this.timerAt) return;
    this.timer?.cancel();
    this.timerAt = first.wakeAt;
    const ms = Math.ceil(Math.min(Math.max(first.wakeAt - now(), 0), LONGEST));
    this.timer = timer(ms, () => this.fire());
  }

  private fire(): void {
    this.timer = undefined;
    this.timerAt = Infinity;
    const instant = now();
    for (let first = this.heap[0]; first !== undefined && first.wakeAt <= instant; first = this.heap[0]) {
      this.remove(first);
      first.onTime();
    }
    this.plan();
  }
}
