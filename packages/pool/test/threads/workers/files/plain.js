// In a package without a type: CommonJS.
module.exports = (n) => ({ n, kind: 'plain' });
