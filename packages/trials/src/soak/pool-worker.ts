/** What the workers of the soak's pool run. */
export interface PoolJob {
  readonly n: number;
  readonly deadly: boolean;
}

export default function run({ n, deadly }: PoolJob): number {
  if (deadly) process.exit(1);
  return n;
}
