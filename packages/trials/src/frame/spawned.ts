/**
 * The same as actor.ts for `spawn`: handles arrive in the data. Started by cast.ts.
 */
import { Stage, type Part, type Roles } from './stage.js';

export interface SpawnedStart extends Part {
  readonly handles: Readonly<Record<string, object>>;
}

export default async function spawned({ module, role, part, memory, seed, data, handles }: SpawnedStart): Promise<void> {
  const stage = new Stage(part, memory, seed);
  stage.ledger.begin(part, 'loading the library');
  const { roles } = (await import(module)) as { roles: Roles };
  stage.ledger.begin(part, 'ready');
  await roles[role]!(stage, { ...(data as object), ...handles } as never);
  stage.ledger.begin(part, 'done');
}
