// All that can be set, in one schema: the type, the check, the help, the example file and the documents come from it.
// Defaults < file < environment < flags. A name that nobody knows stops the start: a misspelt setting must never be silently ignored.
import { isAbsolute, join, resolve } from 'node:path';
import Type from 'typebox';
import { Problem, withoutSecrets } from '../contract/problem.ts';
import { checker, literals, strictObject } from '../contract/schema.ts';

export const ROLES = ['server', 'ingest', 'decide', 'deliver', 'maintain'] as const;
export type Role = (typeof ROLES)[number];

/** Beside JSON Schema's own words: the unit, names outside the scheme, the flag, how a list is cut apart, and what must never be printed. */
type Extra = { title: string; description: string; default: unknown; unit?: string; env?: string; flag?: string; separator?: ',' | ' '; secret?: boolean; perMachine?: boolean };
const text = (extra: Extra & { maxLength?: number }) => Type.String({ maxLength: 2000, ...extra });
const whole = (extra: Extra & { minimum: number; maximum: number }) => Type.Integer(extra);
const number = (extra: Extra & { minimum: number; maximum: number }) => Type.Number(extra);
const list = (items: Type.TSchema, extra: Extra & { maxItems?: number }) => Type.Array(items, { maxItems: 500, ...extra }) as Type.TArray<Type.TString>;

