import { expect, test } from 'vitest';
import { pauseMs } from '../../store/pauseMs.ts';

test('the pause doubles up to its bound', () => {
  expect([1, 2, 3, 4, 10].map((attempt) => pauseMs({ attempt, firstMs: 500, mostMs: 30_000 }))).toEqual([500, 1000, 2000, 4000, 30_000]);
});

test('any numbers in, a sensible pause out', () => {
  expect(pauseMs({ attempt: 1_000_000, firstMs: 500, mostMs: 30_000 })).toBe(30_000);
  for (const attempt of [-1, 0, NaN, Infinity, 1e308]) for (const firstMs of [-5, 0, NaN, Infinity, 1e308]) for (const mostMs of [-5, 0, NaN, Infinity, 100]) {
    const ms = pauseMs({ attempt, firstMs, mostMs });
    expect(Number.isFinite(ms) && ms > 0, `${attempt} ${firstMs} ${mostMs} -> ${ms}`).toBe(true);
  }
});
