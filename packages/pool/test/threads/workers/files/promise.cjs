module.exports = (async () => {
  await new Promise((resolve) => setImmediate(resolve));
  return (n) => ({ n, kind: 'promise' });
})();
