/** The other side of the baselines: posts as many messages as it is told to, or answers each. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { maker, type Shape } from '../values.js';

export interface PortSenderData {
  readonly shape: Shape;
  readonly echo: boolean;
  readonly port: MessagePort;
}

const { shape, echo, port } = workerData as PortSenderData;
const make = maker(shape);

if (echo) port.on('message', (value) => port.postMessage(value));
else {
  parentPort!.on('message', (count: number) => {
    for (let i = 0; i < count; i++) port.postMessage(make(i));
  });
}
