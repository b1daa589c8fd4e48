/** beamline/pool: the worker pool. */
export * from '@beamline/pool';
