const { isWorkerThread, workerData } = require('piscina');
const Piscina = require('piscina');

module.exports = (n) => ({ n, isWorkerThread, workerData, same: Piscina.workerData === workerData });
