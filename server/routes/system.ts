// How the server itself is: /health for the one who started it, /metrics for Prometheus, /api/kinds for the forms of the page.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { EXERCISE_RULE } from '../../contract/alarm.ts';
import { Kinds } from '../../contract/api.ts';
import { EXERCISE_WORDS } from '../../crowd/exerciseWords.ts';
import type { App, ServerParts } from '../parts.ts';

export function systemRoutes(app: App, { store, bus, hub, sensorKinds, ruleKinds, buildId }: ServerParts): { close(): void } {
  const troubles = () => [...(store.isUp() && store.trouble() === null ? [] : [store.trouble() ?? 'databaseDown']), ...(bus.isUp() ? [] : ['busDown'])];
  app.get('/health', { config: { access: { who: 'everyone', because: 'whoever starts and watches the process asks whether it is well; more is said to those who are signed in' } } }, async (request, reply) => {
    const problems = troubles(), well = problems.length === 0;
    return reply.code(well ? 200 : 503).header('cache-control', 'no-store').send(request.principal === null ? { well } : { well, problems, buildId, pid: process.pid });
  });

  const kinds: Kinds = {
    sensors: [...sensorKinds.values()].map(({ kind, title, settings }) => ({ kind, title, settings })),
    rules: [...ruleKinds.map((rule) => ({ rule: rule.name, place: rule.place, title: rule.title, settings: rule.settings, because: rule.because })), { rule: EXERCISE_RULE, place: 'zone', settings: {}, ...EXERCISE_WORDS }],
  };
  app.get('/api/kinds', { config: { access: { who: 'signedIn', because: 'the words and settings of what is installed, the same for all' } }, schema: { response: { 200: Kinds } } }, async () => kinds);

  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'crowdlight_' });
  const requests = new Counter({ name: 'crowdlight_http_requests_total', help: 'Requests answered', labelNames: ['method', 'route', 'status'], registers: [registry] });
  const took = new Histogram({ name: 'crowdlight_http_request_s', help: 'Duration of requests, seconds', buckets: [0.005, 0.02, 0.1, 0.5, 2.5, 10], registers: [registry] });
  app.addHook('onResponse', async (request, reply) => {
    requests.inc({ method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode });
    took.observe(reply.elapsedTime / 1000);
  });
  const gauge = (name: string, help: string, value: () => number) => new Gauge({ name: `crowdlight_${name}`, help, registers: [registry], collect() { this.set(value()); } });
  gauge('screens', 'Screens connected', () => hub.figures().screens);
  gauge('screen_events_sent_total', 'Events sent to screens', () => hub.figures().eventsSent);
  gauge('screen_readings_dropped_total', 'Readings that a screen got no more because a newer one came', () => hub.figures().readingsDropped);
  gauge('screens_closed_slow_total', 'Screens closed because they could not keep up', () => hub.figures().screensClosedSlow);
  gauge('screens_closed_by_access_total', 'Screens closed because somebody signed out, or may see something else now', () => hub.figures().screensClosedByAccess);
  gauge('screen_messages_heard_total', 'Messages that screens sent, which have nothing to say', () => hub.figures().messagesHeard);
  gauge('screen_scopes', 'Different scopes among the screens connected', () => hub.figures().scopes);
  gauge('bus_messages_broken_total', 'Messages on the bus that could not be read', () => hub.figures().messagesBroken);
  gauge('last_event_seq', 'Newest event that all screens have', () => hub.figures().lastSeq);
  gauge('database_up', '1 when PostgreSQL answers', () => (store.isUp() ? 1 : 0));
  gauge('bus_up', '1 when the bus answers', () => (bus.isUp() ? 1 : 0));
  gauge('bus_messages_dropped_total', 'Messages the bus dropped', () => bus.counters().messagesDropped);
  app.get('/metrics', { config: { access: { right: 'system', at: 'whole' } } }, async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  return { close: () => registry.clear() };
}
