/**
 * Where every shared word is. Nothing else computes an offset into the heap.
 *
 * Offsets are indices of 32-bit words. "Absolute" ones count from the start of the heap; those of a thread record, a handle entry,
 * a chunk, a channel or a slot count from its start. A pointer in shared memory is always an absolute word index, 0 for none.
 *
 *   word 0        header: identity, sizes                                          (written once)
 *   line HEAP     heap lock, arena end, use, heads of the free lists               (guarded by HEAP_LOCK)
 *   line DEPOT    bundles of chunks between magazines                              (guarded by HEAP_LOCK)
 *   line HANDLES  handle lock, free list, pages of the handle table                (guarded by HANDLES_LOCK)
 *   line REAP     reap lock
 *   line IDS      next channel id, highest thread slot
 *   THREADS       1,024 thread records of 8 KiB (slot 0 is never used; memory that was never written costs address space only)
 *   ARENA         chunks: channels, blocks of lists, bodies of messages, pages of the handle table
 *
 * Words that different threads write are at least 64 bytes (a line) apart, head and tail of a channel 128, except slots, bit sets
 * and mail.
 */

/** Raised with every change of anything in this file. Heaps of different layouts never mix (runtime.ts). */
export const LAYOUT_VERSION = 3;
export const MAGIC = 0x6265616d; // "beam"

const LINE = 16;

// ── header ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
export const H_MAGIC = 0;
export const H_LAYOUT = 1;
/** Two random words that tell this heap from every other. */
export const H_RUNTIME = 2;
/** Largest size of the arena, in units of 64 bytes. */
export const H_ARENA_LIMIT = 4;
export const H_DEBUG = 5;

export const HEAP_LOCK = LINE;
/** End of the arena so far, absolute. Guarded by HEAP_LOCK. */
export const ARENA_END = HEAP_LOCK + 1;
/** Chunks handed out (magazines included), in units of 64 bytes. Guarded by HEAP_LOCK. */
export const ARENA_USED = HEAP_LOCK + 2;
/** Heads of the free lists, one per order. Guarded by HEAP_LOCK. */
export const FREE_HEADS = HEAP_LOCK + 4;
export const ORDERS = 27;

/** Depot: per small order, the first of the bundles of chunks that magazines exchange, and how many bundles. Guarded by HEAP_LOCK. */
export const DEPOT_HEADS = 8 * LINE;
export const DEPOT_COUNTS = DEPOT_HEADS + 8;

export const HANDLES_LOCK = 4 * LINE;
/** First free handle entry (index + 1), 0 if none. Guarded by HANDLES_LOCK, as are the two below. */
export const HANDLES_FREE = HANDLES_LOCK + 1;
export const HANDLES_PAGES = HANDLES_LOCK + 2;
/** Page k of the handle table holds `HANDLE_PAGE << k` entries. */
export const HANDLE_PAGE_TABLE = HANDLES_LOCK + 4;
export const HANDLE_PAGE = 128;
export const HANDLE_PAGE_LIMIT = 20;

export const REAP_LOCK = 6 * LINE;
export const NEXT_CHANNEL_ID = 7 * LINE;
/** Highest thread slot that was ever used. */
export const THREADS_HIGH = NEXT_CHANNEL_ID + 1;
/** When somebody last looked for dead threads: ms modulo 2^32. One look serves all. */
export const LAST_PROBE = NEXT_CHANNEL_ID + 2;

// ── thread records ────────────────────────────────────────────────────────────────────────────────────────────────────────────
export const THREADS = 16 * LINE;
export const THREAD_SLOTS = 1024;
export const THREAD_WORDS = 2048;

/** FREE, threadId + 1 while it lives, -(threadId + 1) once known dead, or RESERVED by a parent for a child that it is starting. */
export const T_STATE = 0;
/** Operating system's id and start time of the thread (0: unknown): a witness of its death. */
export const T_OS_ID = 1;
export const T_OS_START = 2;
/** threadId + 1 of the thread whose death takes this one along; 0 for none. */
export const T_PARENT = 4;
/** Held chunks: a stack through C_NEXT of what this thread owns and has published nowhere. Only the owner, or its reaper, writes. */
export const T_HELD = 5;
/** Word on which the thread naps while a live owner is inside an index. Nobody notifies it. */
export const T_NAP = 7;

