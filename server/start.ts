// The server: pages, HTTP and live screens on one origin. It decides nothing about crowds: it checks, asks, and passes on.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import websocket from '@fastify/websocket';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import Type from 'typebox';
import { Problem } from '../contract/problem.ts';
import { strictObject } from '../contract/schema.ts';
import { loadChannelKinds } from '../config/kinds.ts';
import { fromHome } from '../config/settings.ts';
import { auditHooks } from './access/audit.ts';
import { openGate, type DeclaredRoute } from './access/gate.ts';
import { openLooks } from './access/looks.ts';
import { passwordListProblem } from './access/passwordRules.ts';
import { openScopes } from './access/scopes.ts';
import { openSessions } from './access/sessions.ts';
import { basemapRoutes } from './basemaps.ts';
import { openCommands } from './commands.ts';
import { guard, setSafetyHeaders } from './guard.ts';
import { limitAccounts, limitAddresses, limitJson, limitLines } from './limits.ts';
import { startHub } from './live/hub.ts';
import type { App, ServerParts } from './parts.ts';
import { answerProblems } from './problems.ts';
import { alarmRoutes } from './routes/alarms.ts';
import { unitRoutes } from './routes/units.ts';
import { peopleRoutes } from './routes/people.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { channelRoutes } from './routes/channels.ts';
import { alarmLoadRoutes } from './routes/alarmLoad.ts';
import { lineRoutes } from './routes/lines.ts';
import { modelRoutes } from './routes/model.ts';
import { overviewRoutes } from './routes/overview.ts';
import { sensorRoutes } from './routes/sensors.ts';
import { siteRoutes } from './routes/sites.ts';
import { accountRoutes } from './routes/accounts.ts';
import { factorRoutes } from './routes/factors.ts';
import { grantRoutes } from './routes/grants.ts';
import { auditRoutes } from './routes/audit.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { privacyRoutes } from './routes/privacy.ts';
import { systemRoutes } from './routes/system.ts';
import { openDoor } from './tls/openDoor.ts';
import { webPage } from './webPage.ts';

export type Server = {
  address: string;
  /** Where a phone learns to trust the site's CA, and the fingerprint to compare; null without one. */
  trust: { address: string; fingerprint256: string } | null;
  /** Every route with the rule that it declares (server/access/rule.ts). */
  routes: readonly DeclaredRoute[];
  close(): Promise<void>;
};
/** channelKinds left out: those of worker/channels. */
type StartParts = Omit<ServerParts, 'hub' | 'commands' | 'scopes' | 'looks' | 'sessions' | 'buildId' | 'channelKinds'> & { webFolder?: string; channelKinds?: ServerParts['channelKinds'] };

/** Bodies are names, outlines and points; a zone of 200 corners is 10 kB. */
const BODY_MOST_BYTES = 256 * 1024;
const LINES_CLOSE_WITHIN_MS = 800;

