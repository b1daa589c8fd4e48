/**
 * Seeded random numbers: the seed and the round's number decide what a round does, as far as real threads allow.
 */
import { unsafeUniformIntDistribution, xoroshiro128plus, type RandomGenerator } from 'pure-rand';

/** Spreads neighbouring numbers over all 32 bits. */
const GOLDEN = 0x9e3779b9;

export class Random {
  private readonly source: RandomGenerator;

  constructor(seed: number, round = 0) {
    this.source = xoroshiro128plus(Math.imul(seed + 1, GOLDEN) ^ Math.imul(round + 1, GOLDEN >>> 3));
    for (let i = 0; i < 8; i++) this.source.unsafeNext();
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return unsafeUniformIntDistribution(0, limit - 1, this.source);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** A seed for somebody else. */
  fork(): number {
    return this.below(2 ** 31);
  }
}
