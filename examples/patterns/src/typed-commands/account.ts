/** An account: carries out its commands one after the other, and returns its statement when it is closed. */
import type { Receiver } from 'beamline';

export type Command = { readonly kind: 'deposit' | 'withdraw'; readonly amount: number } | { readonly kind: 'close' };

export default function account({ commands }: { commands: Receiver<Command> }): string[] {
  const statement: string[] = [];
  let balance = 0;
  for (const command of commands) {
    switch (command.kind) {
      case 'deposit':
        balance += command.amount;
        statement.push(`deposit ${command.amount}: balance ${balance}`);
        break;
      case 'withdraw':
        if (command.amount <= balance) {
          balance -= command.amount;
          statement.push(`withdraw ${command.amount}: balance ${balance}`);
        } else statement.push(`withdraw ${command.amount}: refused`);
        break;
      case 'close':
        return [...statement, `closed with ${balance}`];
    }
  }
  return [...statement, `abandoned with ${balance}`]; // disconnected: whoever sent the commands is gone
}
