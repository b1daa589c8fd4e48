/** Handles that were on their way, in messages and in tokens, when those that sent them or were to get them died. */
import { report } from '../support/program';

const heirs = async (scenario: string): Promise<Record<string, unknown>> => {
  const { channels, threads, ...result } = await report<Record<string, unknown>>('heirs', { scenario });
  expect({ channels, threads }).toEqual({ channels: 0, threads: 1 });
  return result;
};

describe('a handle in a message', () => {
  it('stays there when the thread that sent it dies', async () => {
    expect(await heirs('senderOfAMessage')).toEqual({ connected: true, still: true, pong: 'pong', end: 'ERR_DISCONNECTED' });
  });

  it('is dropped when the last receiver of the message dies', async () => {
    expect(await heirs('lastReceiverOfAMessage')).toEqual({
      connected: true,
      end: 'ERR_DISCONNECTED',
      send: 'ERR_DISCONNECTED',
    });
  });

  it('is dropped with fifty channels in each other, when the receiver of the outermost dies', async () => {
    expect(await heirs('nested')).toEqual({ before: 52, end: 'ERR_DISCONNECTED' });
  });

  it('that waited for room is dropped when its sender dies', async () => {
    expect(await heirs('senderOfAWaitingMessage')).toEqual({ connected: true, end: 'ERR_DISCONNECTED', left: ['full'] });
  });

  it('that was received is dropped when its receiver dies', async () => {
    expect(await heirs('receiverOfAMessage')).toEqual({ connected: true, end: 'ERR_DISCONNECTED' });
  });
});

describe('a token', () => {
  it('outlives its maker and opens once', async () => {
    expect(await heirs('makerOfAToken')).toEqual({
      place: [{ threadId: null, in: 'token' }],
      connected: true,
      value: 'by an heir',
      again: 'ERR_HANDLE_MOVED',
      end: 'ERR_DISCONNECTED',
    });
  });

  it('that nobody opened before its worker died keeps its channel connected until somebody does', async () => {
    expect(await heirs('unopenedTokens')).toEqual({ connected: true, where: ['token'], ends: ['disconnected'] });
  });
});