export async function startServer({ webFolder = fromHome('web/dist'), ...given }: StartParts): Promise<Server> {
  const { store, bus, settings, log } = given;
  const http = { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, connectionsCheckingInterval: 2000 };
  const door = await openDoor({ settings, log, store, http });
  // A list that cannot be read would let every stolen password pass without a word.
  const listProblem = await passwordListProblem(settings.breachedPasswordsFile);
  if (listProblem !== null) throw listProblem;
  const channelKinds = given.channelKinds ?? await loadChannelKinds();
  // The page names its files by their content, so this changes whenever any of them does.
  const buildId = await readFile(join(webFolder, 'index.html')).then((page) => createHash('sha256').update(page).digest('hex').slice(0, 16), () => 'unbuilt');
  const sessions = openSessions({ store, settings, log }), scopes = openScopes({ store, log }), looks = openLooks({ store });
  const hub = await startHub({ store, bus, log, sessions, scopes, buildId, screensMost: settings.screensMost, screensPerAddressMost: settings.screensPerAddressMost, screensPerAccountMost: settings.screensPerAccountMost });
  const commands = await openCommands({ bus, log });
  const parts: ServerParts = { ...given, channelKinds, hub, commands, sessions, scopes, looks, buildId };

  const app = Fastify({
    logger: false, trustProxy: door.trustProxy, bodyLimit: BODY_MOST_BYTES, forceCloseConnections: true, requestTimeout: 30_000, connectionTimeout: 0, keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 400 }, ...(door.https === null ? { http } : { https: door.https }),
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App;
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // Answers are made by ourselves from checked parts; the tests hold them against the same schemas.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.setErrorHandler(answerProblems(log));
  app.removeContentTypeParser('text/plain');
  // The plugin first: it closes the line of an upgrade that a later hook refuses.
  await app.register(websocket, { options: { maxPayload: 4096, perMessageDeflate: false } });
  await app.register(cookie);
  const mayTalk = guard(door.isOurs);
  app.addHook('onRequest', async (request, reply) => { setSafetyHeaders(reply, door.strictTransport(request)); mayTalk(request); });
  limitJson(app);
  limitAddresses(app, settings);
  const { routes } = openGate(app, { ...parts, principalOf: sessions.principalOf });
  limitAccounts(app, settings);
  const written = auditHooks(app, parts);
  const system = systemRoutes(app, parts);
  accountRoutes(app, parts);
  factorRoutes(app, parts);
  grantRoutes(app, parts);
  auditRoutes(app, parts);
  approvalRoutes(app, parts);
  privacyRoutes(app, parts);
  overviewRoutes(app, parts);
  siteRoutes(app, parts);
  lineRoutes(app, parts);
  sensorRoutes(app, parts);
  alarmRoutes(app, parts);
  modelRoutes(app, parts);
  unitRoutes(app, parts);
  peopleRoutes(app, parts);
  incidentRoutes(app, parts);
  channelRoutes(app, parts);
  alarmLoadRoutes(app, parts);
  basemapRoutes(app, fromHome(settings.dataFolder));
  app.get('/live', {
    websocket: true, config: { access: { right: 'see', at: 'anywhere', because: 'each message goes only to screens whose scope it lies in' } },
    schema: { querystring: strictObject({ after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })) }) },
    preHandler: async (request) => {
      const most = hub.full(request.ip, request.principal!.accountId);
      if (most !== null) throw new Problem('tooMany', { most });
    },
  }, (ws, request) => hub.accept(ws, request.raw.socket, request.ip, (request.query as { after?: number }).after ?? 0, request.principal!));
  door.attach(app);
  if (existsSync(webFolder)) await webPage(app, webFolder);
  else app.setNotFoundHandler(() => { throw new Problem('notFound'); });

  // Beyond the screens there is room for requests, not for a flood of idle connections.
  app.server.maxConnections = settings.screensMost + 500;
  // Behind a proxy all lines come from it; there it keeps their number.
  limitLines(app.server, door.trustProxy === false ? settings.screensPerAddressMost + 200 : Infinity);
  const lines = new Set<Socket>();
  app.server.on('connection', (line) => { lines.add(line); line.once('close', () => lines.delete(line)); });
  let reached: Awaited<ReturnType<typeof door.listening>>;
  try {
    await app.listen({ host: settings.listenHost, port: settings.port });
    reached = await door.listening(app);
  } catch (error) {
    await Promise.allSettled([app.close(), hub.close(), commands.close(), door.close()]);
    throw error instanceof Problem ? error : listenProblem(error as NodeJS.ErrnoException, settings);
  }
  const ca = door.certificates?.ca() ?? null;
  return {
    address: reached.address,
    trust: ca === null || reached.trustAddress === null ? null : { address: reached.trustAddress, fingerprint256: ca.fingerprint256 },
    routes,
    async close() {
      // Screens first: they hear that the server stops, and try again.
      await hub.close();
      // Node waits for upgraded lines for ever, and for those whose other end is silent.
      const cut = setTimeout(() => { for (const line of lines) line.destroy(); }, LINES_CLOSE_WITHIN_MS);
      await app.close();
      clearTimeout(cut);
      await Promise.all([looks.close(), written.close()]);
      await door.close();
      await commands.close();
      system.close();
      scopes.close();
      sessions.close();
    },
  };
}

function listenProblem(error: NodeJS.ErrnoException, { port, listenHost }: { port: number; listenHost: string }): Error {
  switch (error.code) {
    case 'EADDRINUSE': return new Problem('settingWrong', { name: 'port', reason: `another program already listens on ${listenHost}:${port}; use --port with another number, or 0 for any free one` });
    case 'EACCES': return new Problem('settingWrong', { name: 'port', reason: `this user may not listen on port ${port}; use one above 1023` });
    case 'EADDRNOTAVAIL': case 'ENOTFOUND': return new Problem('settingWrong', { name: 'listenHost', reason: `${listenHost} is not an address of this machine` });
    default: return error;
  }
}

