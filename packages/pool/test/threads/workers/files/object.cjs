const handlers = { named: (n) => ({ n, kind: 'object' }) };
module.exports = Object.create(handlers);
