module.exports = (n) => ({ n, kind: 'function' });
