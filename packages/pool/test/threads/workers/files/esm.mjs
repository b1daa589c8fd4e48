export default (n) => ({ n, kind: 'esm' });
export const named = async (n) => ({ n, kind: 'named esm' });
