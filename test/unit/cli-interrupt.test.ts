import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { graceMs, type SignalSource, watchInterrupts } from '../../src/cli/interrupt.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched() {
  const source = new EventEmitter();
  const said: string[] = [];
  const left: number[] = [];
  const interrupts = watchInterrupts(source as unknown as SignalSource, {
    say: (text) => said.push(text),
    leave: (code) => left.push(code),
  });
  return { source, said, left, interrupts };
}

test('the first Ctrl-C asks everything to stop, and says so', () => {
  const { source, said, left, interrupts } = watched();
  source.emit('SIGINT', 'SIGINT');
  expect(interrupts.signal.reason).toMatchObject({ code: 'stopped', message: 'Stopped by Ctrl-C.' });
  expect(said).toHaveLength(1);
  expect(left).toEqual([]);
});

test('the second leaves at once', () => {
  const { source, left } = watched();
  source.emit('SIGINT', 'SIGINT');
  source.emit('SIGTERM', 'SIGTERM');
  expect(left).toEqual([4]);
});

test('what does not stop within its time is left', () => {
  const { source, left } = watched();
  source.emit('SIGTERM', 'SIGTERM');
  vi.advanceTimersByTime(graceMs - 1);
  expect(left).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(left).toEqual([4]);
  expect(graceMs).toBeLessThan(2000);
});

test('after the command nothing listens and nothing waits', () => {
  const { source, left, interrupts } = watched();
  source.emit('SIGINT', 'SIGINT');
  interrupts.dispose();
  vi.advanceTimersByTime(graceMs * 2);
  expect(left).toEqual([]);
  expect(source.eventNames()).toEqual([]);
});