export const SettingsSchema = strictObject({
  dataFolder: text({ title: 'data folder', description: 'Holds the database, recordings, base maps (*.pmtiles) and the demo video. Relative to the folder of the program.', default: 'data', flag: '--data' }),
  listenHost: text({ title: 'address to listen on', description: '127.0.0.1 is this machine only; 0.0.0.0 every network. Beyond this machine TLS is asked for (tls, insecureHttp).', default: '127.0.0.1' }),
  port: whole({ title: 'port', description: 'Where the page is served; 0 takes any free one.', unit: 'TCP port', minimum: 0, maximum: 65535, default: 8480, env: 'PORT', flag: '--port' }),
  hostNames: list(Type.String({ pattern: '^[A-Za-z0-9.:_\\[\\]-]{1,253}$' }), { title: 'further host names', description: 'Names, beside localhost, by which browsers reach this server. Requests under any other name are refused (DNS rebinding).', default: [], separator: ',' }),
  publicAddress: text({ title: 'public address', description: 'How people outside reach the pages, as in "https://crowd.example.org": put before the links in notices. Empty: links are left out.', default: '', maxLength: 300 }),
  tls: Type.Enum(['off', 'own', 'site'], { title: 'TLS', description: 'off: plain HTTP, for this machine alone or behind a proxy. own: with a certificate of one\'s own. site: this installation makes its own authority, which each phone and browser is told to trust once (page /trust).', default: 'off' }),
  tlsCertificateFile: text({ title: 'certificate', description: 'For tls "own": PEM, the server\'s own first, then those above it. Read again when it changes.', default: '' }),
  tlsKeyFile: text({ title: 'key of the certificate', description: 'For tls "own": PEM without a password, readable to this program alone.', default: '' }),
  siteCa: whole({ title: 'number of the site\'s authority', description: 'For tls "site": raise it by one to make a new authority, when its key may be known or it may not speak for a new host name. Every phone must trust the new one then.', minimum: 1, maximum: 1000, default: 1 }),
  plainPort: whole({ title: 'plain port', description: 'With TLS, plain HTTP here leads to the secured address and to the page /trust; port 80 on most sites. 0: none. The secured port itself also answers plain HTTP so.', unit: 'TCP port', minimum: 0, maximum: 65535, default: 0 }),
  hsts: Type.Enum(['auto', 'on', 'off'], { title: 'HTTPS for ever', description: 'Browsers are told to use nothing but HTTPS for this name for a year (HSTS). auto: with a certificate of one\'s own, and behind a trusted proxy that does TLS.', default: 'auto' }),
  insecureHttp: Type.Enum(['refused', 'allowed'], { title: 'plain HTTP beyond this machine', description: 'allowed: listens beyond 127.0.0.1 without TLS, for a proxy in front that does it.', default: 'refused' }),
  trustedProxies: list(Type.String({ pattern: '^[0-9A-Fa-f:.]{2,45}(/\\d{1,3})?$' }), { title: 'trusted proxies', description: 'Addresses or ranges (10.0.0.5, 10.0.0.0/24) of proxies whose X-Forwarded-For, -Proto and -Host are believed. From anywhere else they are passed over.', default: [], separator: ',', maxItems: 50 }),
  secondFactor: Type.Enum(['optional', 'administrators', 'required'], { title: 'second factor', description: 'Who must have one (a passkey or an app with codes): nobody, administrators, or everybody with an account of this installation. Who signs in elsewhere is asked there.', default: 'optional' }),
  oidcIssuer: text({ title: 'sign in elsewhere', description: 'Address of an OpenID Connect provider, as in "https://id.example.org/realms/city". Empty: accounts of this installation alone.', default: '', maxLength: 300 }),
  oidcClientId: text({ title: 'client id there', description: 'As the provider knows this installation. The address to return to is PUBLIC-ADDRESS/signed-in.', default: '', maxLength: 300 }),
  oidcClientSecret: text({ title: 'client secret there', description: 'From the provider. Empty: a public client, kept safe by PKCE alone.', default: '', secret: true }),
  oidcName: text({ title: 'name of that place', description: 'On the button "Sign in with …".', default: '', maxLength: 80 }),
  oidcScopes: text({ title: 'scopes asked for', description: 'Separated by spaces.', default: 'openid profile', maxLength: 300 }),
  oidcRoles: list(strictObject({ claim: Type.String({ minLength: 1, maxLength: 200 }), value: Type.String({ minLength: 1, maxLength: 300 }), role: Type.String({ maxLength: 40 }), unitCode: Type.String({ maxLength: 32 }) }), { title: 'roles by claims', description: 'JSON list as in [{"claim": "groups", "value": "crowd-north", "role": "operator", "unitCode": "north"}]: whoever\'s claim (a dot goes into objects) is or holds the value has the role at the unit; unitCode "*" is the whole installation. Written anew at each sign-in; nobody has a role that is not listed.', default: [] }) as unknown as Type.TArray<Type.TObject<{ claim: Type.TString; value: Type.TString; role: Type.TString; unitCode: Type.TString }>>,
  databaseUrl: text({ title: 'PostgreSQL', description: 'postgres://user:password@host/database. Empty: PostgreSQL is started inside the data folder.', default: '', env: 'DATABASE_URL', secret: true }),
  secretKeyFile: text({ title: 'key file', description: 'The keys that seal passwords and keys in the database, one a line, readable by this user alone. Empty: secret.key in the data folder, made at the first start. Keep a copy apart from the copies of the database. npm run keys:rotate changes to a new one.', default: '' }),
  secretKey: text({ title: 'key of secrets', description: 'Instead of a key file: 32 random bytes as base64 or hexadecimal; several are parted by commas, the first one seals. The same in every process.', default: '', secret: true }),
  redisUrl: text({ title: 'Redis', description: 'redis://host:6379. Empty: everything runs in one process and needs no Redis.', default: '', env: 'REDIS_URL', secret: true }),
  roles: list(literals(ROLES) as unknown as Type.TString, { title: 'roles', description: `Empty: all in one. Otherwise what this process does: ${ROLES.join(', ')}. decide also passes events on and keeps the past of zones. Needs PostgreSQL and Redis.`, default: [], flag: '--role', separator: ',' }),
  videos: list(Type.String({ minLength: 1, maxLength: 2000 }), { title: 'videos', description: 'Video files that are added to the site "My site" at the start, each once.', default: [], flag: '--video', separator: ' ' }),
  videoFolders: list(Type.String({ minLength: 1, maxLength: 2000 }), { title: 'folders for videos', description: 'Folders, beside "videos" in the data folder, whose files may be named on the page as cameras. What the setting videos names may lie anywhere.', default: [], separator: ' ' }),
  cameras: list(Type.String({ minLength: 1, maxLength: 2000 }), { title: 'cameras', description: 'rtsp:// or rtsps:// addresses that are added to the site "My site" at the start, each once.', default: [], flag: '--camera', separator: ' ', secret: true }),
  cameraNetworks: list(Type.String({ maxLength: 60 }), { title: 'where cameras may be', description: 'public, private, loopback, linkLocal, networks like 10.1.0.0/16, and single addresses. A name is resolved and checked each time a line is opened; what a cloud hands out passwords at (169.254.169.254 and others) is refused unless listed by itself.', default: ['private', 'public'], separator: ',' }),
  channelNetworks: list(Type.String({ maxLength: 60 }), { title: 'where channels may send', description: 'As for cameras: web addresses, mail servers and brokers of channels. A gateway inside your own network needs its network or address here, or the word private.', default: ['public'], separator: ',' }),
  demo: Type.Enum(['auto', 'on', 'off'], { title: 'plaza demo', description: 'auto: shown as long as nothing else is configured.', default: 'auto' }),
  logLevel: Type.Enum(['auto', 'trace', 'debug', 'info', 'warn', 'error', 'silent'], { title: 'log level', description: 'auto: warn for the all-in-one, info for single roles.', default: 'auto' }),
  healthPort: whole({ title: 'health port', description: 'Where a process without the role server answers /health, on 127.0.0.1 only; 0: nowhere. The server answers on its own port.', unit: 'TCP port', minimum: 0, maximum: 65535, default: 9099 }),
  countsPerS: number({ title: 'counts per camera', description: 'How often each camera\'s picture is counted.', unit: '1/s', minimum: 0.2, maximum: 10, default: 2 }),
  camerasPerHost: whole({ title: 'cameras per media host', description: 'A media host is the child process that opens cameras; when it crashes, only its own cameras pause.', minimum: 1, maximum: 64, default: 10 }),
  mediaHostMemoryMostMB: whole({ title: 'memory of a media host', description: 'A media host above it is started again.', unit: 'MB', minimum: 200, maximum: 64_000, default: 1500 }),
  mediaHostUser: text({ title: 'user of media hosts', description: 'The user of this machine that media hosts run as, when Crowdlight is started by root. It must be able to read the program, its models and video files, and should own nothing. Empty: the same user.', default: '', maxLength: 32 }),
  analysisPixelsMost: whole({ title: 'size of the counted picture', description: 'Most pixels that the detector looks at in one picture of a placed camera; it takes as many as the far heads in its zones or range need. More finds smaller heads and costs in proportion. A camera that is not placed is looked at in 245760 (640 x 384) at most.', unit: 'pixels', minimum: 64 * 64, maximum: 4096 * 4096, default: 960 * 576 }),
  modelCard: text({ title: 'counting model', description: 'The card (JSON) of the model that counts, its ONNX weights beside it. Relative to the folder of the program. Empty: the model of the release. models/README.md says how to write a card for another one.', default: '' }),
  overload: Type.Enum(['auto', 'always', 'never'], { title: 'key frames only', description: 'The overload mode: fewer pictures are decoded. auto: while this machine cannot keep up.', default: 'auto' }),
  noProgressMs: whole({ title: 'camera watchdog', description: 'A camera without a picture for this long is closed and opened again.', unit: 'ms', minimum: 2000, maximum: 600_000, default: 10_000 }),
  anonymityFloorPeople: whole({ title: 'anonymity floor', description: 'Minutes of a zone with fewer people than this are kept as "few", without a number.', unit: 'people', minimum: 3, maximum: 100, default: 3 }),
  timeZone: text({ title: 'time zone', description: 'Whose weekdays and hours the forecast learns from and shifts run by, as in "Europe/Berlin". Empty: that of this machine.', default: '', maxLength: 64 }),
  zoneMinutesDays: whole({ title: 'past of zones', description: 'How long the minutes of zones are kept.', unit: 'days', minimum: 1, maximum: 3650, default: 90 }),
  eventsDays: whole({ title: 'past of alarms', description: 'How long closed alarms and their events are kept.', unit: 'days', minimum: 1, maximum: 3650, default: 365 }),
  sessionIdleHours: number({ title: 'idle sign-in', description: 'Whoever is signed in and does nothing for this long is signed out. A screen that only shows does nothing.', unit: 'h', minimum: 0.05, maximum: 720, default: 12 }),
  sessionMostDays: number({ title: 'longest sign-in', description: 'After this everybody signs in anew.', unit: 'days', minimum: 0.01, maximum: 90, default: 7 }),
  breachedPasswordsFile: text({ title: 'stolen passwords', description: 'A list of passwords that are known to be stolen: SHA-1 hashes in order as "Have I Been Pwned" ships them, or one password a line. None of it may be chosen. A short list is built in. Empty: that one alone.', default: '' }),
  requestsPerAddressPerMinute: whole({ title: 'requests per address', description: 'Most requests a minute from one address, half of them at once; behind a proxy that is not trusted all share one.', unit: '1/min', minimum: 60, maximum: 10_000_000, default: 12_000 }),
  requestsPerAccountPerMinute: whole({ title: 'requests per account', description: 'Most requests a minute of one account, half of them at once.', unit: '1/min', minimum: 60, maximum: 10_000_000, default: 3000 }),
  auditDays: whole({ title: 'audit', description: 'How long it is kept who did what. The oldest lines go in whole blocks, and only once the log outside has them.', unit: 'days', minimum: 180, maximum: 3660, default: 1095 }),
  auditExportFile: text({ title: 'log outside, as a file', description: 'Each line of the audit is added to this file as JSON, in order and without a gap, as in "/var/log/crowdlight/audit.jsonl". Best on another machine. Empty: none.', default: '', maxLength: 1000 }),
  auditExportUrl: text({ title: 'log outside, by HTTPS', description: 'Each line of the audit is sent there by POST as JSON lines, in order and without a gap; after a fault the last ones may come twice. https://, or http:// on this machine. Empty: none.', default: '', maxLength: 1000 }),
  auditExportToken: text({ title: 'token of the log outside', description: 'Sent as "Authorization: Bearer …". Empty: none.', default: '', secret: true, maxLength: 500 }),
  screensMost: whole({ title: 'screens', description: 'Most screens connected to one server process.', minimum: 1, maximum: 100_000, default: 2000 }),
  screensPerAddressMost: whole({ title: 'screens per address', description: 'Most screens connected from one address; behind a proxy all share one.', minimum: 1, maximum: 100_000, default: 500 }),
  screensPerAccountMost: whole({ title: 'screens per account', description: 'Most screens connected with one account.', minimum: 1, maximum: 100_000, default: 500 }),
});
export type Settings = Type.Static<typeof SettingsSchema> & { roles: Role[] };
type Key = keyof Settings & string;

