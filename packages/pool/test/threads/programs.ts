/** Programs of this package: child processes on the build, as core's are (packages/core/test/support/program.ts). */
import { join, relative } from 'node:path';
import { FIXTURES, report as reportOf, run as runOf, type Run, type RunOptions } from '../../../core/test/support/program';

const HERE = relative(join(FIXTURES, 'programs'), join(__dirname, 'fixtures', 'programs'));

/** Runs a program that has to end well, and gives what it reported. */
export function report<T>(program: string, input: unknown = {}, options: RunOptions = {}): Promise<T> {
  return reportOf<T>(join(HERE, program), input, options);
}

/** Runs a program to its end, whatever that is. */
export function run(program: string, input: unknown = {}, options: RunOptions = {}): Promise<Run> {
  return runOf(join(HERE, program), input, options);
}
