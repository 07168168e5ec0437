import { expect, test } from 'vitest';
import { inParallel } from './in-parallel.ts';

test('no more is under way than was said, and answers come in order', async () => {
  let begun = 0;
  let ended = 0;
  let most = 0;
  const task = (n: number) => async () => {
    begun++;
    most = Math.max(most, begun - ended);
    // The first ones take longest.
    for (let turn = 0; turn < 20 - n; turn++) await Promise.resolve();
    ended++;
    return n;
  };
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  const answers: number[] = [];
  for await (const answer of inParallel(numbers.map(task), 8)) answers.push(answer);
  expect(answers).toEqual(numbers);
  expect(most).toBe(8);
});

test('nothing more is begun while nobody takes what is there', async () => {
  let begun = 0;
  const tasks = Array.from({ length: 20 }, () => () => Promise.resolve(++begun));
  const answers = inParallel(tasks, 8);
  expect(await answers.next()).toEqual({ done: false, value: 1 });
  expect(begun).toBe(8);
});
