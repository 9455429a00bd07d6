// What every route may use.
import type { FastifyInstance, RawServerDefault, FastifyBaseLogger } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Logger } from 'pino';
import type { RuleKind } from '../crowd/rules/ruleKind.ts';
import type { Settings } from '../config/settings.ts';
import type { Bus } from '../store/bus/bus.ts';
import type { Store } from '../store/store.ts';
import type { ChannelKind, SensorKind } from '../config/kinds.ts';
import type { Commands } from './commands.ts';
import type { Looks } from './access/looks.ts';
import type { Scopes } from './access/scopes.ts';
import type { Hub } from './live/hub.ts';
import type { Sessions } from './access/sessions.ts';

export type ServerParts = {
  store: Store; bus: Bus; settings: Settings; log: Logger;
  sensorKinds: Map<string, SensorKind>; ruleKinds: RuleKind[]; channelKinds: Map<string, ChannelKind>;
  hub: Hub; commands: Commands; sessions: Sessions; scopes: Scopes; looks: Looks;
  /** Which page is served: a screen that hears of another one loads itself anew. */
  buildId: string;
};

export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;
