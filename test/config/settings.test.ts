// Settings: where they come from, what is refused, what is printed.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../contract/problem.ts';
import { commandOf, fromHome, helpText, loadSettings, shownSettings } from '../../config/settings.ts';
import { exampleFile, settingsDocument } from '../../config/writeExample.ts';

const load = (given: { argv?: string[]; env?: Record<string, string>; files?: Record<string, string> } = {}) =>
  loadSettings({ argv: given.argv ?? [], env: given.env ?? {}, readFile: (path) => given.files?.[path] ?? null });
function problemOf(work: () => unknown) {
  try { work(); } catch (error) { if (error instanceof Problem) return error; throw error; }
  throw new Error('nothing was refused');
}

describe('settings', () => {
  test('SE1 without anything: this machine only, the usual port, everything in one process', () => {
    expect(load()).toMatchObject({ listenHost: '127.0.0.1', port: 8480, roles: [], databaseUrl: '', redisUrl: '', demo: 'auto', anonymityFloorPeople: 3 });
  });

  test('SE2 a flag wins over the environment, the environment over the file, the file over the default', () => {
    const files = { [fromHome('data/crowdlight.json')]: '{"port": 1001, "countsPerS": 1, "zoneMinutesDays": 7}' };
    const settings = load({ files, env: { CROWDLIGHT_PORT: '1002', CROWDLIGHT_COUNTS_PER_S: '4' }, argv: ['--port', '1003'] });
    expect(settings).toMatchObject({ port: 1003, countsPerS: 4, zoneMinutesDays: 7, eventsDays: 365 });
  });

  test('SE3 the short names of the platform count: PORT, REDIS_URL, DATABASE_URL; empty is unset', () => {
    expect(load({ env: { PORT: '81', REDIS_URL: 'redis://r', DATABASE_URL: 'postgres://d', CROWDLIGHT_LOG_LEVEL: '' } })).toMatchObject({ port: 81, redisUrl: 'redis://r', databaseUrl: 'postgres://d', logLevel: 'auto' });
  });

  test('SE4 the file is the named one, else that of the data folder, else that of config/', () => {
    const files = { '/etc/crowd.json': '{"port": 1}', [fromHome('data/crowdlight.json')]: '{"port": 2}', [fromHome('config/crowdlight.json')]: '{"port": 3}', '/srv/d/crowdlight.json': '{"port": 4}' };
    expect(load({ files, argv: ['--config', '/etc/crowd.json'] }).port).toBe(1);
    expect(load({ files, env: { CROWDLIGHT_CONFIG: '/etc/crowd.json' } }).port).toBe(1);
    expect(load({ files }).port).toBe(2);
    expect(load({ files, argv: ['--data', '/srv/d'] }).port).toBe(4);
    expect(load({ files: { [fromHome('config/crowdlight.json')]: '{"port": 3}' } }).port).toBe(3);
    expect(problemOf(() => load({ argv: ['--config', '/nowhere.json'] })).note).toMatchObject({ code: 'settingWrong', values: { name: '--config' } });
  });

  test.each([
    ['in the file', { files: { [fromHome('data/crowdlight.json')]: '{"prot": 80}' } }, 'prot', 'port'],
    ['in the environment', { env: { CROWDLIGHT_PROT: '80' } }, 'CROWDLIGHT_PROT', 'CROWDLIGHT_PORT'],
    ['as a flag', { argv: ['--vidoe', 'a.mp4'] }, '--vidoe', '--video'],
    ['as a flag with a value', { argv: ['--prot=80'] }, '--prot', '--port'],
  ])('SE5 an unknown name %s is refused, with the nearest known one', (_where, given, name, near) => {
    const { note } = problemOf(() => load(given));
    expect(note).toMatchObject({ code: 'settingUnknown', values: { name, near: `Did you mean ${near}?` } });
  });

  test('SE6 a name like none that is known is refused without a guess, and a password in it is not repeated', () => {
    const { note } = problemOf(() => load({ argv: ['rtsp://admin:secret@cam/1'] }));
    expect(note.code).toBe('settingUnknown');
    expect(note.values['near']).toBe('');
    expect(JSON.stringify(note)).not.toContain('secret');
  });

  test.each([
    [{ argv: ['--port', '99999'] }, 'port'], [{ argv: ['--port', 'eighty'] }, '--port'], [{ argv: ['--port'] }, '--port'], [{ argv: ['--data', '--no-demo'] }, '--data'],
    [{ argv: ['--role', 'server,decider'] }, 'roles'], [{ env: { CROWDLIGHT_ANONYMITY_FLOOR_PEOPLE: '2' } }, 'anonymityFloorPeople'], [{ env: { CROWDLIGHT_DEMO: 'yes' } }, 'demo'],
    [{ files: { [fromHome('data/crowdlight.json')]: '{"port": "80"}' } }, 'port'], [{ files: { [fromHome('data/crowdlight.json')]: '{"port": 80' } }, fromHome('data/crowdlight.json')],
    [{ files: { [fromHome('data/crowdlight.json')]: '{"dataFolder": "elsewhere"}' } }, 'dataFolder'],
  ])('SE7 %j is refused by name', (given, name) => {
    expect(problemOf(() => load(given as object)).note).toMatchObject({ code: 'settingWrong', values: { name } });
  });

  test('SE8 lists: flags may be repeated, names with spaces stay whole, the environment separates or is JSON', () => {
    expect(load({ argv: ['--camera', 'rtsp://a/1', '--camera=rtsp://b/1,2', '--video', 'north gate.mp4', '--role', 'decide,maintain', '--role', 'ingest'] }))
      .toMatchObject({ cameras: ['rtsp://a/1', 'rtsp://b/1,2'], videos: ['north gate.mp4'], roles: ['decide', 'maintain', 'ingest'] });
    expect(load({ env: { CROWDLIGHT_CAMERAS: 'rtsp://a/1 rtsp://b/1,2', CROWDLIGHT_VIDEOS: '["north gate.mp4"]', CROWDLIGHT_ROLES: 'server, ingest', CROWDLIGHT_HOST_NAMES: 'crowd.example,10.0.0.5' } }))
      .toMatchObject({ cameras: ['rtsp://a/1', 'rtsp://b/1,2'], videos: ['north gate.mp4'], roles: ['server', 'ingest'], hostNames: ['crowd.example', '10.0.0.5'] });
  });

  test('SE9 what is printed holds no secret', () => {
    const shown = JSON.stringify(shownSettings(load({ argv: ['--camera', 'rtsp://u:marker1@cam/1?token=marker2'], env: { DATABASE_URL: 'postgres://u:marker3@db/x', REDIS_URL: 'redis://:marker4@r' } })));
    expect(shown).not.toMatch(/marker\d/);
    expect(shown).toContain('rtsp://cam/1');
  });

  test('SE10 the example file and the settings document are those of the schema, and the example is accepted', () => {
    expect(readFileSync(fromHome('config/example.json'), 'utf8')).toBe(exampleFile());
    expect(readFileSync(fromHome('config/SETTINGS.md'), 'utf8')).toBe(settingsDocument());
    expect(load({ files: { '/x.json': exampleFile() }, argv: ['--config', '/x.json'] })).toEqual(load());
  });

  test('SE11 the command line says what to do', () => {
    expect([commandOf([]), commandOf(['--settings']), commandOf(['--health', '--role', 'decide']), commandOf(['-h'])]).toEqual(['start', 'settings', 'health', 'help']);
    for (const flag of ['--port', '--data', '--video', '--camera', '--role', '--no-demo', '--config', 'CROWDLIGHT_PORT']) expect(helpText()).toContain(flag);
    expect([load({ argv: ['--demo'] }).demo, load({ argv: ['--no-demo'] }).demo]).toEqual(['on', 'off']);
  });
});