/** Where the settings come from; readFile answers null when there is no such file. */
export type SettingsSource = { argv: string[]; env: Record<string, string | undefined>; readFile: (path: string) => string | null };

export function loadSettings({ argv, env, readFile }: SettingsSource): Settings {
  const flags = flagsOf(argv);
  const fromEnvironment = environmentOf(env);
  const merged: Record<string, unknown> = { ...defaults(), ...fileOf(flags, fromEnvironment, env, readFile), ...fromEnvironment, ...flags.settings };
  const checked = checkSettings(merged);
  if (!checked.ok) {
    const fault = checked.faults[0]!;
    throw new Problem('settingWrong', { name: keyIn(fault.path), reason: withoutSecrets(fault.says) });
  }
  return checked.value as Settings;
}

/** What may be printed: secrets are cut, addresses lose user and password. */
export function shownSettings(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(KEYS.map((key) => {
    const value: unknown = settings[key];
    if (!extraOf(key).secret) return [key, value];
    return [key, Array.isArray(value) ? value.map((one) => shownAddress(String(one))) : shownSecret(String(value))];
  }));
}

/** The file to begin from: every setting with its default, its meaning above it. Keys that begin with // are remarks. */
export function exampleSettings(): Record<string, unknown> {
  return Object.fromEntries(KEYS.flatMap((key) => {
    const { title, description } = extraOf(key);
    return [[`// ${key}`, `${title}: ${description} Allowed: ${allowed(key).replaceAll('`', '')}. Environment: ${envName(key)}.`], [key, extraOf(key).default]];
  }));
}

/** One Markdown table of all settings. */
export function settingsTable(): string {
  const rows = KEYS.map((key) => {
    const extra = extraOf(key);
    const names = [`\`${envName(key)}\``, ...(extra.env ? [`\`${extra.env}\``] : []), ...(extra.flag ? [`\`${extra.flag}\``] : [])].join(' ');
    return `| \`${key}\` | ${names} | \`${JSON.stringify(extra.default)}\` | ${allowed(key)} | ${extra.description} |`;
  });
  return ['| setting | environment, flag | default | allowed | meaning |', '|---|---|---|---|---|', ...rows].join('\n') + '\n';
}

export function helpText(): string {
  const line = (left: string, right: string) => `  ${left.padEnd(24)}${right}`;
  return ['Crowdlight: how crowded each place is, live.', '', 'npm start -- [flags]', '',
    ...KEYS.filter((key) => extraOf(key).flag).map((key) => line(`${extraOf(key).flag} ${extraOf(key).title.toUpperCase().replaceAll(' ', '-')}`, extraOf(key).description)),
    line('--demo, --no-demo', 'shows the plaza demo beside what is configured, or never'),
    line('--config PATH', 'settings file (default: crowdlight.json in the data folder, then config/crowdlight.json)'),
    line('--new-administrator NAME', 'gives the account NAME (made where there is none) every right and a new password, prints it once and ends; for when nobody can sign in any more'),
    line('--settings', 'prints the settings in force, without secrets, and ends'),
    line('--health', 'asks the running process of this --role whether it is well: exit code 0 or 1'),
    line('--help', 'prints this and ends'), '',
    'Each setting can also stand in the file, or in the environment:', ...KEYS.map((key) => line(envName(key), `${extraOf(key).title}, default ${JSON.stringify(extraOf(key).default)}${extraOf(key).unit ? ` (${extraOf(key).unit})` : ''}`)), ''].join('\n');
}

/** What the command line asks for, beside settings. */
export function commandOf(argv: string[]): Command {
  return flagsOf(argv).command;
}

const KEYS = Object.keys(SettingsSchema.properties) as Key[];
const checkSettings = checker(SettingsSchema);
const extraOf = (key: Key) => SettingsSchema.properties[key] as unknown as Extra & { type?: string; minimum?: number; maximum?: number; enum?: string[]; items?: { enum?: string[] } };
const defaults = () => Object.fromEntries(KEYS.map((key) => [key, structuredClone(extraOf(key).default)]));
const envName = (key: string) => 'CROWDLIGHT_' + key.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
const keyIn = (path: string) => path.split('/')[1] || path;
/** Of an address without user and password the rest may be known; of a key nothing. */
const shownSecret = (value: string) => (value === '' ? '' : /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? shownAddress(value) : '(set)');
const shownAddress = (address: string) => withoutSecrets(address).replace(/\?.*$/, '');

export type Command = 'start' | 'settings' | 'health' | 'help' | 'newAdministrator';
/** What follows --new-administrator. */
export const newAdministratorOf = (argv: string[]): string => flagsOf(argv).newAdministrator ?? '';

const COMMAND_FLAGS = { '--settings': 'settings', '--health': 'health', '--help': 'help', '-h': 'help' } as const;

type Flags = { settings: Record<string, unknown>; command: Command; configPath: string | null; newAdministrator: string | null };
function flagsOf(argv: string[]): Flags {
  const found: Flags = { settings: {}, command: 'start', configPath: null, newAdministrator: null };
  const valued = new Map(KEYS.filter((key) => extraOf(key).flag).map((key) => [extraOf(key).flag!, key]));
  for (let at = 0; at < argv.length; at++) {
    const [flag, inline] = cutOnce(argv[at]!, '=');
    const valueOf = () => {
      const value = inline ?? argv[++at];
      if (value === undefined || value === '' || (inline === undefined && value.startsWith('--'))) throw new Problem('settingWrong', { name: flag, reason: 'a value must follow it' });
      return value;
    };
    const key = valued.get(flag);
    if (key !== undefined) {
      const value = parsed(key, valueOf(), flag, extraOf(key).separator === ',');
      found.settings[key] = Array.isArray(value) ? [...((found.settings[key] as unknown[]) ?? []), ...value] : value;
    } else if (flag === '--config') found.configPath = valueOf();
    else if (flag === '--new-administrator') { found.newAdministrator = valueOf(); found.command = 'newAdministrator'; }
    else if (flag === '--demo' && inline === undefined) found.settings['demo'] = 'on';
    else if (flag === '--no-demo' && inline === undefined) found.settings['demo'] = 'off';
    else if (flag in COMMAND_FLAGS && inline === undefined) found.command = COMMAND_FLAGS[flag as keyof typeof COMMAND_FLAGS];
    else throw unknown(withoutSecrets(flag), [...valued.keys(), '--config', '--demo', '--no-demo', '--new-administrator', ...Object.keys(COMMAND_FLAGS)]);
  }
  return found;
}

function environmentOf(env: SettingsSource['env']): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  const byName = new Map(KEYS.map((key) => [envName(key), key]));
  for (const key of KEYS) {
    const other = extraOf(key).env;
    // Empty is unset: compose files pass variables on that nobody filled.
    if (other !== undefined && env[other]) settings[key] = parsed(key, env[other], other, true);
  }
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('CROWDLIGHT_') || name === 'CROWDLIGHT_CONFIG') continue;
    const key = byName.get(name);
    if (key === undefined) throw unknown(name, [...byName.keys(), 'CROWDLIGHT_CONFIG']);
    if (value) settings[key] = parsed(key, value, name, true);
  }
  return settings;
}

