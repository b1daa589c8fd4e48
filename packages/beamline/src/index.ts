/** beamline: channels and select. The worker pool, which loads Piscina, is `beamline/pool`. */
export * from '@beamline/core';
export * from '@beamline/select';