/** Door: the only word on which the thread sleeps. On one line with the summary of its mail: wakers write both. */
export const T_DOOR = LINE;
export const T_MAIL_SUMMARY = LINE + 1;
/** 8,192 bits: channel ids modulo 8,192 that have news. Each bit of the summary stands for `MAIL_GROUP` words of them. */
export const T_MAIL = 2 * LINE;
export const MAIL_WORDS = 256;
export const MAIL_GROUP = MAIL_WORDS / 32;

/** Redo journal: how many entries are committed, of which lock, the lock's value afterwards, and (word, value) pairs. */
export const T_JOURNAL_LENGTH = T_MAIL + MAIL_WORDS;
export const T_JOURNAL_LOCK = T_JOURNAL_LENGTH + 1;
export const T_JOURNAL_UNLOCK = T_JOURNAL_LENGTH + 2;
export const T_JOURNAL = T_JOURNAL_LENGTH + 4;
export const JOURNAL_ENTRIES = 64;

/** Magazines: for each of the small orders, how many free chunks this thread keeps, and which. */
export const T_MAGAZINE_COUNTS = T_JOURNAL + 2 * JOURNAL_ENTRIES;
export const MAGAZINE_ORDERS = 8;
export const MAGAZINE_SIZE = 16;
export const T_MAGAZINES = T_MAGAZINE_COUNTS + MAGAZINE_ORDERS;

/** Leases: messages taken but not yet answered (memory/lease words below). */
export const T_LEASES = T_MAGAZINES + MAGAZINE_ORDERS * MAGAZINE_SIZE;
export const LEASES = 100;
export const LEASE_WORDS = 8;
/** Tag of the leased message (0: no lease), then its lo and hi, then the handle entry of the sender that takes it over. */
export const L_TAG = 0;
export const L_LO = 1;
export const L_HI = 2;
export const L_ORPHANS = 3;
/** S_AUX of the leased message. */
export const L_AUX = 4;

/** For `inspect`: a bit per bit of mail, for channels on which a select of this thread waits. Only the owner writes it. */
export const T_SELECTS = T_LEASES + LEASES * LEASE_WORDS;
/** The same for channels that only reusable selects watch; and how many calls of those wait right now. */
export const T_WATCHED = T_SELECTS + MAIL_WORDS;
export const T_CALLS = T_WATCHED + MAIL_WORDS;

/** Absolute index of a thread's record. */
export function threadRecord(slot: number): number {
  return THREADS + slot * THREAD_WORDS;
}

// ── handle entries ────────────────────────────────────────────────────────────────────────────────────────────────────────────
export const ENTRY_WORDS = 8;
/** Who owns the handle: OWNER_* | id. 0: the entry is free. */
export const E_OWNER = 0;
/** Counts the uses of the entry: a stale reference is recognised by it. */
export const E_GENERATION = 1;
export const E_CHANNEL = 2;
/** SIDE_* | PHASE_*. */
export const E_KIND = 3;
/** Secret of a token: a forged one cannot guess it. */
export const E_NONCE = 4;
/** Chunk with the stack line where the handle was made (debug mode), or 0. */
export const E_CREATED = 5;
/** Of a free entry: the next one (number + 1). */
export const E_NEXT = 6;
/** Of a broadcast receiver: how many messages were sent before the one that it reads next; low 32 bits, then the rest. */
export const E_POSITION = 6;
/** Of a sender: how many places in its channel it has reserved. */
export const E_RESERVED = 7;

export const OWNER_KIND = 0x70000000;
export const OWNER_ID = 0x0fffffff;
/** Id: thread slot. */
export const OWNER_THREAD = 0x10000000;
/** Id: chunk / 16. The handle travels in that message. */
export const OWNER_CHUNK = 0x20000000;
/** Id: slot of the thread that made the token, and above it as much of the generation as there is room for: it says which token. */
export const OWNER_TOKEN = 0x30000000;
export const OWNER_SLOT = 0x3ff;
export const OWNER_GENERATION_SHIFT = 10;

