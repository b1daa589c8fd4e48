exports.default = (n) => ({ n, kind: 'default' });
exports.named = async (n) => ({ n, kind: 'named' });
