/** Planted faults: they show that the oracle sees what it is for. Only run by name. */
import fc from 'fast-check';
import { bounded } from 'beamline';
import { control } from '../oracle.js';
import { Anomaly, attempt, type Target } from '../target.js';

const target = (name: string, about: string, run: (n: number) => void): Target<number> => ({
  name: `fault-${name}`,
  about: `planted: ${about}`,
  inputs: fc.nat(1000),
  run: (n) => {
    if (n > 500) run(n);
  },
});

const kept: unknown[] = [];

export const faults: readonly Target<number>[] = [
  target('pollution', 'Object.prototype is changed', () => Object.assign(Object.prototype, { polluted: true })),
  target('control', 'the control channel loses a message', () => void control()?.tryRecv()),
  target('rejection', 'a promise of nobody is rejected', () => void Promise.reject(new Error('unhandled'))),
  target('leak', 'a channel is left behind', () => void kept.push(bounded(1))),
  target('error', 'an error that is not documented', () => void attempt(() => { throw new SyntaxError('what?'); })), // prettier-ignore
  target('wrong', 'a wrong result', () => {
    throw new Anomaly('a wrong result');
  }),
  target('hang', 'an endless loop', () => {
    for (;;);
  }),
  target('crash', 'the process ends', () => process.kill(process.pid, 'SIGKILL')),
];
