/** The actor: the count is a local variable of this thread. */
import type { Receiver, Sender } from 'beamline';

export type Command = { readonly kind: 'increment' } | { readonly kind: 'get'; readonly reply: Sender<number> };

export default function counter({ commands }: { commands: Receiver<Command> }): void {
  let count = 0;
  for (const command of commands) {
    switch (command.kind) {
      case 'increment':
        count++;
        break;
      case 'get':
        command.reply.trySend(count); // There is room for one answer; that nobody waits for it any more is no failure of ours.
        command.reply.drop();
    }
  }
}
