/**
 * Every jest test file is a realm of its own, with a thread record of its own, over one process's shared memory. Gives the
 * record back when the file is done, so that no later file meets handles of a realm that is gone.
 *
 * Loaded when the file is done, not before it: a test decides itself when, and under which clock, the library loads.
 */
afterAll(async () => {
  const { leave } = await import('@beamline/core/internal');
  leave();
});
