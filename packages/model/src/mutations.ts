/**
 * Bugs that a protocol could have, each a change of the text of the build. Every one must be caught by some scenario: a checker that
 * lets one live is blind in that place.
 *
 * Used by: main.ts, test/. The product has no switches; when it changes, a patch that no longer fits says so.
 */
import type { Patch } from './loader.js';

export interface Mutation {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** Scenarios that are tried, in this order. */
  readonly scenarios: readonly string[];
}

const patch = (file: string, find: string, replace: string, times?: number): Patch =>
  times === undefined ? { file, find, replace } : { file, find, replace, times };

const L = 'layout_js_1';
const A = '(0, atomics_js_1.';
/** What a message says of a handle. */
const REFERENCE = `referenceTo(index, kind & ${L}.SIDE_MASK, isWeak, isBroadcast)`;

export const mutations: readonly Mutation[] = [
  // ── index words ───────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'publish before the payload',
    patches: [
      patch(
        'flavors/array.js',
        'let lastBody = 0;\n            let index = pos % capacity;\n            for (let i = 0; i < count; i++) {\n                const s = (from + i)',
        `let lastBody = 0;\n            ${A}store)(words, ${L}.TAIL, (((pos + count) % modulus) << ${L}.INDEX_SHIFT) | slot);\n            let index = pos % capacity;\n            for (let i = 0; i < count; i++) {\n                const s = (from + i)`,
      ),
    ],
    scenarios: ['ring try', 'ring bodies'],
  },
  {
    name: 'take before the payload is copied',
    patches: [
      patch(
        'flavors/array.js',
        'let beyond = 0;\n',
        `let beyond = 0;\n            ${A}store)(words, ${L}.HEAD, (((pos + count) % modulus) << ${L}.INDEX_SHIFT) | slot);\n`,
      ),
    ],
    scenarios: ['ring bodies die', 'ring block'],
  },
  {
    name: 'weaken the CAS on TAIL to a store',
    patches: [
      patch(
        'flavors/array.js',
        `if (${A}cas)(words, ${L}.TAIL, tail, tail | slot) !== tail)`,
        `if (${A}store)(words, ${L}.TAIL, tail | slot) === 0)`,
      ),
    ],
    scenarios: ['ring 2 senders'],
  },
  {
    name: 'weaken the CAS on HEAD to a store',
    patches: [
      patch(
        'flavors/array.js',
        `if (${A}cas)(words, ${L}.HEAD, head, head | slot) !== head)`,
        `if (${A}store)(words, ${L}.HEAD, head | slot) === 0)`,
      ),
    ],
    scenarios: ['ring 2 receivers', 'ring receiver dies'],
  },
  {
    name: 'the cached head is not refreshed before "full"',
    patches: [
      patch(
        'flavors/array.js',
        `used = pos - (${A}load)(words, ${L}.HEAD) >>> ${L}.INDEX_SHIFT);`,
        `used = pos - words[${L}.HEAD_SEEN];`,
      ),
    ],
    scenarios: ['ring block', 'ring try'],
  },
  {
    name: 'the cached tail is not refreshed before "empty"',
    patches: [
      patch(
        'flavors/array.js',
        `if (pos === words[${L}.TAIL_SEEN]) {\n                // The hint says empty. TAIL's position and mark in one load, with HEAD unchanged, decide without taking the index.\n                const tail = ${A}load)(words, ${L}.TAIL);`,
        `if (pos === words[${L}.TAIL_SEEN]) {\n                const tail = words[${L}.TAIL_SEEN] << ${L}.INDEX_SHIFT;`,
      ),
    ],
    scenarios: ['ring block'],
  },
  {
    name: 'the wrap word is not part of the transaction',
    patches: [
      patch(
        'flavors/array.js',
        `if (next < pos) {\n                    table[j++] = at + ${L}.TAIL_HI;\n                    table[j++] = words[${L}.TAIL_HI] + 1;\n                }`,
        `if (next < pos) {\n                    words[${L}.TAIL_HI] = words[${L}.TAIL_HI] + 1;\n                }`,
      ),
    ],
    scenarios: ['batch dies'],
  },
  {
    name: 'a body stays on the held stack when it is published',
    patches: [
      patch(
        'flavors/array.js',
        `let held = lastBody === 0 || moved ? table[record + ${L}.T_HELD] : heapWords[lastBody + ${L}.C_NEXT];`,
        `let held = table[record + ${L}.T_HELD];`,
      ),
    ],
    scenarios: ['ring bodies', 'ring bodies die'],
  },
  {
    name: 'a new block is linked outside the transaction',
    patches: [
      patch(
        'flavors/list.js',
        `table[j++] = last === 0 ? at + ${L}.CH_FIRST_BLOCK : last + ${L}.B_LINK;\n                    table[j++] = spare;`,
        `heapWords[last === 0 ? at + ${L}.CH_FIRST_BLOCK : last + ${L}.B_LINK] = 0;`,
      ),
    ],
    scenarios: ['list edge', 'list edge dies'],
  },

  // ── rendezvous ────────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'a claim is a store, not a CAS',
    patches: [
      patch(
        'flavors/zero.js',
        `if (${A}cas)(heapWords, context, expected, exports.CLAIMED | (slot << STATE_BITS)) !== expected)`,
        `if (${A}store)(heapWords, context, exports.CLAIMED | (slot << STATE_BITS)) === 0)`,
      ),
    ],
    scenarios: ['meet one of two', 'meet in time', 'meet two selects'],
  },
  {
    name: 'an operation tries while it stands',
    patches: [
      patch('waiting/parking.js', 'const withdrawal = standing.withdraw();', "const withdrawal = 'withdrawn';"),
      patch(
        'waiting/parking.js',
        'const withdrawal = offers.withdraw(problem !== undefined);',
        "const withdrawal = 'withdrawn';",
      ),
    ],
    scenarios: ['meet or take', 'meet 2:2'],
  },
  {
    name: 'an offer is made without a look at the other side',
    patches: [
      patch(
        'flavors/zero.js',
        `(tail & ${L}.INDEX_MARK) === 0 && !this.hasGood(side, offer, sentHome)`,
        `(tail & ${L}.INDEX_MARK) === 0`,
        2,
      ),
    ],
    scenarios: ['meet'],
  },
  {
    name: 'whoever is claimed is not rung',
    patches: [patch('flavors/zero.js', '// ── handed over ──\n        (0, door_js_1.ring)(heap, owner, this.id);', ';')],
    scenarios: ['meet'],
  },
  {
    name: 'an operation that was taken up ends as if it had not been',
    patches: [
      patch(
        'waiting/parking.js',
        "if (withdrawal !== 'taken up')\n            return withdrawal;",
        "if (withdrawal !== 'reserved')\n            return 'withdrawn';",
      ),
    ],
    scenarios: ['meet in time', 'meet in time in loops'],
  },
  {
    name: 'what a dead thread had claimed stays claimed',
    patches: [patch('ownership/reaper.js', 'channel.unclaim(slot);', ';')],
    scenarios: ['claimer dies', 'two meeting die'],
  },
  {
    name: 'offers of the dead stay',
    patches: [patch('ownership/reaper.js', 'this.clearOffers(slot);', ';')],
    scenarios: ['meeting receiver dies', 'meeting sender dies'],
  },
  {
    name: 'a message is handed over outside the transaction',
    patches: [
      patch(
        'flavors/zero.js',
        `note)(heap, offer + ${L}.O_TAG, source[s + ${L}.S_TAG]);`,
        `note)(heap, offer + ${L}.O_TAG, (heap.words[offer + ${L}.O_TAG] = source[s + ${L}.S_TAG]));`,
      ),
      patch(
        'flavors/zero.js',
        `note)(heap, offer + ${L}.O_LO, source[s + ${L}.S_LO]);`,
        `note)(heap, offer + ${L}.O_LO, (heap.words[offer + ${L}.O_LO] = source[s + ${L}.S_LO]));`,
      ),
    ],
    scenarios: ['claimer dies', 'two meeting die', 'meeting sender dies'],
  },
  {
    name: 'receives of a blocked event loop are passed by and not told',
    patches: [patch('flavors/zero.js', `sentHome.push(words[offer + ${L}.O_OWNER] & ${L}.INDEX_OWNER);`, ';')],
    scenarios: ['meet while blocked'],
  },

  {
    name: 'a reserved place does not count as used',
    patches: [
      patch('flavors/array.js', `capacity - words[${L}.RESERVED] + (reserved === channel_js_1.NOT_RESERVED ? 0 : 1)`, 'capacity'),
    ],
    scenarios: ['made last, for room', 'maker for room dies'],
  },
  {
    name: 'a place that a dead thread had reserved stays reserved',
    patches: [patch('flavors/indexed.js', `this.noteUnreserved(entry, this.heap.words[entry + ${L}.E_RESERVED]);`, ';')],
    scenarios: ['maker for room dies'],
  },
  {
    name: 'a place is given back outside the transaction that uses it',
    patches: [
      patch(
        'flavors/array.js',
        `table[j++] = words[${L}.RESERVED] - 1;`,
        `table[j++] = words[${L}.RESERVED] = words[${L}.RESERVED] - 1;`,
      ),
    ],
    scenarios: ['maker for room dies'],
  },
  {
    name: 'a send whose message is made last is not told of receives',
    patches: [
      patch(
        'flavors/zero.js',
        `(!isLazy && (words[offer + ${L}.O_OWNER] & ${L}.OFFER_LAZY) !== 0) || (gives && this.isAbsent(offer))`,
        'gives && this.isAbsent(offer)',
      ),
    ],
    scenarios: ['made last, for a partner', 'made last, in time'],
  },
  {
    name: 'who asks is not told of a send',
    patches: [
      patch(
        'flavors/zero.js',
        `(!isLazy && (words[offer + ${L}.O_OWNER] & ${L}.OFFER_LAZY) !== 0)`,
        `(!isLazy && gives === (words[offer + ${L}.O_LIST] === 0) && (words[offer + ${L}.O_OWNER] & ${L}.OFFER_LAZY) !== 0)`,
      ),
    ],
    scenarios: ['a question is answered'],
  },
  {
    name: 'a question counts as a partner',
    patches: [patch('flavors/zero.js', `while (offer !== 0 && !this.isGood(offer, side === ${L}.SIDE_SENDER))`, 'while (false)')],
    scenarios: ['questions cross', 'a question is answered'],
  },
  {
    name: 'questions send each other home',
    patches: [patch('flavors/zero.js', '(!isLazy && (words[offer', '((words[offer')],
    scenarios: ['questions cross', 'a question is answered', 'a question beside a thunk'],
  },
  {
    name: 'an idle select absorbs a wake-up',
    patches: [patch('waiting/parking.js', 'if (!isWanted)', 'if (false)')],
    scenarios: ['idle select'],
  },
  {
    name: 'what is news of a reusable select is not registered before it waits',
    patches: [patch('select/set.js', 'this.runtime.parking.register(interest);', ';')],
    scenarios: ['idle select'],
  },

  // ── timers ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'a tick is taken by a store, not a CAS',
    patches: [
      patch(
        'flavors/timers.js',
        `if (${A}cas)(words, ${L}.HEAD, head, head | slot) !== head)`,
        `if (${A}store)(words, ${L}.HEAD, head | slot) === 0)`,
      ),
    ],
    scenarios: ['tick burst', 'tick skip', 'after fires once'],
  },
  {
    name: 'what is due is read before HEAD',
    patches: [
      patch(
        'flavors/timers.js',
        `return channel_js_1.DISCONNECTED;\n            const head = ${A}load)(words, ${L}.HEAD);`,
        `return channel_js_1.DISCONNECTED;\n            const early = [${A}load)(words, ${L}.TIMER_DUE), ${A}load)(words, ${L}.TIMER_DUE + 1)];\n            const head = ${A}load)(words, ${L}.HEAD);`,
      ),
      patch('flavors/timers.js', `const dueLow = ${A}load)(words, ${L}.TIMER_DUE);`, 'const dueLow = early[0];'),
      patch('flavors/timers.js', `const dueHigh = ${A}load)(words, ${L}.TIMER_DUE + 1);`, 'const dueHigh = early[1];'),
    ],
    scenarios: ['tick burst', 'tick delay', 'after fires once'],
  },
  {
    name: 'the next instant is stored before the commit',
    patches: [
      patch(
        'flavors/timers.js',
        `let j = record + ${L}.T_JOURNAL;`,
        `let j = record + ${L}.T_JOURNAL;\n            ${A}store)(words, ${L}.TIMER_DUE, nextLow);\n            ${A}store)(words, ${L}.TIMER_DUE + 1, nextHigh);`,
      ),
    ],
    scenarios: ['tick burst, taker dies', 'after fires, taker dies'],
  },
  {
    name: 'a tick is taken a little early',
    patches: [
      patch('flavors/timers.js', 'if (instant < join(dueLow, dueHigh)) {', 'if (instant + 10 < join(dueLow, dueHigh)) {'),
    ],
    scenarios: ['tick delay', 'tick burst'],
  },
  {
    name: 'skip delivers what was missed',
    patches: [patch('flavors/timers.js', `if (policy === ${L}.POLICY_BURST)`, `if (policy !== ${L}.POLICY_DELAY)`)],
    scenarios: ['tick skip', 'tick skip, taker dies'],
  },
  {
    name: 'burst leaves out what was missed',
    patches: [patch('flavors/timers.js', `if (policy === ${L}.POLICY_BURST)`, 'if (false)')],
    scenarios: ['tick burst', 'tick burst, taker dies'],
  },
  {
    name: 'delay counts its period from the tick that was due',
    patches: [
      patch('flavors/timers.js', `if (policy === ${L}.POLICY_BURST)`, 'if (true)'),
      patch('flavors/timers.js', `if (policy === ${L}.POLICY_DELAY)`, 'if (false)'),
    ],
    scenarios: ['tick delay', 'tick delay, taker dies'],
  },
  {
    name: 'a lost race for a tick is not planned anew',
    patches: [patch('waiting/parking.js', 'else\n            this.plan(operation);', '')],
    scenarios: ['tick burst', 'tick skip', 'tick delay'],
  },

  // ── endings ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'the end wakes nobody among the senders of a list',
    patches: [
      patch('flavors/list.js', 'this.capacity !== Infinity || this.isDisconnected ? ready', 'this.capacity !== Infinity ? ready'),
    ],
    scenarios: ['told of the end', 'told of a close'],
  },
  {
    name: 'who was told of the end does not tell the next',
    patches: [patch('handles/ending.js', 'this.channel.signal();', ';')],
    scenarios: ['both told of the end', 'who is to be told dies'],
  },
  {
    name: 'the end of a channel is looked for once only',
    patches: [
      patch(
        'handles/ending.js',
        'if (!this.state.channel.isDisconnected)',
        'if (this.hasLooked ||= !this.state.channel.isDisconnected)',
      ),
    ],
    scenarios: ['told of the end'],
  },

  // ── waking ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'no second try after registering',
    patches: [
      patch(
        'waiting/parking.js',
        'completed = this.tryWaiting(operation, undefined, false); // lost-wake-up guard',
        'completed = false;',
      ),
    ],
    scenarios: ['ring block', 'ring sender dies'],
  },
  {
    name: 'no second try after registering (event loop)',
    patches: [patch('waiting/parking.js', 'this.tryFirst(operation, interest); // lost-wake-up guard', ';')],
    scenarios: ['async receive', 'async both'],
  },
  {
    name: 'a receive does not signal',
    patches: [
      patch(
        'flavors/array.js',
        `${A}store)(words, ${L}.HEAD, next << ${L}.INDEX_SHIFT);\n            // ── published ──\n            if (${A}load)(words, ${L}.FLAGS) !== 0)\n                this.signal();`,
        `${A}store)(words, ${L}.HEAD, next << ${L}.INDEX_SHIFT);`,
      ),
    ],
    scenarios: ['ring block', 'ring 2 blocked senders'],
  },
  {
    name: 'a close does not signal',
    patches: [
      patch(
        'flavors/indexed.js',
        `tail | ${L}.INDEX_MARK);\n        this.signal();\n        return marked;`,
        `tail | ${L}.INDEX_MARK);\n        return marked;`,
      ),
    ],
    scenarios: ['close'],
  },
  {
    name: 'whoever stops waiting does not pass the wake-up on',
    patches: [patch('waiting/parking.js', 'interest.channel.signal();\n    }\n    /** Completes', '}\n    /** Completes')],
    scenarios: ['timeout races wake', 'send timeout', 'abort races wake', 'select against receive', 'two selects'],
  },
  {
    name: 'a waker stops at a thread that is running',
    patches: [
      patch(
        'waiting/signal.js',
        'if (was === door_js_1.PARKED_SYNC || was === door_js_1.PARKED_ASYNC)\n                return true;',
        'return true;',
      ),
    ],
    scenarios: ['busy receiver'],
  },
  {
    name: 'the flag is lowered without a rescan',
    patches: [patch('waiting/signal.js', 'if (isEmpty(words, set, usedWords(heap)))\n            return;', 'return;')],
    scenarios: ['ring 2 receivers', 'timeout races wake', 'ring 3:3'],
  },
  {
    name: 'the flag is raised before the bit is set',
    patches: [
      patch(
        'waiting/signal.js',
        `${A}or)(words, set + (heap.slot >>> 5), 1 << (heap.slot & 31));\n    ${A}or)(words, ${L}.FLAGS, flag);`,
        `${A}or)(words, ${L}.FLAGS, flag);\n    ${A}or)(words, set + (heap.slot >>> 5), 1 << (heap.slot & 31));`,
      ),
    ],
    scenarios: ['ring 2 receivers', 'timeout races wake', 'ring 3:3'],
  },
  {
    name: 'a thread parks over a ring',
    patches: [
      patch(
        'waiting/parking.js',
        `if (${A}cas)(table, this.door, door_js_1.RUNNING, door_js_1.PARKED_SYNC) !== door_js_1.RUNNING)\n                continue;`,
        `${A}store)(table, this.door, door_js_1.PARKED_SYNC);`,
      ),
    ],
    scenarios: ['ring block', 'ring 2 receivers'],
  },
  {
    name: 'an event loop parks over a ring',
    patches: [
      patch(
        'waiting/parking.js',
        `if (${A}cas)(table, this.door, door_js_1.RUNNING, door_js_1.PARKED_ASYNC) !== door_js_1.RUNNING)\n            return this.scheduleTurn();`,
        `${A}store)(table, this.door, door_js_1.PARKED_ASYNC);`,
      ),
    ],
    scenarios: ['async receive', 'async both', 'async twice'],
  },
  {
    name: 'a ring does not wake an event loop',
    patches: [patch('waiting/door.js', 'if (was >= exports.PARKED_SYNC)', 'if (was === exports.PARKED_SYNC)')],
    scenarios: ['async receive'],
  },
  {
    name: 'mail is announced before it is written',
    patches: [
      patch(
        'waiting/door.js',
        `${A}or)(table, record + ${L}.T_MAIL + word, 1 << (channelId & 31));\n    ${A}or)(table, record + ${L}.T_MAIL_SUMMARY, 1 << (word / ${L}.MAIL_GROUP));`,
        `${A}or)(table, record + ${L}.T_MAIL_SUMMARY, 1 << (word / ${L}.MAIL_GROUP));\n    ${A}or)(table, record + ${L}.T_MAIL + word, 1 << (channelId & 31));`,
      ),
    ],
    scenarios: ['async receive', 'async twice', 'async both'],
  },
  {
    name: 'wake one sleeper on the door instead of all',
    patches: [patch('waiting/door.js', `${A}notifyAll)`, `${A}notifyOne)`, 2)],
    scenarios: ['stale async wait'],
  },
  {
    name: 'mail is lost while the event loop’s thread blocks',
    patches: [
      patch('waiting/parking.js', 'if (!isMine)\n                interest.channel.signal();', ''),
      patch(
        'waiting/parking.js',
        'if (this.pending > 0)\n            this.scheduleTurn();\n        return completed;',
        'return completed;',
      ),
    ],
    scenarios: ['blocks with async pending'],
  },

  // ── transactions ──────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'the journal of an earlier send is not emptied',
    patches: [patch('flavors/array.js', `table[record + ${L}.T_JOURNAL_LENGTH] = 0; // J1`, '', 2)],
    scenarios: ['stale journal', 'ring bodies die'],
  },
  {
    name: 'a journal that names another lock is applied',
    patches: [
      patch('ownership/reaper.js', ` && heap.table[record + ${L}.T_JOURNAL_LOCK] === absoluteLock`, ''),
      patch('flavors/array.js', `table[record + ${L}.T_JOURNAL_LENGTH] = 0; // J1`, '', 2), // or it would hide the other
    ],
    scenarios: ['stale journal', 'ring bodies die', 'list edge dies'],
  },
  {
    name: 'a committed journal is not applied by the reaper',
    patches: [patch('ownership/reaper.js', 'if (committed)\n            (0, journal_js_1.redo)(heap, record);', '')],
    scenarios: ['ring bodies die', 'batch dies'],
  },
  {
    name: 'a transaction is applied before it is committed',
    patches: [
      patch(
        'memory/journal.js',
        'function seal(heap, lock, unlock) {\n    const { table, record } = heap;',
        `function seal(heap, lock, unlock) {\n    const { table, record } = heap;\n    for (let i = 0; i < heap.noted; i++) heap.words[table[record + ${L}.T_JOURNAL + 2 * i]] = table[record + ${L}.T_JOURNAL + 2 * i + 1];`,
      ),
    ],
    scenarios: ['allocator dies', 'channels made and dropped'],
  },
  {
    name: 'the lock is released before the transaction is applied',
    patches: [
      patch(
        'memory/journal.js',
        'seal(heap, lock, 0);\n    apply(heap);',
        `seal(heap, lock, 0);\n    ${A}store)(table, lock, 0);\n    apply(heap);`,
      ),
    ],
    scenarios: ['allocator', 'allocator dies'],
  },
  {
    name: 'a handle is counted outside its transaction',
    patches: [
      patch('flavors/indexed.js', '(0, journal_js_1.note)(this.heap, entryWord, entryKind);\n        const entry', 'const entry'),
      patch(
        'flavors/indexed.js',
        'this.signal();\n        return count;',
        'this.heap.words[entryWord] = entryKind;\n        this.signal();\n        return count;',
      ),
    ],
    scenarios: ['last sender dies', 'channels made and dropped'],
  },
  {
    name: 'the last sender does not mark the channel',
    patches: [patch('flavors/indexed.js', `count === 0 ? tail | ${L}.INDEX_MARK : tail`, 'tail')],
    scenarios: ['last sender drops', 'last sender dies'],
  },
  {
    name: 'a handle belongs to the message before the message names it',
    patches: [
      patch(
        'ownership/transit.js',
        `(0, batch_js_1.addHandle)(heap, chunk, ${REFERENCE}, heap.words[at + ${L}.E_GENERATION]);\n`,
        '',
      ),
      patch(
        'ownership/transit.js',
        `${A}store)(heap.words, at + ${L}.E_OWNER, ${L}.OWNER_CHUNK | (chunk >> 4));`,
        `${A}store)(heap.words, at + ${L}.E_OWNER, ${L}.OWNER_CHUNK | (chunk >> 4));\n    (0, batch_js_1.addHandle)(heap, chunk, ${REFERENCE}, heap.words[at + ${L}.E_GENERATION]);`,
      ),
    ],
    scenarios: ['handle moves and dies'],
  },

  // ── memory ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'a chunk leaves the magazine before it is held',
    patches: [
      patch(
        'memory/allocator.js',
        `heap.words[chunk + ${L}.C_NEXT] = heap.words[link];`,
        `table[countAt] = count - 1;\n    heap.words[chunk + ${L}.C_NEXT] = heap.words[link];`,
      ),
    ],
    scenarios: ['allocator dies'],
  },
  {
    name: 'a chunk leaves the held stack before it is in the magazine',
    patches: [
      patch(
        'memory/allocator.js',
        'const count = table[countAt];\n    table[record',
        `const count = table[countAt];\n    table[record + ${L}.T_HELD] = next;\n    table[record`,
      ),
    ],
    scenarios: ['allocator dies'],
  },
  {
    name: 'a chunk on its way between magazine and held stack is freed twice',
    patches: [patch('memory/allocator.js', 'if (count > 0 && held.has(top))', 'if (false)')],
    scenarios: ['allocator dies'],
  },

  // ── reaping ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'the reaper rings only who is parked',
    patches: [
      patch(
        'waiting/door.js',
        `${A}exchange)(table, record + ${L}.T_DOOR, exports.RUNG);\n        ${A}notifyAll)(table, record + ${L}.T_DOOR);`,
        'ringDoor(table, record);',
      ),
    ],
    scenarios: ['ring sender dies', 'blocked sender dies'],
  },
  {
    name: 'the reaper rings nobody',
    patches: [patch('ownership/reaper.js', '(0, door_js_1.ringEveryone)(this.heap); // G3', '')],
    scenarios: ['ring receiver dies', 'ring sender dies'],
  },
  {
    name: 'who dies while somebody reaps keeps its locks',
    patches: [
      patch(
        'ownership/reaper.js',
        'if (this.reaping)\n            return this.repairLocks();',
        'if (this.reaping)\n            return;',
      ),
    ],
    scenarios: ['two die', 'reaper dies', 'die while reaping'],
  },
  {
    name: 'locks of the dead are not repaired',
    patches: [
      patch('ownership/reaper.js', 'this.repairLocks();\n                for', 'for'),
      patch('ownership/reaper.js', 'return this.repairLocks();', 'return;'),
    ],
    scenarios: ['ring sender dies', 'allocator dies'],
  },
  {
    name: 'two reap at once',
    patches: [patch('ownership/reaper.js', '(owner === 0 || this.isGone(owner))', 'true')],
    scenarios: ['two reapers', 'reaper dies'],
  },
  {
    name: 'a thread’s slot is freed before it is cleaned',
    patches: [
      patch(
        'ownership/reaper.js',
        'if (!this.clean(slot))\n            return false;',
        'this.freeSlot(slot);\n        if (!this.clean(slot))\n            return false;',
      ),
    ],
    scenarios: ['allocator dies', 'threads join'],
  },
  {
    name: 'the handles of a dead thread’s unfinished message are forgotten',
    patches: [
      patch(
        'ownership/reaper.js',
        'this.releaser.releaseHandlesOf(chunk);\n            (0, allocator_js_1.freeHeldOf)',
        '(0, allocator_js_1.freeHeldOf)',
      ),
    ],
    scenarios: ['handle moves and dies', 'two die'],
  },
  {
    name: 'a dead thread’s magazines are forgotten',
    patches: [patch('ownership/reaper.js', '(0, allocator_js_1.flushMagazines)(heap, record);', '', 2)],
    scenarios: ['allocator dies'],
  },

  // ── leases ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'a lease is given up before its answer is published',
    patches: [
      patch(
        'flavors/list.js',
        `table[j++] = lease + ${L}.L_TAG;\n                    table[j++] = 0;`,
        `heapWords[lease + ${L}.L_TAG] = 0;`,
      ),
    ],
    scenarios: ['worker dies on lease'],
  },
  {
    name: 'an orphan is sent on and stays on lease',
    patches: [patch('ownership/reaper.js', 'channel.send(batch, 0, 1, lease)', 'channel.send(batch, 0, 1)')],
    scenarios: ['reaper of a lease dies'],
  },
  {
    name: 'a dead worker’s job is not sent on',
    patches: [patch('ownership/reaper.js', '!this.sendOn(lease)', 'true')],
    scenarios: ['worker dies on lease'],
  },

  // ── the pool ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'a worker that is told to stop leaves what was left to it',
    patches: [patch('pool/pull-loop.js', 'if (retries !== undefined) {', 'if (retries !== undefined && !this.isStopped) {')],
    scenarios: ['job redelivered while closing'],
  },
  {
    name: 'a job stays on lease when it is answered',
    patches: [
      patch(
        'pool/desk.js',
        'answer, { aux, lease: this.lease, takesGone, tally: this }',
        'answer, { aux, takesGone, tally: this }',
      ),
    ],
    scenarios: ['job redelivered', 'job redelivered twice'],
  },
  {
    name: 'a job that is delivered again does not say so',
    patches: [patch('pool/retries.js', 'aux: number | messages_js_1.RETRIED', 'aux: number')],
    scenarios: ['job redelivered', 'job redelivered to another'],
  },
  {
    name: 'who waits for a job does not wait for what was left',
    patches: [
      patch(
        'handles/lease.js',
        'this.interests = this.states.map(({ channel }) => channel.receiving);',
        'this.interests = [state.channel.receiving];',
      ),
    ],
    scenarios: ['job redelivered to another'],
  },
  {
    name: 'who stands for a job takes none that was left',
    patches: [
      patch(
        'handles/lease.js',
        'if (before !== undefined && lease.take(before) > 0)',
        'if (before !== undefined && this.offers === undefined && lease.take(before) > 0)',
      ),
    ],
    scenarios: ['job redelivered from a rendezvous'],
  },
  {
    name: 'a job that was handed over is not on lease',
    patches: [patch('handles/lease.js', 'offersToReceive)(state, lease.at)', 'offersToReceive)(state)')],
    scenarios: ['job redelivered from a rendezvous'],
  },

  // ── broadcast and oneshot ─────────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: 'a body is received without a second look',
    // The load changes nothing; it makes the copying, which is not observed, a step that can come late.
    patches: [
      patch('flavors/broadcast.js', 'if (body !== wire_js_1.EMPTY && this.isOverwritten(next))\n                continue;', ''),
      patch('flavors/broadcast.js', 'const body = tag >=', `${A}load)(words, ${L}.TAIL);\n            const body = tag >=`, 2),
    ],
    scenarios: ['broadcast bodies'],
  },
  {
    name: 'a slot is received without a second look',
    patches: [
      patch(
        'flavors/broadcast.js',
        'if (this.isOverwritten(next))\n                continue;\n            const body',
        'const body',
      ),
    ],
    scenarios: ['broadcast 1', 'broadcast bodies'],
  },
  {
    name: 'lag begins one message late',
    patches: [
      patch('flavors/broadcast.js', 'if (next < tail - capacity) {', 'if (next < tail - capacity - 1) {'),
      patch(
        'flavors/broadcast.js',
        'return message < this.sent - this.capacity;',
        'return message < this.sent - this.capacity - 1;',
      ),
    ],
    scenarios: ['broadcast 1', 'broadcast 2'],
  },
  {
    name: 'a broadcast has no slot to spare',
    patches: [patch('flavors/broadcast.js', 'slots = this.capacity + 1;', 'slots = this.capacity;')],
    scenarios: ['broadcast 1', 'broadcast bodies'],
  },
  {
    name: 'a slot with a body is overwritten before the commit',
    patches: [
      patch(
        'flavors/broadcast.js',
        `table[j++] = at + s + ${L}.S_TAG;`,
        `${A}store)(words, s + ${L}.S_LO, source[${L}.S_LO]);\n                table[j++] = at + s + ${L}.S_TAG;`,
      ),
    ],
    scenarios: ['broadcast sender dies'],
  },
  {
    name: 'an overwritten body is taken before the commit',
    patches: [
      patch('flavors/broadcast.js', 'held = old;', `held = old;\n                    table[record + ${L}.T_HELD] = held;`),
    ],
    scenarios: ['broadcast sender dies'],
  },
  {
    name: 'a message wakes one receiver instead of all',
    patches: [
      patch('flavors/broadcast.js', 'signal_js_1.wakeAll)(heap, words, this.id', 'signal_js_1.wakeOne)(heap, words, this.id', 2),
    ],
    scenarios: ['broadcast wakes all'],
  },
  {
    name: 'the flag is lowered after all were woken',
    patches: [
      patch('waiting/signal.js', `${A}and)(words, ${L}.FLAGS, ~flag);\n    const used`, 'const used'),
      patch(
        'waiting/signal.js',
        `(31 - Math.clz32(bits & -bits)), channelId);\n        }\n    }\n}`,
        `(31 - Math.clz32(bits & -bits)), channelId);\n        }\n    }\n    ${A}and)(words, ${L}.FLAGS, ~flag);\n}`,
      ),
    ],
    scenarios: ['broadcast wakes all', 'broadcast wakes loops'],
  },
  {
    name: 'a receiver gets its position after it was counted',
    patches: [
      patch('flavors/broadcast.js', `notePosition(heap, entry + ${L}.E_POSITION, this.ownedPosition(tail));\n`, ''),
      patch(
        'flavors/broadcast.js',
        `at + ${L}.TAIL, tail);\n    }\n    /** The last sender`,
        `at + ${L}.TAIL, tail);\n        setPosition(heap, entry, this.sent);\n    }\n    /** The last sender`,
      ),
    ],
    scenarios: ['broadcast subscribe'],
  },
  {
    name: 'who discards does not look whether there are receivers again',
    patches: [patch('flavors/broadcast.js', `words[${L}.RECEIVERS] > 0 ? 0 : `, '')],
    scenarios: ['broadcast last receiver'],
  },
  {
    name: 'a dead receiver’s discarding is not finished',
    patches: [
      patch('ownership/release.js', '&& channel.receivers === 0)', '&& channel.receivers === 0 && kind !== (side | 32))'),
    ],
    scenarios: ['broadcast last receiver dies'],
  },
  {
    name: 'a oneshot is marked after its message was published',
    patches: [
      patch(
        'flavors/array.js',
        `${A}store)(words, ${L}.TAIL, (next << ${L}.INDEX_SHIFT) | seal);`,
        `${A}store)(words, ${L}.TAIL, next << ${L}.INDEX_SHIFT);\n            if (seal !== 0)\n                ${A}or)(words, ${L}.TAIL, seal);`,
      ),
    ],
    scenarios: ['oneshot'],
  },
];
