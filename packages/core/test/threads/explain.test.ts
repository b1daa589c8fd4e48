/** api.md §8: who waits for whom among threads, and what debug mode prints by itself. */
import { report, run, type Run } from '../support/program';

const explain = (scenario: string, env = {}): Promise<Record<string, unknown>> => report('explain', { scenario }, { env });
const DEBUG = { BEAMLINE_DEBUG: '1' };

it('two threads that block for each other are a deadlock', async () => {
  const { text } = await explain('circle');
  expect((text as string[]).slice(1)).toEqual([
    '  list, 0 messages buffered, without a limit',
    expect.stringMatching(/^ {2}its only sender is on thread B, which waits to receive from "pong" #\d+$/),
    '  (BEAMLINE_DEBUG=1 shows where handles are made)',
    '  thread A (blocked) waits here in recv',
    '  deadlock: only a time limit can end it',
    expect.stringMatching(/^ {4}thread A waits to receive from "ping" #\d+, for thread B$/),
    expect.stringMatching(/^ {4}thread B waits to receive from "pong" #\d+, for thread A$/),
  ]);
});

it('as long as a thread that does not wait has a handle there is none', async () => {
  expect(await explain('noCircle')).toEqual({ here: false, alone: true });
});

it('in debug mode it says where handles were made', async () => {
  const { text } = await explain('places', DEBUG);
  expect(text).toEqual([
    expect.stringContaining('the receiver of channel "placed"'),
    '  array, 0 messages buffered, room for 1',
    '  its 2 senders:',
    expect.stringMatching(/^ {4}1 on thread 0, made at .*explain\.mjs:\d+:\d+/),
    expect.stringMatching(/^ {4}1 on thread 0, made at .*explain\.mjs:\d+:\d+/),
  ]);
});

describe('in debug mode what is pending is explained on standard error', () => {
  const ends = (scenario: string, env = {}): Promise<Run> => run('explain', { scenario }, { env });

  it('when the process exits, with the code that it has', async () => {
    const { code, stderr } = await ends('exits', DEBUG);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^beamline: operations are pending\nwaiting to receive from "waited for" #\d+:\n/);
    expect(stderr).toContain('thread 0 (this one) waits here in recv');
  });

  it('when it ends by itself', async () => {
    const { code, stdout, stderr } = await ends('endsByItself', DEBUG);
    expect([code, stdout]).toEqual([0, 'ending\n']);
    expect(stderr).toContain('waiting to receive from "unref’d"');
  });

  it('on SIGUSR2, of all threads, and the process goes on', async () => {
    const { code, stdout, stderr } = await ends('signalled', DEBUG);
    expect([code, stdout]).toEqual([0, 'afterwards\n']);
    expect(stderr).toContain('waiting to receive from "signalled"');
    expect(stderr).toContain('waiting to receive from "of a thread"');
  });

  it('if anything is pending', async () => {
    const { code, stdout, stderr } = await ends('endsIdle', DEBUG);
    expect([code, stdout, stderr]).toEqual([0, 'ending\n', '']);
  });

  it('and without debug mode nothing is', async () => {
    const { code, stderr } = await ends('exits');
    expect([code, stderr]).toEqual([3, '']);
  });
});
