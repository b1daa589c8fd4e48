/** Sends as many messages as it is told to, again and again. */
import type { Receiver, Sender } from 'beamline';
import { maker, type Shape } from '../values.js';

export interface SenderData {
  readonly shape: Shape;
  /** 1: one by one. */
  readonly batch: number;
  readonly orders: Receiver<number>;
  readonly messages: Sender<unknown>;
}

export default function send({ shape, batch, orders, messages }: SenderData): void {
  const make = maker(shape);
  for (const count of orders) {
    if (batch === 1) sendEach(messages, make, count);
    else sendBatches(messages, make, count, batch);
  }
}

function sendEach(messages: Sender<unknown>, make: (i: number) => unknown, count: number): void {
  for (let i = 0; i < count; i++) messages.sendSync(make(i));
}

function sendBatches(messages: Sender<unknown>, make: (i: number) => unknown, count: number, size: number): void {
  for (let sent = 0; sent < count; sent += size) {
    const values = [];
    for (let i = sent; i < sent + size && i < count; i++) values.push(make(i));
    messages.sendManySync(values);
  }
}
