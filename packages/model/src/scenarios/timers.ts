/**
 * Timers that several threads read: one taker for each instant, none early, whatever the policy does with what was missed. Periods are
 * no multiples of the model's ms, so that both halves of an instant change.
 */
import type { Body, Scenario } from '../scenario.js';
import type { ChannelPlan } from '../setting.js';

const bury: Body = (p) => p.bury();

const PERIOD = 12.1;
const ticker = (policy: NonNullable<ChannelPlan['policy']>): ChannelPlan => ({
  kind: 'tick',
  policy,
  period: PERIOD,
  capacity: 1,
  form: 'number',
});

/** Two threads wait for ticks, one in an event loop; a third tries, and lets time pass: it is late, or takes what others wait for. */
const readers: readonly Body[] = [
  (p) => {
    p.recvSync();
    p.recvSync();
  },
  async (p) => void (await Promise.all([p.recv(), p.recv(0, 40)])),
  (p) => {
    p.tryRecv();
    p.recvSync(1, 30);
    p.tryRecv();
    p.tryRecv();
  },
];
const quiet: ChannelPlan = { capacity: 1, form: 'number' };

/** The same with a thread that is killed, waiting or taking. */
const withDeath: readonly Body[] = [
  (p) => void p.recvSync(),
  (p) => {
    p.recvSync(1, 15);
    p.tryRecv();
    p.tryRecv();
  },
  (p) => {
    p.recvSync();
    p.tryRecv();
  },
  bury,
];

type Plot = Omit<Scenario, 'name'>;

const threeTake = (policy: NonNullable<ChannelPlan['policy']>): Plot => ({
  about: 'three threads take ticks of one ticker, on time and late',
  channels: [ticker(policy), quiet],
  gives: [['rx0'], ['rx0'], ['rx0', 'rx1']],
  threads: readers,
});

const takerDies = (policy: NonNullable<ChannelPlan['policy']>): Plot => ({
  about: 'one of those who take is killed at any instruction: its tick is its own, or is still there',
  channels: [ticker(policy), quiet],
  gives: [['rx0'], ['rx0', 'rx1'], ['rx0'], []],
  threads: withDeath,
  kills: 1,
  killable: [0, 1],
});

export const timers: readonly Scenario[] = [
  { name: 'tick delay', ...threeTake('delay') },
  { name: 'tick skip', ...threeTake('skip') },
  { name: 'tick burst', ...threeTake('burst') },
  { name: 'tick delay, taker dies', ...takerDies('delay') },
  { name: 'tick skip, taker dies', ...takerDies('skip') },
  { name: 'tick burst, taker dies', ...takerDies('burst') },
  {
    name: 'after fires once',
    about: 'three threads wait for one instant, in a receive with a limit, in a select, and late: one gets it',
    channels: [{ kind: 'at', period: PERIOD, capacity: 1, form: 'number' }, quiet],
    gives: [['rx0'], ['rx0', 'rx1'], ['rx0', 'rx1']],
    threads: [
      (p) => void p.recvSync(0, 20),
      async (p) => p.select([0, 1], 30),
      (p) => {
        p.recvSync(1, 15);
        p.tryRecv(0);
      },
    ],
  },
  {
    name: 'after fires, taker dies',
    about: 'one of two that wait for an instant is killed: the other gets it, or the dead one had it',
    channels: [{ kind: 'at', period: PERIOD, capacity: 1, form: 'number' }],
    gives: [['rx0'], ['rx0'], []],
    threads: [(p) => void p.recvSync(0, 30), (p) => void p.recvSync(0, 30), bury],
    kills: 1,
    killable: [0],
  },
];