export const SIDE_SENDER = 0;
export const SIDE_RECEIVER = 1;
export const SIDE_MASK = 1;
/** The handle counts on its side of the channel. */
export const PHASE_LIVE = 0x10;
/** It no longer (or not yet) counts, but still keeps the channel's memory. */
export const PHASE_RELEASED = 0x20;
/** The same for as long as it exists: a weak sender. */
export const PHASE_WEAK = 0x40;
export const PHASE_MASK = 0x70;

// ── chunks ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
/** A chunk of order o has 16 << o words, its own header included, and starts at a multiple of that from the arena's start. */
export const CHUNK_MIN_WORDS = 16;
export const C_STATE = 0;
export const C_NEXT = 1;
/** In a free chunk: the previous one in its free list. In use: how many handles the message carries. */
export const C_PREV = 2;
export const C_HANDLES = 2;
/** Bytes of the body. The handles' (reference, generation) pairs follow the body at the next word. */
export const C_LENGTH = 3;
export const C_BODY = 4;
/** A reference to a handle: its entry's number above SIDE_* and REFERENCE_*, which say of what kind it was if it is gone. */
export const REFERENCE_SHIFT = 3;
export const REFERENCE_WEAK = 2;
export const REFERENCE_BROADCAST = 4;
export const CHUNK_USED = 0x100;
export const CHUNK_FREE = 0x200;
export const CHUNK_ORDER = 0xff;

// ── slots ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
export const SLOT_WORDS = 4;
export const S_TAG = 0;
/** What the pool sends along with a message (the number of its job), with AUX_ORPHAN once its worker has died; else 0. */
export const S_AUX = 1;
export const S_LO = 2;
export const S_HI = 3;
/** In S_AUX: the worker that had leased the message died. */
export const AUX_ORPHAN = -0x80000000;

// ── index words: pos:21 | mark:1 | owner:10 ───────────────────────────────────────────────────────────────────────────────────
export const INDEX_OWNER = 0x3ff;
export const INDEX_MARK = 0x400;
export const INDEX_SHIFT = 11;
/** Positions run modulo the largest multiple of the ring's period that is at most this. */
export const POSITIONS = 1 << 21;
/** Largest ring: half of the positions, so that a difference of positions is never ambiguous. */
export const RING_LIMIT = 1 << 20;

// ── channels (a channel is a chunk: its words start behind the chunk's header) ────────────────────────────────────────────────
export const CH_KIND = C_BODY;
export const CH_CAPACITY = C_BODY + 1;
export const CH_ID = C_BODY + 2;
export const CH_CODEC = C_BODY + 3;
/** Chunk with the name and the custom codec's name, or 0. */
export const CH_NAME = C_BODY + 4;
export const CH_MODULUS = C_BODY + 5;
/** Handle entries that refer to the channel, counting or not. Guarded by HANDLES_LOCK: the last one frees the channel. */
export const CH_REFS = C_BODY + 6;
/** First block ever of a list: where the first receive finds it. Written once, by the first send. */
export const CH_FIRST_BLOCK = C_BODY + 7;

export const TAIL = LINE;
export const TAIL_HI = TAIL + 1;
export const HEAD_SEEN = TAIL + 2;
export const SENDERS = TAIL + 3;
export const RECEIVERS = TAIL + 4;
export const TAIL_BLOCK = TAIL + 5;

/** Rendezvous: heads of the lists of offers, each (first, last): waiting sends, waiting receives, and those that were taken up. */
export const OFFERS_TO_SEND = TAIL + 8;
export const OFFERS_TO_RECEIVE = TAIL + 10;
export const OFFERS_SETTLED = TAIL + 12;
/** Places that are reserved for messages still to be made. Guarded by TAIL. */
export const RESERVED = TAIL + 14;

export const HEAD = TAIL + 2 * LINE;
export const HEAD_HI = HEAD + 1;
export const TAIL_SEEN = HEAD + 2;
export const HEAD_BLOCK = HEAD + 3;

