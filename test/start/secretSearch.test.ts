// No secret leaves the product: rules SE of docs/SPEC.md.
import { expect, test } from 'vitest';
import { searchProduct } from '../fuzz/productSecrets.ts';
import { findSecrets, formsOf } from '../fuzz/secretSearch.ts';

test('SE11 the search finds a secret in every form in which it could hide, and nothing where there is none', () => {
  const value = 'Mk9-test/q7+Zt&w3-é-abcdef';
  const hiding = [value, encodeURIComponent(value), Buffer.from(value).toString('base64'), Buffer.from(`op:${value}`).toString('base64'), Buffer.from(`a:${value}`).toString('base64url'), Buffer.from(value).toString('hex'), JSON.stringify({ a: value }), value.slice(0, 15), `rtsp://op:${encodeURIComponent(value)}@a/`];
  for (const words of hiding) expect([words, findSecrets([{ where: 'x', bytes: Buffer.from(`before ${words} after`) }], [{ name: 'm', value }]).length]).toEqual([words, 1]);
  expect(findSecrets([{ where: 'x', bytes: Buffer.from('nothing here, Mk9 and q7 and Zt') }], [{ name: 'm', value }])).toEqual([]);
  expect(formsOf(value).length).toBeGreaterThan(6);
});

test('SE10 secrets planted everywhere are in nothing that leaves: answers, errors, logs, process lists, database, files, page, live line', async () => {
  const { leaks, haystacks, bytes, markers } = await searchProduct();
  console.log(JSON.stringify({ secretsPlanted: markers, haystacks, bytes, secretsLeaked: leaks.length }));
  expect(leaks).toEqual([]);
  expect(markers).toBeGreaterThan(12);
  expect(haystacks).toBeGreaterThan(100);
}, 240_000);
