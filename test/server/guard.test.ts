// Who may talk to the server: only pages that it sent itself, under a name that it goes by.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { serverForTest, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest;
beforeAll(async () => { server = await serverForTest({ hostNames: ['crowd.example'] }); });
afterAll(async () => { await server.close(); });

/** fetch() does not let a caller set Host; a socket does. */
function raw(host: string | null, path = '/api/overview', headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    let text = '';
    socket.on('data', (data) => { text += data.toString(); });
    socket.on('end', () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text }));
    socket.on('error', reject);
    socket.write([`GET ${path} HTTP/1.1`, ...(host === null ? [] : [`Host: ${host}`]), `Cookie: ${server.administrator.cookie}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), 'Connection: close', '', ''].join('\r\n'));
  });
}
const port = () => new URL(server.address).port;

describe('guard', () => {
  test.each(['localhost', '127.0.0.1', '[::1]', 'crowd.example', 'CROWD.example'])('GU1 the name %s is one of ours', async (name) => {
    expect((await raw(`${name}:${port()}`)).status).toBe(200);
  });

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '192.168.1.5', ''])('GU2 the name "%s" is refused: DNS rebinding', async (name) => {
    const answer = await raw(name === '' ? '' : `${name}:${port()}`);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('originRefused');
  });

  test.each(['https://evil.example', 'null', 'http://localhost:1', 'http://localhost.evil.example'])('GU3 a page of %s may neither read nor command', async (origin) => {
    expect((await server.send('GET', '/api/overview', undefined, { headers: { origin } })).body.code).toBe('originRefused');
    const command = await server.send('POST', '/api/sites', { name: 'x', origin: { lng: 0, lat: 0 }, grid: { cellM: 1, columns: 9, rows: 9 } }, { headers: { origin } });
    expect([command.status, command.body.code]).toEqual([403, 'originRefused']);
    expect(await server.store.sites()).toEqual([]);
  });

  test('GU4 a WebSocket of another page is refused before it is one', async () => {
    const refused = (origin: string) => new Promise<number>((resolve) => {
      const socket = new WebSocket(`${server.address.replace('http', 'ws')}/live?after=0`, { origin, headers: { cookie: server.administrator.cookie } });
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('open', () => { socket.terminate(); resolve(101); });
      socket.on('error', () => {});
    });
    expect(await refused('https://evil.example')).toBe(403);
    expect(await refused(server.address)).toBe(101);
  });

  test('GU5 an image, a script or a form of another site that sends no origin is told by the browser, and refused', async () => {
    for (const site of ['cross-site', 'same-site']) expect((await raw(`localhost:${port()}`, '/api/overview', { 'Sec-Fetch-Site': site })).status).toBe(403);
    for (const site of ['same-origin', 'none']) expect((await raw(`localhost:${port()}`, '/api/overview', { 'Sec-Fetch-Site': site })).status).toBe(200);
    // A link to the page from elsewhere is a page that is opened, not a command.
    expect((await raw(`localhost:${port()}`, '/', { 'Sec-Fetch-Site': 'cross-site' })).status).not.toBe(403);
  });

  test('GU6 a form of another page cannot pass as JSON', async () => {
    const answer = await server.send('POST', '/api/sites', '{"name":"x"}', { headers: { 'content-type': 'text/plain' } });
    expect([answer.status, answer.body.code]).toEqual([415, 'inputWrong']);
  });

  test('GU7 every answer forbids inline scripts, other origins and frames', async () => {
    const { headers } = await server.send('GET', '/api/overview');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:|unsafe-eval|script-src[^;]*unsafe/);
    expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual(['nosniff', 'no-referrer']);
  });

  test('GU8 only pages of this server may ask a phone where it is and for its camera; nobody may ask for anything else', async () => {
    const { headers } = await server.send('GET', '/api/overview');
    expect(headers.get('permissions-policy')).toBe('camera=(self), microphone=(), geolocation=(self), payment=(), usb=()');
  });
});