/** Which sides have somebody waiting. Written only when somebody parks. */
export const FLAGS = HEAD + 2 * LINE;
export const FLAG_RECEIVERS = 1;
export const FLAG_SENDERS = 2;
export const SET_WORDS = THREAD_SLOTS / 32;
export const RECEIVER_SET = FLAGS + LINE;
export const SENDER_SET = RECEIVER_SET + SET_WORDS;

export const CHANNEL_WORDS = SENDER_SET + SET_WORDS;
/** Slots of a ring start here. */
export const SLOTS = CHANNEL_WORDS;

/** Values of CH_KIND. */
export const KIND_ARRAY = 1;
export const KIND_LIST = 2;
export const KIND_AT = 3;
export const KIND_TICK = 4;
export const KIND_NEVER = 5;
export const KIND_ZERO = 6;
export const KIND_ONESHOT = 7;
export const KIND_BROADCAST = 8;

// ── blocks of a list: a chunk with a link and slots; 1 KiB in all ─────────────────────────────────────────────────────────────
export const B_LINK = C_BODY;
export const B_SLOTS = 8;
export const BLOCK_SLOTS = 62;
export const BLOCK_WORDS = B_SLOTS + BLOCK_SLOTS * SLOT_WORDS;

// ── offers: what a waiting operation leaves in a rendezvous channel; a chunk each (flavors/offers.ts) ─────────────────────────
/** The context word of the operation: CONTEXT_*. It counts in the first offer of an operation, to which the others point. */
export const O_CONTEXT = C_BODY;
/** The offer that holds the context word. */
export const O_FIRST = C_BODY + 1;
/** Which of the operation's cases this is. */
export const O_CASE = C_BODY + 2;
export const O_NEXT = C_BODY + 3;
export const O_PREVIOUS = C_BODY + 4;
/** Head of the list that it is in, absolute. */
export const O_LIST = C_BODY + 5;
/** Thread slot, and OFFER_ASYNC. */
export const O_OWNER = C_BODY + 6;
/** The message: of a send until somebody takes it, of a receive once somebody has given it. Tag 0: none. */
export const O_TAG = C_BODY + 7;
export const O_AUX = C_BODY + 8;
export const O_LO = C_BODY + 9;
export const O_HI = C_BODY + 10;
/** The lease that a message answers, absolute; 0 for none. */
export const O_LEASE = C_BODY + 11;
export const OFFER_WORDS = C_BODY + 12;
/** In O_OWNER: the operation waits in an event loop. */
export const OFFER_ASYNC = 0x400;
/** In O_OWNER: it cannot be taken up, and is told of partners: a send whose message is still to be made, or a question. */
export const OFFER_LAZY = 0x800;

// ── timers (words of a channel of KIND_AT or KIND_TICK, after TAIL's line; float64s are two words) ───────────────────────────
/** The next instant due (float64 on now()'s clock). Guarded by HEAD. */
export const TIMER_DUE = HEAD + 4;
/** The next three: of KIND_TICK, written once by the thread that makes it, before anybody else can see it. Period: float64, in ms. */
export const TIMER_PERIOD = HEAD + 6;
/** The instant from which the grid of ticks is counted (float64): tick n is due at start + n * period. */
export const TIMER_START = HEAD + 8;
/** POLICY_*: which tick comes after one that was taken. */
export const TIMER_POLICY = HEAD + 10;
export const POLICY_DELAY = 0;
export const POLICY_SKIP = 1;
export const POLICY_BURST = 2;
export const TIMER_WORDS = CHANNEL_WORDS;

// ── broadcast ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
/** How many messages had been sent when the last receiver went: they are kept for nobody. As E_POSITION. Guarded by TAIL. */
export const DISCARDED = HEAD + 4;
/** Largest capacity: the ring has a slot more, and as many positions at least. */
export const BROADCAST_LIMIT = POSITIONS - 1;

/** Start of the arena: a multiple of a line. */
export const ARENA = THREADS + THREAD_SLOTS * THREAD_WORDS;
