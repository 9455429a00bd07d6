// A real media host looks at cameras that lie. It may die, and is started again; what must never come: a host that neither works nor ends, one that outgrows its memory, or harm to the process that started it.
import { DEFAULT_MODEL_CARD } from '../../config/modelCard.ts';
import { startHostProcess, type HostProcess } from '../../worker/mediaHost/hostProcess.ts';
import type { FromHost } from '../../worker/mediaHost/messages.ts';
import { chanceOf } from './chances.ts';
import { WAYS, footageOf, hostileCamera, type Way } from './hostileCamera.ts';

export type MediaFigures = { inputs: number; crashes: string[]; hostDeaths: number; pictures: number; outcomes: Record<string, number>; ways: Record<string, number> };
const TEST_WITHIN_MS = 2500, ANSWER_WITHIN_MS = 8000, MEMORY_MOST_BYTES = 1500 * 1024 * 1024;

export async function fuzzMedia({ video, seed, inputsMost, untilMs }: { video: string; seed: number; inputsMost: number; untilMs: number }): Promise<MediaFigures> {
  const chance = chanceOf(seed), figures: MediaFigures = { inputs: 0, crashes: [], hostDeaths: 0, pictures: 0, outcomes: {}, ways: {} };
  const footage = await footageOf(video, 60);
  let way: Way = 'honest';
  const camera = await hostileCamera({ footage, chance, next: () => way });
  let waiting: ((said: FromHost | 'died') => void) | null = null, host: HostProcess | null = null, ending = false;
  const hostNow = (): HostProcess => {
    if (host !== null) return host;
    const started = host = startHostProcess({ modelCard: DEFAULT_MODEL_CARD, cameraNetworks: ['loopback'], streamsMost: 2, onMessage(message) { if (message.type === 'tested' || message.type === 'testFailed') waiting?.(message); } });
    void started.exited.then(() => { if (host === started) { host = null; if (!ending) figures.hostDeaths++; waiting?.('died'); } });
    return started;
  };
  for (let number = 0; number < inputsMost && Date.now() < untilMs; number++) {
    // Each tenth is honest: a host that has quietly stopped seeing anything would pass every other look.
    way = number % 10 === 0 ? 'honest' : chance.one(WAYS);
    figures.ways[way] = (figures.ways[way] ?? 0) + 1;
    figures.inputs++;
    const running = hostNow(), at = `seed ${seed} input ${number} (${way})`;
    const said = await new Promise<FromHost | 'died' | 'silent'>((done) => {
      const timer = setTimeout(() => done('silent'), ANSWER_WITHIN_MS + (number === 0 ? 20_000 : 0));
      waiting = (answer) => { clearTimeout(timer); done(answer); };
      running.send({ type: 'test', testId: String(number), source: { url: `rtsp://op:geheim@127.0.0.1:${camera.port}/s?x=1`, transport: 'tcp', loop: false }, masks: [], withinMs: TEST_WITHIN_MS });
    });
    waiting = null;
    const outcome = typeof said === 'string' ? said : said.type === 'tested' ? 'picture' : said.type === 'testFailed' ? said.problem.code : said.type;
    figures.outcomes[outcome] = (figures.outcomes[outcome] ?? 0) + 1;
    if (outcome === 'picture') figures.pictures++;
    if (way === 'honest' && outcome !== 'picture') figures.crashes.push(`${at}: an honest camera shows no picture any more (${outcome})`);
    if (way === 'redirect' && outcome !== 'addressRefused' && outcome !== 'died') figures.crashes.push(`${at}: a camera that points elsewhere was answered with ${outcome}`);
    if (outcome === 'internal') figures.crashes.push(`${at}: ${JSON.stringify((said as Extract<FromHost, { type: 'testFailed' }>).problem).slice(0, 300)}`);
    if (JSON.stringify(said).includes('geheim')) figures.crashes.push(`${at}: the password is in what it says`);
    // What ingest does with a host that says nothing: it ends it. That it can be ended is what counts.
    if (said === 'silent') { running.kill(); const ended = await Promise.race([running.exited.then(() => true), new Promise<boolean>((done) => { setTimeout(() => done(false), 5000); })]); if (!ended) figures.crashes.push(`${at}: it neither answers nor ends`); }
    if (running.rssBytes() > MEMORY_MOST_BYTES) figures.crashes.push(`${at}: ${Math.round(running.rssBytes() / 1e6)} MB`);
  }
  ending = true;
  await (host as HostProcess | null)?.end(1000);
  await camera.close();
  return figures;
}
