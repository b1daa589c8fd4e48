/**
 * The judge of the chaos scenarios is not blind: books in which a message is lost, doubled, out of order or out of nowhere are found
 * wrong, and books of a thread that died in the middle of an operation are not.
 */
import { judge, leastBuffered } from '../../src/frame/judge.js';
import { Ledger, PARTS, PER_PART } from '../../src/frame/ledger.js';

/** A sender and two receivers of stream 1, all in one thread. */
class Table {
  readonly ledger = new Ledger();
  readonly sender = this.ledger.enter(1);
  readonly receivers = [this.ledger.enter(1), this.ledger.enter(1)];
  private readonly last = this.receivers.map(() => new Int32Array(PARTS));

  send(count: number): number[] {
    const numbers = this.ledger.intend(this.sender, count);
    this.ledger.accept(this.sender, count);
    return numbers;
  }

  /** A whole receive of these messages, or the end of one that began with `before`. */
  receive(messages: readonly number[], who = 0, before = this.ledger.expect(this.receivers[who], messages.length)): void {
    this.ledger.take(this.receivers[who], messages, before, this.last[who]);
  }

  end(killed: readonly number[] = []): string[] {
    for (const part of [this.sender, ...this.receivers]) this.ledger.leave(part, killed.includes(part));
    return judge(this.ledger);
  }
}

describe('books without a mistake', () => {
  it('are found right', () => {
    const table = new Table();
    const [a, b, c] = table.send(3);
    table.receive([a, b]);
    table.receive([c], 1);
    expect(table.end()).toEqual([]);
  });

  it('may lack what a dead receiver was receiving', () => {
    const table = new Table();
    const [, , last] = table.send(3);
    table.ledger.expect(table.receivers[0], 2);
    table.receive([last], 1);
    expect(table.end([table.receivers[0]])).toEqual([]);
  });

  it('may have more than a dead sender has recorded: what it was sending', () => {
    const table = new Table();
    table.receive(table.ledger.intend(table.sender, 2));
    expect(table.end([table.sender])).toEqual([]);
  });

  it('may lack messages of a stream that was discarded', () => {
    const table = new Table();
    table.send(3);
    table.end();
    expect(judge(table.ledger, new Set([1]))).toEqual([]);
  });
});

describe('a mistake in the books is found:', () => {
  it('a message that was received twice', () => {
    const table = new Table();
    const [a] = table.send(1);
    table.receive([a]);
    table.receive([a], 1);
    expect(table.end()).toContain(`message ${table.sender}:0 was doubled, at part ${table.receivers[1]}`);
  });

  it('a message that was accepted and never received', () => {
    const table = new Table();
    const [a, , c] = table.send(3);
    table.receive([a]);
    table.receive([c], 1);
    expect(table.end()).toEqual([`stream 1 lost 1 accepted messages, dead receivers account for at most 0: ${table.sender}:1`]);
  });

  it('more messages lost than dead receivers had in hand', () => {
    const table = new Table();
    table.send(3);
    table.ledger.expect(table.receivers[0], 2);
    expect(table.end([table.receivers[0]])[0]).toMatch(
      /^stream 1 lost 3 accepted messages, dead receivers account for at most 2/,
    );
  });

  it('a message lost that a living receiver says it was about to take', () => {
    const table = new Table();
    table.send(1);
    table.ledger.expect(table.receivers[0], 1);
    expect(table.end()[0]).toMatch(/^stream 1 lost 1/);
  });

  it('a message of a dead batch that is missing before one that arrived', () => {
    const table = new Table();
    const [, second] = table.ledger.intend(table.sender, 2);
    table.receive([second]);
    expect(table.end([table.sender])[0]).toMatch(/^stream 1 lost 1/);
  });

  it('two messages of one sender in the wrong order', () => {
    const table = new Table();
    const [a, b] = table.send(2);
    table.receive([b, a]);
    expect(table.end()).toContain(`message ${table.sender}:0 was reordered, at part ${table.receivers[0]}`);
  });

  it('a message received by one after another had received a later one', () => {
    const table = new Table();
    const [a, b] = table.send(2);
    table.receive([b]);
    table.receive([a], 1);
    expect(table.end()).toContain(`message ${table.sender}:0 was reordered across receivers, at part ${table.receivers[1]}`);
  });

  it('but not if the two receives overlapped', () => {
    const table = new Table();
    const [a, b] = table.send(2);
    const before = table.ledger.expect(table.receivers[1], 1);
    table.receive([b]);
    table.receive([a], 1, before);
    expect(table.end()).toEqual([]);
  });

  it('a message whose send was reported as failed', () => {
    const table = new Table();
    const [a] = table.ledger.intend(table.sender, 1);
    table.receive([a]);
    table.ledger.accept(table.sender, 0);
    expect(table.end()).toEqual([`message ${table.sender}:0 was received; its sender was told that it was not sent`]);
  });

  it('a message that nobody sent', () => {
    const table = new Table();
    table.receive([table.sender * PER_PART + 5]);
    expect(table.end()[0]).toBe(`message ${table.sender}:5 was unknown, at part ${table.receivers[0]}`);
  });

  it('a message that was damaged on its way', () => {
    const table = new Table();
    table.send(1);
    table.receive([NaN]);
    expect(table.end()[0]).toMatch(/was damaged, at part/);
  });

  it('more messages in a channel than it can hold', () => {
    const table = new Table();
    const [a] = table.send(4);
    table.receive([a]);
    table.ledger.expect(table.receivers[1], 1);
    expect(leastBuffered(table.ledger, 1)).toBe(2);
  });
});
