/**
 * api.md §1, §4: a pending asynchronous operation keeps the process alive; unref'd it does not; nothing else does. And what the library
 * says to the process: one warning for a failure that nobody joined, nothing else.
 */
import { run } from '../support/program';

/** Ends by itself with code 0, and says these lines. */
async function says(scenario: string, lines: string[]): Promise<void> {
  const done = await run('process-life', { scenario });
  expect({ ...done, stdout: done.stdout.trimEnd().split('\n').filter(Boolean), elapsed: 0 }).toEqual({
    code: 0,
    timedOut: false,
    stdout: lines,
    stderr: '',
    elapsed: 0,
  });
}

describe('the process stays alive for', () => {
  it.each([
    ['a pending recv', 'pendingRecv', ['received in time']],
    ['a pending recvMany', 'pendingRecvMany', ['received in time']],
    ['a for await loop', 'pendingLoop', ['received in time']],
    ['a pending send', 'pendingSend', ['sent']],
    [
      'a send, then a receive that wait for each other’s partner',
      'pendingMeeting',
      ['received first', 'sent', 'received second'],
    ],
    ['an operation with a time limit, until it expires', 'pendingWithTimeout', ['ERR_TIMEOUT true']],
    ['an operation on a handle that was ref’d again', 'pendingAgain', ['received in time']],
  ])('%s', async (_, scenario, lines) => {
    await says(scenario, lines);
  });

  it('an operation on one handle, though another handle is unref’d', async () => {
    const { code, stdout } = await run('process-life', { scenario: 'pendingOnOneOfTwo' });
    expect(code).toBe(0);
    expect(stdout).toContain('received in time');
  });

  it('a thread stays alive for its pending receive, and ends when it has settled', async () => {
    const { code, stdout, stderr } = await run('process-life', { scenario: 'pendingInThread' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('got in time');
  });
});

describe('the process ends at once', () => {
  it.each([
    ['with a channel', 'nothing', []],
    ['with many channels, messages, clones and tokens', 'channels', []],
    ['with a pending receive on an unref’d handle', 'unrefd', []],
    ['with a pending receive whose handle was unref’d later', 'unrefdWhilePending', []],
    ['with a pending send on an unref’d handle', 'unrefdSend', []],
    ['with a send and a receive that wait for a partner on unref’d handles', 'unrefdMeeting', []],
    ['after operations that settled in every way', 'settled', ['aborted', 'timed out', 'received 1', 'dropped']],
    ['after a thread that only made channels, which ends as well', 'threadWithChannelsOnly', ['the thread ended with 0']],
    ['after a spawned thread was joined', 'joined', ['joined 3']],
    ['by process.exit while threads block', 'exitsWhileThreadsBlock', ['exiting']],
    ['while threads that it unref’d block', 'endsWhileUnrefdThreadsBlock', []],
  ])('%s', async (_, scenario, lines) => {
    await says(scenario, lines);
  });
});

describe('a failure of a spawned thread', () => {
  it('that nobody joined gives one process warning', async () => {
    const { code, stdout, stderr } = await run('process-life', { scenario: 'unjoinedFailure' });
    expect(code).toBe(0);
    const warnings = stdout.split('\n').filter((line) => line.startsWith('warning'));
    expect(warnings).toHaveLength(2);
    expect(warnings.filter((line) => line.includes('nobody heard'))).toHaveLength(1);
    expect(stdout).not.toContain('unhandled');
    expect(stderr).toContain('nobody heard');
  });

  it.each([
    ['that was joined', 'joinedFailure', ['joined']],
    ['by terminate()', 'terminatedThread', ['terminated']],
    ['that was none', 'returnedThread', ['returned']],
  ])('%s gives no warning', async (_, scenario, lines) => {
    await says(scenario, lines);
  });

  it('can still be joined after the thread has ended', async () => {
    const { code, stdout } = await run('process-life', { scenario: 'joinedLate' });
    expect(code).toBe(0);
    expect(stdout).toContain('joined late');
    expect(stdout).not.toContain('unhandled');
  });
});

it('no operation leaves an unhandled rejection or a warning behind', async () => {
  await says('quiet', ['listeners 0']);
});
