export const named = Promise.resolve((n) => ({ n, kind: 'promise esm' }));
const start = await Promise.resolve('top level');
export default (n) => ({ n, kind: start });