/** Names in the environment that hold secrets: whoever has read them takes them out, so that no child inherits them. */
export const secretEnvironmentNames = (): string[] => KEYS.filter((key) => extraOf(key).secret).flatMap((key) => [envName(key), ...(extraOf(key).env ? [extraOf(key).env!] : [])]);

/** The program's own folder: relative folders mean the same from wherever it is started. */
const HOME = resolve(import.meta.dirname, '..');
export const fromHome = (path: string) => (isAbsolute(path) ? path : join(HOME, path));

export const keyFileOf = ({ secretKeyFile, dataFolder }: Pick<Settings, 'secretKeyFile' | 'dataFolder'>): string => fromHome(secretKeyFile === '' ? join(dataFolder, 'secret.key') : secretKeyFile);

function fileOf(flags: Flags, fromEnvironment: Record<string, unknown>, env: SettingsSource['env'], readFile: SettingsSource['readFile']): Record<string, unknown> {
  const dataFolder = String(flags.settings['dataFolder'] ?? fromEnvironment['dataFolder'] ?? extraOf('dataFolder').default);
  const named = flags.configPath ?? (env['CROWDLIGHT_CONFIG'] || null);
  const inData = join(fromHome(dataFolder), 'crowdlight.json');
  // A file that was named is looked for where the person stands; the usual places are the program's.
  const path = named !== null ? resolve(named) : [inData, fromHome('config/crowdlight.json')].find((one) => readFile(one) !== null);
  if (path === undefined) return {};
  const words = readFile(path);
  if (words === null) throw new Problem('settingWrong', { name: '--config', reason: `there is no file ${path}` });
  let settings: unknown;
  try { settings = JSON.parse(words); } catch (error) { throw new Problem('settingWrong', { name: path, reason: `it is not JSON: ${(error as Error).message}` }); }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) throw new Problem('settingWrong', { name: path, reason: 'it must be one JSON object' });
  for (const key of Object.keys(settings)) {
    if (key.startsWith('//')) delete (settings as Record<string, unknown>)[key];
    else if (!KEYS.includes(key as Key)) throw unknown(key, KEYS);
  }
  if (path === inData && 'dataFolder' in settings && fromHome(String(settings.dataFolder)) !== fromHome(dataFolder)) {
    throw new Problem('settingWrong', { name: 'dataFolder', reason: 'a file inside the data folder cannot name another one' });
  }
  return settings as Record<string, unknown>;
}

