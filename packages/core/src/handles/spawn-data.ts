/**
 * Handles anywhere in the data of a spawned thread, replaced by tokens on the way and by handles again on arrival. Everything else
 * in it crosses by structured clone, tokens of the user's own too.
 *
 * Called by: handles/spawn.ts (pack), platform/thread-entry.ts (unpack), both through this file's two functions.
 */
import { isHandle } from '../brand.js';
import { isMovedHandle } from './token.js';

/** A copy of the containers that lead to handles, with each handle replaced; the same value if there is none. */
export function replaceHandles(value: unknown, replace: (handle: object) => unknown): unknown {
  return new Walk(isHandle, replace).visit(value);
}

/** The reverse: each token that stands for a handle replaced. */
export function replaceTokens(value: unknown, replace: (token: object) => unknown): unknown {
  return new Walk(isMovedHandle, replace).visit(value);
}

class Walk {
  private readonly seen = new Map<object, unknown>();

  constructor(
    private readonly matches: (value: unknown) => boolean,
    private readonly replace: (value: object) => unknown,
  ) {}

  visit(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (this.seen.has(value)) return this.seen.get(value);
    const copy = this.matches(value) ? this.replace(value) : this.container(value);
    this.seen.set(value, copy);
    return copy;
  }

  private container(value: object): unknown {
    if (Array.isArray(value)) return this.fill(value, new Array<unknown>(value.length));
    switch (Object.prototype.toString.call(value)) {
      case '[object Map]': {
        const copy = new Map<unknown, unknown>();
        this.seen.set(value, copy);
        for (const [key, item] of value as Map<unknown, unknown>) copy.set(this.visit(key), this.visit(item));
        return copy;
      }
      case '[object Set]': {
        const copy = new Set<unknown>();
        this.seen.set(value, copy);
        for (const item of value as Set<unknown>) copy.add(this.visit(item));
        return copy;
      }
      case '[object Object]':
        return this.fill(value, {});
      default:
        return value;
    }
  }

  private fill<C extends object>(value: object, copy: C): C {
    this.seen.set(value, copy);
    for (const key of Object.keys(value)) {
      const item = this.visit((value as Record<string, unknown>)[key]);
      Object.defineProperty(copy, key, { value: item, enumerable: true, writable: true, configurable: true });
    }
    return copy;
  }
}
