// Finds every kind of sensor, rule and channel that is installed: one file each, no list to keep. A broken file stops the start, by name.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RuleKind } from '../crowd/rules/ruleKind.ts';
import type { ChannelKind } from '../worker/channels/channelKind.ts';
import type { SensorKind } from '../worker/sensors/sensorKind.ts';
import { fromHome } from './settings.ts';

// The shape stands where whoever adds a kind looks for it; whoever uses kinds takes it from here.
export type { ChannelKind, RuleKind, SensorKind };

export async function loadSensorKinds(folder = fromHome('worker/sensors')): Promise<Map<string, SensorKind>> {
  const kinds = new Map<string, SensorKind>();
  for (const { file, made } of await defaultsOf(folder, 'sensorKind.ts')) {
    const kind = made as SensorKind;
    must(file, kind.kind === file.replace(/\.ts$/, ''), `its kind is "${kind.kind}", not the name of the file`);
    must(file, isObject(kind.settings) && isObject(kind.title) && isObject(kind.examples), 'settings, title or examples are missing');
    must(file, typeof kind.addressShown === 'function' && typeof kind.source === 'function', 'addressShown() or source() is missing');
    kinds.set(kind.kind, kind);
  }
  return kinds;
}

export async function loadRuleKinds(folder = fromHome('crowd/rules')): Promise<RuleKind[]> {
  const rules: RuleKind[] = [];
  for (const { file, made } of await defaultsOf(folder, 'ruleKind.ts')) {
    const rule = made as RuleKind;
    must(file, ruleName(rule) === file.replace(/\.ts$/, ''), `its rule is "${ruleName(rule)}", not the name of the file`);
    must(file, isObject(rule.settings) && isObject(rule.title), 'settings or title are missing');
    rules.push(rule);
  }
  return rules;
}

export async function loadChannelKinds(folder = fromHome('worker/channels')): Promise<Map<string, ChannelKind>> {
  const kinds = new Map<string, ChannelKind>();
  for (const { file, made } of await defaultsOf(folder, 'channelKind.ts')) {
    const kind = made as ChannelKind;
    must(file, kind.kind === file.replace(/\.ts$/, ''), `its kind is "${kind.kind}", not the name of the file`);
    must(file, isObject(kind.settings) && isObject(kind.title) && isObject(kind.examples), 'settings, title or examples are missing');
    must(file, typeof kind.send === 'function', 'send() is missing');
    kinds.set(kind.kind, kind);
  }
  return kinds;
}

/** Names of the settings that never leave the server. */
export function secretKeys(schema: unknown): string[] {
  const properties = (schema as { properties?: Record<string, { secret?: unknown }> }).properties ?? {};
  return Object.entries(properties).filter(([, property]) => property.secret === true).map(([key]) => key);
}

/** Settings as screens may see them. */
export function settingsShown(schema: unknown, settings: Record<string, unknown>): Record<string, unknown> {
  const secret = new Set(secretKeys(schema));
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !secret.has(key)));
}

async function defaultsOf(folder: string, shapeFile: string): Promise<{ file: string; made: object }[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts') && file !== shapeFile).sort();
  return await Promise.all(files.map(async (file) => {
    let made: unknown;
    try {
      made = ((await import(pathToFileURL(join(folder, file)).href)) as { default?: unknown }).default;
    } catch (error) {
      throw new Error(`${join(folder, file)} cannot be loaded: ${(error as Error).message}`, { cause: error });
    }
    must(file, isObject(made), 'it has no default export');
    return { file, made: made as object };
  }));
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const ruleName = (rule: RuleKind): string => (rule as { rule?: string; name?: string }).rule ?? (rule as { name?: string }).name ?? '';
function must(file: string, holds: boolean, says: string): asserts holds {
  if (!holds) throw new Error(`${file}: ${says}`);
}
