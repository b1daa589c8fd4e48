setImmediate(() => {
  throw new Error('right after the start');
});
await new Promise(() => {});