function parsed(key: Key, words: string, name: string, many: boolean): unknown {
  const { type, separator } = extraOf(key);
  if (type === 'integer' || type === 'number') {
    const value = Number(words);
    if (words.trim() === '' || !Number.isFinite(value)) throw new Problem('settingWrong', { name, reason: `"${words}" is not a number` });
    return value;
  }
  if (type !== 'array') return words;
  if (words.trimStart().startsWith('[') && key !== 'hostNames') {
    try { return JSON.parse(words) as unknown; } catch { throw new Problem('settingWrong', { name, reason: 'it is not a JSON list' }); }
  }
  // A file name on the command line may hold spaces; in the environment a JSON list says so.
  return many ? words.split(separator === ',' ? /[,\s]+/ : /\s+/).filter((one) => one !== '') : [words];
}

function allowed(key: Key): string {
  const { type, minimum, maximum, enum: choices, items, unit } = extraOf(key);
  const words = choices ?? items?.enum;
  if (words) return words.map((word) => `\`${word}\``).join(', ');
  const span = minimum === undefined ? (type === 'array' ? 'list' : 'text') : `${minimum} to ${maximum}`;
  return unit ? `${span} ${unit}` : span;
}

function unknown(name: string, known: string[]): Problem {
  const near = known.map((word) => ({ word, steps: editSteps(name.toLowerCase(), word.toLowerCase()) })).sort((a, b) => a.steps - b.steps)[0]!;
  return new Problem('settingUnknown', { name, near: near.steps <= Math.max(3, name.length / 3) ? `Did you mean ${near.word}?` : '' });
}

/** Levenshtein's distance. */
function editSteps(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= Math.min(a.length, 200); i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

function cutOnce(words: string, at: string): [string, string | undefined] {
  const index = words.indexOf(at);
  return index < 0 || !words.startsWith('--') ? [words, undefined] : [words.slice(0, index), words.slice(index + 1)];
}
